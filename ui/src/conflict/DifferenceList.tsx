import { useEffect, useId, useRef, type KeyboardEvent } from "react";
import type { DifferenceView } from "../ipc";
import { useWindowedRows } from "../shared/useWindowedRows";
import { t } from "../text";
import { contested } from "./differences";
import { ElementSign } from "./ElementSign";
import { sideOf, type Picks } from "./merge";
import { KindSign } from "./Marks";
import type { Scenes, Side } from "./scene";

const { conflict: text } = t;
/** As the style sheet has it. */
const ROW = 52;

interface DifferenceListProps {
  differences: readonly DifferenceView[];
  /** Null while they are on their way: then the elements are not shown in small. */
  scenes: Scenes | null;
  /** What each side did to one, in words. */
  words: (difference: DifferenceView) => string;
  /** The choices, while merging. */
  picks: Picks | null;
  current: string | null;
  onCurrent: (id: string) => void;
  onPick?: (id: string, side: Side) => void;
}

/** What a side has of an element; what it deleted is shown as it was. */
function SideSign({ scenes, id, side }: { scenes: Scenes | null; id: string; side: Side }) {
  const fields = scenes?.[side].get(id);
  return <ElementSign fields={fields ?? scenes?.base.get(id)} gone={fields === undefined} />;
}

const sidesOf = ["mine", "theirs"] as const;

function PickButtons({ difference, scenes, picks, onPick, reachable }: { difference: DifferenceView; scenes: Scenes | null; picks: Picks; onPick: (side: Side) => void; reachable: boolean }) {
  const chosen = picks.get(difference.element_id);
  const sides = [
    { side: "mine", testId: "pick-mine", word: text.pickMine, label: text.pickMineOf(difference.label) },
    { side: "theirs", testId: "pick-theirs", word: text.pickTheirs, label: text.pickTheirsOf(difference.label) },
  ] as const;
  return (
    <span className="picks" role="gridcell">
      {sides.map(({ side, testId, word, label }) => (
        <button
          key={side}
          type="button"
          className="pick"
          data-testid={testId}
          data-side={side}
          aria-pressed={chosen === side}
          aria-label={label}
          tabIndex={reachable ? 0 : -1}
          onClick={(event) => {
            event.stopPropagation();
            onPick(side);
          }}
        >
          <SideSign scenes={scenes} id={difference.element_id} side={side} />
          {word}
        </button>
      ))}
    </span>
  );
}

interface RowProps extends Omit<DifferenceListProps, "differences"> {
  difference: DifferenceView;
  row: number;
  reachable: boolean;
}

function Row({ difference, scenes, row, words, picks, current, reachable, onCurrent, onPick }: RowProps) {
  const { element_id: id, label, mine, theirs } = difference;
  const side = sideOf(difference, picks ?? new Map());
  const asks = picks !== null && contested(difference);
  return (
    // The keys are heard by the list, which knows the rows before and after.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      className="difference"
      role="row"
      data-testid="difference"
      data-id={id}
      data-mine={mine}
      data-theirs={theirs}
      data-open={asks && side === null}
      data-row={row}
      aria-rowindex={row + 1}
      aria-selected={current === id}
      tabIndex={reachable ? 0 : -1}
      style={{ top: row * ROW }}
      onClick={() => onCurrent(id)}
    >
      <span className="difference-signs" role="gridcell">
        {mine !== "same" && <KindSign kind={mine} />}
        {theirs !== "same" && theirs !== mine && <KindSign kind={theirs} />}
      </span>
      <span className="difference-words" role="gridcell">
        <span className="difference-label">
          {!asks && sidesOf.map((each) => difference[each] !== "same" && <SideSign key={each} scenes={scenes} id={id} side={each} />)}
          {label}
        </span>
        <span className="difference-who">
          {words(difference)}
          {picks !== null && !asks && side !== null && ` · ${text.takenFrom[side]}`}
        </span>
      </span>
      {asks && (
        <PickButtons
          difference={difference}
          scenes={scenes}
          picks={picks}
          reachable={reachable}
          onPick={(chosen) => {
            onCurrent(id);
            onPick?.(id, chosen);
          }}
        />
      )}
    </div>
  );
}

/** Moves the focus with the keys; the row that has it is the one that the pictures show. */
function useKeys({ differences, current, picks, onCurrent, onPick }: DifferenceListProps, reveal: (row: number) => void, list: HTMLElementRef) {
  const wanted = useRef(false);
  const at = differences.findIndex((difference) => difference.element_id === current);
  useEffect(() => {
    if (at >= 0) reveal(at);
    if (wanted.current) {
      wanted.current = false;
      list.current?.querySelector<HTMLElement>(`[data-row="${at}"]`)?.focus();
    }
  }, [at, reveal, list]);
  return (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -differences.length, End: differences.length };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = differences[Math.min(differences.length - 1, Math.max(0, (at < 0 && step > 0 ? -1 : at) + step))];
      if (next !== undefined) {
        wanted.current = true;
        onCurrent(next.element_id);
      }
      return;
    }
    const difference = differences[at];
    const side = event.key === "ArrowLeft" ? "mine" : event.key === "ArrowRight" ? "theirs" : null;
    if (side !== null && picks !== null && difference !== undefined && contested(difference)) {
      event.preventDefault();
      onPick?.(difference.element_id, side);
    }
  };
}

type HTMLElementRef = ReturnType<typeof useWindowedRows>["list"];

/** Every difference; of thousands only those in sight are in the page. */
export function DifferenceList(props: DifferenceListProps) {
  const { differences, current, picks } = props;
  const id = useId();
  const { list, first, end, reveal } = useWindowedRows(differences.length, ROW);
  const onKeyDown = useKeys(props, reveal, list);
  const at = Math.max(
    0,
    differences.findIndex((difference) => difference.element_id === current),
  );
  return (
    <section className="differences">
      <h3 id={`${id}-title`}>{text.differencesCount(differences.length)}</h3>
      <p id={`${id}-keys`} className="visually-hidden">
        {picks === null ? text.listKeys : text.mergeKeys}
      </p>
      {differences.length === 0 && <p className="differences-none">{text.none}</p>}
      {/* Its rows take the focus, one at a time. */}
      {/* eslint-disable-next-line jsx-a11y/interactive-supports-focus */}
      <div ref={list} className="difference-rows" data-testid="conflict-differences" role="grid" aria-labelledby={`${id}-title`} aria-describedby={`${id}-keys`} aria-rowcount={differences.length} onKeyDown={onKeyDown}>
        <div className="difference-space" role="presentation" style={{ height: differences.length * ROW }}>
          {differences.slice(first, end).map((difference, offset) => (
            <Row key={difference.element_id} {...props} difference={difference} row={first + offset} reachable={first + offset === at} />
          ))}
        </div>
      </div>
    </section>
  );
}
