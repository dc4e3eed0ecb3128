import { useId, type Ref } from "react";
import type { Box } from "./bounds";
import type { Marked, Markers } from "./markers";

const kinds: Marked[] = ["changed", "added", "deleted"];

/** How the inside of a mark is hatched: each kind its own way, for those who do not tell its colour. */
const hatching: Record<Marked, string> = {
  added: "M5 2v6M2 5h6",
  changed: "M0 10 10 0M-2 2 2-2M8 12 12 8",
  deleted: "M0 0 10 10M10 0 0 10",
};

function Hatching({ id, kind }: { id: string; kind: Marked }) {
  return (
    <pattern id={`${id}-${kind}`} className="mark-hatching" data-kind={kind} width="10" height="10" patternUnits="userSpaceOnUse">
      <path d={hatching[kind]} />
    </pattern>
  );
}

/** The outline of what is looked at leaves the mark itself in sight. */
const APART = 6;

/** The marks over a picture, in scene coordinates; the picture moves them by the transform of the group `at`. */
export function Marks({ at, markers, hatched, current }: { at: Ref<SVGGElement>; markers: Markers; hatched: boolean; current: Box | null }) {
  const id = useId();
  return (
    <svg className="picture-marks" data-many={!hatched} aria-hidden="true">
      <defs>
        {kinds.map((kind) => (
          <Hatching key={kind} id={id} kind={kind} />
        ))}
      </defs>
      <g ref={at}>
        {kinds.map((kind) => markers[kind] !== "" && <path key={kind} className="mark" data-kind={kind} d={markers[kind]} fill={hatched ? `url(#${id}-${kind})` : "none"} />)}
        {current !== null && <rect className="mark-current" x={current.x - APART} y={current.y - APART} width={current.width + 2 * APART} height={current.height + 2 * APART} rx={3} />}
      </g>
    </svg>
  );
}

/** The sign of a kind of change, as the list and the legend show it. */
export function KindSign({ kind }: { kind: Marked }) {
  return (
    <svg className="kind-sign" data-kind={kind} width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <rect className="mark" data-kind={kind} x="2" y="2" width="12" height="12" fill="none" />
      {kind === "added" && <path className="kind-stroke" d="M8 5v6M5 8h6" />}
      {kind === "changed" && <path className="kind-stroke" d="M5 11 11 5" />}
      {kind === "deleted" && <path className="kind-stroke" d="M5 5l6 6M11 5l-6 6" />}
    </svg>
  );
}
