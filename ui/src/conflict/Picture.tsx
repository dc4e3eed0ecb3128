import { memo, useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import type { Levels } from "../canvas/picture";
import type { FileData } from "../ipc";
import { t } from "../text";
import type { Box } from "./bounds";
import type { Markers } from "./markers";
import { Marks } from "./Marks";
import type { Scene } from "./scene";
import type { SharedView } from "./sharedView";
import { useGestures } from "./useGestures";

export interface PictureProps {
  testId: string;
  label: string;
  /** Null while it is on its way. */
  scene: Scene | null;
  /** Whether the scene is about to be another. */
  pending?: boolean;
  files: readonly FileData[];
  /** The drawing's own background. */
  paper: string;
  frame: Box;
  view: SharedView;
  fetchFile: (id: string) => Promise<ArrayBuffer>;
  markers: Markers;
  hatched: boolean;
  current: Box | null;
}

interface Drawn {
  levels: Levels | null;
  /** What they show. */
  of: Scene | null;
  failed: boolean;
}

/** Draws the scene in the background; keeps the last picture until the next is there. */
function useLevels({ scene, files, frame, fetchFile }: PictureProps): Drawn {
  const [drawing, setDrawing] = useState<Drawn>({ levels: null, of: null, failed: false });
  useEffect(() => {
    if (scene === null) {
      return;
    }
    let current = true;
    import("../canvas/picture")
      .then(({ drawPicture }) => (current ? drawPicture({ scene, files, frame, fetchFile }) : null))
      .then(
        (drawn) => {
          if (!current || drawn === null) return;
          setDrawing({ levels: drawn, of: scene, failed: false });
        },
        (reason: unknown) => {
          console.warn("a picture could not be drawn", reason);
          if (current) setDrawing((before) => ({ ...before, failed: true }));
        },
      );
    return () => {
      current = false;
    };
  }, [scene, files, frame, fetchFile]);
  return drawing;
}

type PictureState = "drawing" | "updating" | "ready" | "failed";

/** Whether what is seen is what is asked for. */
function stateOf({ levels, of, failed }: Drawn, { scene, pending = false }: PictureProps): PictureState {
  if (failed) return "failed";
  if (levels === null) return "drawing";
  return pending || of !== scene ? "updating" : "ready";
}

/** Copies the part that is looked at to the screen, once a frame at most. */
function paint(canvas: HTMLCanvasElement, marks: SVGGElement | null, levels: Levels | null, view: SharedView): void {
  const ratio = window.devicePixelRatio;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const { x, y, zoom } = view.current;
  marks?.setAttribute("transform", `translate(${width / 2} ${height / 2}) scale(${zoom}) translate(${-x} ${-y})`);
  // The hatching keeps its size on screen.
  for (const pattern of marks?.ownerSVGElement?.querySelectorAll("pattern") ?? []) pattern.setAttribute("patternTransform", `scale(${1 / zoom})`);
  const context = canvas.getContext("2d");
  if (context === null) {
    return;
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (levels === null) {
    return;
  }
  const scale = zoom * ratio;
  const { frame } = levels;
  const wanted = frame.width * scale;
  const level = levels.canvases.findLast((each) => each.width >= wanted) ?? levels.canvases[0];
  if (level !== undefined) {
    context.imageSmoothingQuality = "high";
    context.setTransform(scale, 0, 0, scale, canvas.width / 2 - x * scale, canvas.height / 2 - y * scale);
    context.drawImage(level, frame.x, frame.y, frame.width, frame.height);
  }
}

const STEP = 60;

function onKeyDown(event: KeyboardEvent, view: SharedView, fit: () => void): void {
  const moves: Record<string, () => void> = {
    ArrowLeft: () => view.pan(-STEP, 0),
    ArrowRight: () => view.pan(STEP, 0),
    ArrowUp: () => view.pan(0, -STEP),
    ArrowDown: () => view.pan(0, STEP),
    "+": () => view.zoomBy(1.25),
    "=": () => view.zoomBy(1.25),
    "-": () => view.zoomBy(0.8),
    "0": fit,
  };
  const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
  if (move !== undefined) {
    event.preventDefault();
    move();
  }
}

/** A drawing that one can look round in, together with others that share its view. */
export const Picture = memo(function Picture(props: PictureProps) {
  const { testId, label, scene, paper, view, frame, markers, hatched, current } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const marks = useRef<SVGGElement>(null);
  const hint = useId();
  const drawn = useLevels(props);
  const { levels } = drawn;
  const state = stateOf(drawn, props);

  useEffect(() => {
    let frameId = 0;
    const show = () => {
      frameId = 0;
      if (canvas.current !== null) paint(canvas.current, marks.current, levels, view);
    };
    const soon = () => {
      if (frameId === 0) frameId = requestAnimationFrame(show);
    };
    soon();
    const stop = view.subscribe(soon);
    const resized = new ResizeObserver(soon);
    if (canvas.current !== null) resized.observe(canvas.current);
    return () => {
      stop();
      resized.disconnect();
      cancelAnimationFrame(frameId);
    };
  }, [levels, view, markers, current]);
  useGestures(box, view);

  const fit = () => {
    if (box.current !== null) view.fit(frame, { width: box.current.clientWidth, height: box.current.clientHeight });
  };
  return (
    // A picture that one can move has to take the keyboard, whatever its role.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={box}
      className="picture"
      data-testid={testId}
      data-state={state}
      role="group"
      aria-label={label}
      aria-describedby={hint}
      aria-busy={state === "drawing" || state === "updating"}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onKeyDown={(event) => onKeyDown(event, view, fit)}
    >
      <div className="picture-paper" style={{ backgroundColor: paper }}>
        <canvas ref={canvas} />
      </div>
      <Marks at={marks} markers={markers} hatched={hatched} current={current} />
      <span id={hint} className="visually-hidden">
        {t.conflict.pictureKeys}
      </span>
      {state === "drawing" && <span className="picture-note">{t.conflict.drawing}</span>}
      {state === "failed" && <span className="picture-note">{t.conflict.notDrawn}</span>}
      {scene?.size === 0 && levels !== null && <span className="picture-note">{t.grid.blank}</span>}
    </div>
  );
});
