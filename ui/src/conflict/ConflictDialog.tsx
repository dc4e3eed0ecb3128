import "./conflict.css";
import { useMemo, useState } from "react";
import { asCommandError, canvasCommands, type CanvasState, type CommandError, type ConflictView, type Resolution, type SideView } from "../ipc";
import { TakeOverDialog } from "../lock/TakeOverDialog";
import { Button } from "../shared/Button";
import { FullDialog } from "../shared/FullDialog";
import { Icon } from "../shared/Icon";
import { moment } from "../shared/moment";
import { Refusal } from "../shared/Refusal";
import { t } from "../text";
import { Choices } from "./Choices";
import { CompareFailed } from "./CompareFailed";
import { CompareView, type PaneView } from "./CompareView";
import { contested } from "./differences";
import { DifferenceList } from "./DifferenceList";
import { kept, merged, open, picked, pickedAll, resolutionOf, type Picks } from "./merge";
import { MergeBar } from "./MergeBar";
import type { Scenes, Side } from "./scene";
import { useComparison, useScenes } from "./useComparison";
import { useConflictContent } from "./useConflictContent";
import { useSettled } from "./useSettled";

const { conflict: text } = t;
/** The result is drawn anew once the choosing pauses. */
const PAUSE_MS = 250;

const fetchFile = (id: string) => canvasCommands.file(id);

function sideDetail(side: SideView): string {
  const when = side.at === null ? text.notSaved : moment(side.at);
  const version = side.at === null ? text.madeOn(side.version) : text.version(side.version);
  return [version, text.by(side.by.name, side.device_name), when, text.changes(side.changes)].join(" · ");
}

/** The choices, and what the user hears about them. They outlive every update of the other side (X04). */
function useResolving(conflict: ConflictView) {
  const asks = conflict.differences.some(contested);
  const [merging, setMerging] = useState(!asks);
  const [allPicks, setPicks] = useState<Picks>(new Map());
  const [busyWith, setBusyWith] = useState<number | null>(null);
  const [error, setError] = useState<CommandError | null>(null);
  const picks = useMemo(() => kept(allPicks, conflict.differences), [allPicks, conflict.differences]);

  const resolve = async (resolution: Resolution) => {
    setBusyWith(conflict.revision);
    setError(null);
    try {
      await canvasCommands.resolve(conflict.id, conflict.revision, resolution);
    } catch (reason) {
      const refusal = asCommandError(reason);
      setBusyWith(null);
      // The update that it speaks of is on its way, and says so itself.
      if (refusal.code !== "conflict_moved") setError(refusal);
    }
  };
  return { merging, setMerging, picks, setPicks, busy: busyWith === conflict.revision, error, resolve };
}

function LockLine({ conflict, onTakeOver }: { conflict: ConflictView; onTakeOver: () => void }) {
  const { holder } = conflict;
  if (conflict.lock !== "held" || holder === null) {
    return null;
  }
  return (
    <div className="callout conflict-callout" data-testid="conflict-held" role="status">
      <Icon name="lock" />
      <span>
        {text.heldBy(holder.user.name, holder.device_name)} {!conflict.can_take_over && text.heldWays}
      </span>
      {conflict.can_take_over && (
        <Button size="small" data-testid="take-over" onClick={onTakeOver}>
          {text.takeOver}
        </Button>
      )}
    </div>
  );
}

function Updated({ conflict }: { conflict: ConflictView }) {
  const [first] = useState(conflict.revision);
  return (
    <div role="status" className="conflict-updates">
      {conflict.revision !== first && (
        <div className="callout conflict-callout" data-testid="conflict-updated">
          <Icon name="refresh" />
          <span>{text.updated(conflict.theirs.by.name, conflict.theirs.version)}</span>
        </div>
      )}
    </div>
  );
}

/** The merge as it would be, once the choosing pauses; null while there is none. */
function useResult(scenes: Scenes | null, conflict: ConflictView, picks: Picks, merging: boolean) {
  const settled = useSettled(picks, PAUSE_MS);
  const scene = useMemo(() => (merging && scenes !== null ? merged(scenes, conflict.differences, settled) : null), [merging, scenes, conflict.differences, settled]);
  return { scene, pending: settled !== picks };
}

/** Two versions of this canvas: both shown, what differs marked, and the five ways out of it (X04 to X06). */
export function ConflictDialog({ state, conflict }: { state: CanvasState; conflict: ConflictView }) {
  const { merging, setMerging, picks, setPicks, busy, error, resolve } = useResolving(conflict);
  const [current, setCurrent] = useState<string | null>(null);
  const [takingOver, setTakingOver] = useState(false);
  const { contents, failure, retry } = useConflictContent(conflict);
  const scenes = useScenes(contents);
  // What needs a choice comes first.
  const differences = useMemo(() => [...conflict.differences.filter(contested), ...conflict.differences.filter((each) => !contested(each))], [conflict.differences]);
  const comparison = useComparison(scenes, conflict.differences, current);
  const result = useResult(scenes, conflict, picks, merging);
  const resultContent = useMemo(() => contents && { ...contents.theirs, files: [...contents.theirs.files, ...contents.mine.files] }, [contents]);
  const left = useMemo(() => open(differences, picks), [differences, picks]);
  const other = conflict.theirs.by.name;
  const mayWrite = conflict.lock !== "held";

  const pane = (side: Side): PaneView => ({ testId: `conflict-${side}`, title: text[side], detail: sideDetail(conflict[side]), scene: scenes?.[side] ?? null, content: contents?.[side] ?? null });
  const resultPane: PaneView = {
    testId: "merge-preview",
    title: text.result,
    detail: text.toChoose(left.length, differences.filter(contested).length),
    ...result,
    content: resultContent,
  };
  const leave = () => {
    if (merging && picks.size > 0) setMerging(false);
    else if (!busy) void resolve({ kind: "cancel" });
  };
  return (
    <FullDialog
      title={text.title(state.name)}
      detail={text.detail(other, conflict.theirs.at === null ? null : moment(conflict.theirs.at), conflict.mine.changes)}
      testId="conflict-dialog"
      closeLabel={text.choice.cancel.title}
      onClose={leave}
    >
      <Updated conflict={conflict} />
      <div className="conflict-body">
        {failure !== null ? (
          <CompareFailed failure={failure} onRetry={retry} />
        ) : (
          <CompareView comparison={comparison} panes={{ mine: pane("mine"), theirs: pane("theirs") }} result={merging ? resultPane : null} fetchFile={fetchFile} />
        )}
        <DifferenceList
          differences={differences}
          scenes={scenes}
          words={({ mine, theirs }) => text.whoDid(mine, theirs, other)}
          picks={merging ? picks : null}
          current={current}
          onCurrent={setCurrent}
          onPick={(id, side) => setPicks((before) => picked(before, id, side))}
        />
      </div>
      <LockLine conflict={conflict} onTakeOver={() => setTakingOver(true)} />
      <Refusal error={error} ways={text.heldWays} />
      {merging && (
        <MergeBar
          differences={differences}
          left={left}
          busy={busy}
          mayWrite={mayWrite}
          onNext={setCurrent}
          onAll={(side) => setPicks(pickedAll(conflict.differences, side))}
          onCommit={() => void resolve(resolutionOf(picks))}
        />
      )}
      <Choices
        merging={merging}
        busy={busy}
        mayOverwrite={mayWrite}
        onMerge={() => setMerging(!merging)}
        onResolve={(resolution) => void resolve(resolution)}
      />
      {takingOver && !mayWrite && conflict.holder !== null && <TakeOverDialog holder={conflict.holder} onClose={() => setTakingOver(false)} />}
    </FullDialog>
  );
}
