import { useEffect, useRef, type ReactNode, type RefObject } from "react";
import type { CanvasContent, FileData } from "../ipc";
import { IconButton } from "../shared/Button";
import { t } from "../text";
import { padded, union, type Box } from "./bounds";
import { KindSign } from "./Marks";
import { unmarked } from "./markers";
import { Picture } from "./Picture";
import type { Scene, Side } from "./scene";
import type { Comparison } from "./useComparison";

const { conflict: text } = t;

/** One picture with its words. */
export interface PaneView {
  testId: string;
  title: string;
  detail: ReactNode;
  scene: Scene | null;
  /** Whether the scene is about to be another. */
  pending?: boolean;
  content: CanvasContent | null;
}

interface CompareViewProps {
  comparison: Comparison;
  /** `theirs` is null where there is one drawing to look at. */
  panes: { mine: PaneView; theirs: PaneView | null };
  /** What would come of a merge. */
  result: PaneView | null;
  fetchFile: (id: string) => Promise<ArrayBuffer>;
}

/** What is round an element that is looked at, in scene units. */
const SURROUNDINGS = 200;
const noFiles: FileData[] = [];

function paperOf(content: CanvasContent | null): string {
  const paper = (content?.app_state as Record<string, unknown> | null | undefined)?.["viewBackgroundColor"];
  return typeof paper === "string" && CSS.supports("color", paper) ? paper : "#ffffff";
}

function sizeOf(picture: Element | null | undefined) {
  return { width: picture?.clientWidth ?? 0, height: picture?.clientHeight ?? 0 };
}

/** Shows everything at first and in each new size, and each difference that is chosen. */
function useLooking({ view, frame, current }: Comparison, box: RefObject<HTMLElement | null>): void {
  const last = useRef<Box | null>(null);
  useEffect(() => {
    const picture = box.current?.querySelector(".picture");
    const chosen = union([current.mine, current.theirs].filter((each) => each !== null));
    const look = () => {
      if (chosen === null) view.fit(frame, sizeOf(picture));
      else view.lookAt(padded(chosen, SURROUNDINGS), frame, sizeOf(picture));
    };
    // What was chosen stays where it is when it is no longer.
    const left = chosen === null && last.current !== null;
    if (!left) look();
    last.current = chosen;
    if (picture === null || picture === undefined) {
      return;
    }
    let known = sizeOf(picture);
    const resized = new ResizeObserver(() => {
      const size = sizeOf(picture);
      if (size.width !== known.width || size.height !== known.height) look();
      known = size;
    });
    resized.observe(picture);
    return () => resized.disconnect();
  }, [view, frame, current, box]);
}

const kinds = ["added", "changed", "deleted"] as const;

function Pane({ pane, comparison, side, fetchFile }: { pane: PaneView; comparison: Comparison; side: Side | null; fetchFile: CompareViewProps["fetchFile"] }) {
  const { frame, view, hatched } = comparison;
  return (
    <section className="pane" aria-label={pane.title}>
      <header className="pane-head" data-side={side ?? "result"}>
        <h3>{pane.title}</h3>
        <p className="selectable">{pane.detail}</p>
      </header>
      <Picture
        testId={pane.testId}
        label={text.pictureOf(pane.title)}
        scene={pane.scene}
        pending={pane.pending ?? false}
        files={pane.content?.files ?? noFiles}
        paper={paperOf(pane.content)}
        frame={frame}
        view={view}
        fetchFile={fetchFile}
        markers={side === null ? unmarked : comparison.markers[side]}
        hatched={hatched}
        current={side === null ? (comparison.current.mine ?? comparison.current.theirs) : comparison.current[side]}
      />
    </section>
  );
}

function Tools({ comparison, legend, fit }: { comparison: Comparison; legend: boolean; fit: () => void }) {
  return (
    <div className="compare-tools" role="toolbar" aria-label={text.view}>
      {legend && kinds.map((kind) => (
        <span key={kind} className="legend">
          <KindSign kind={kind} />
          {text.kinds[kind]}
        </span>
      ))}
      <span className="bar-space" />
      <IconButton icon="minus" label={text.zoomOut} onClick={() => comparison.view.zoomBy(0.8)} />
      <IconButton icon="add" label={text.zoomIn} onClick={() => comparison.view.zoomBy(1.25)} />
      <IconButton icon="fit" label={text.fit} onClick={fit} />
    </div>
  );
}

/** Two drawings side by side, moved and zoomed as one, with what differs marked; and what would come of a merge. */
export function CompareView({ comparison, panes, result, fetchFile }: CompareViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const { view, frame } = comparison;
  useLooking(comparison, box);
  const fit = () => {
    const picture = box.current?.querySelector(".picture");
    view.fit(frame, { width: picture?.clientWidth ?? 0, height: picture?.clientHeight ?? 0 });
  };
  return (
    <div ref={box} className="compare" data-panes={panes.theirs === null ? 1 : 2} data-result={result !== null}>
      <Tools comparison={comparison} legend={panes.theirs !== null} fit={fit} />
      <Pane pane={panes.mine} comparison={comparison} side="mine" fetchFile={fetchFile} />
      {panes.theirs !== null && <Pane pane={panes.theirs} comparison={comparison} side="theirs" fetchFile={fetchFile} />}
      {result !== null && <Pane pane={result} comparison={comparison} side={null} fetchFile={fetchFile} />}
    </div>
  );
}
