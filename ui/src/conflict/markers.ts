/** Where a side's picture is marked: one outline for each kind of change, so that thousands are drawn as three. */
import type { ChangeKind, DifferenceView } from "../ipc";
import { boxOf, padded, type Box } from "./bounds";
import type { Scenes, Side } from "./scene";

/** Kinds of change that are marked. */
export type Marked = Exclude<ChangeKind, "same">;
/** An outline in scene coordinates for each kind. */
export type Markers = Record<Marked, string>;

/** More than this and the hatching inside of the marks would hide the drawing, and cost more than it says. */
export const HATCHED = 400;
const ROOM = 4;

const outline = ({ x, y, width, height }: Box) => `M${x} ${y}h${width}v${height}h${-width}z`;
const cross = ({ x, y, width, height }: Box) => `M${x} ${y}l${width} ${height}M${x + width} ${y}l${-width} ${height}`;

/** Where an element is on a side; one that the side deleted is where it was. */
export function placeOf(scenes: Scenes, side: Side, id: string): Box | null {
  const fields = scenes[side].get(id) ?? scenes.base.get(id) ?? scenes[side === "mine" ? "theirs" : "mine"].get(id);
  return fields === undefined ? null : padded(boxOf(fields), ROOM);
}

/** The marks of one side's picture. */
export function markersOf(scenes: Scenes, side: Side, differences: readonly DifferenceView[]): Markers {
  const paths: Record<Marked, string[]> = { added: [], changed: [], deleted: [] };
  for (const difference of differences) {
    const kind = difference[side];
    const box = kind === "same" ? null : placeOf(scenes, side, difference.element_id);
    if (kind === "same" || box === null) {
      continue;
    }
    paths[kind].push(kind === "deleted" ? outline(box) + cross(box) : outline(box));
  }
  return { added: paths.added.join(""), changed: paths.changed.join(""), deleted: paths.deleted.join("") };
}

/** No marks. */
export const unmarked: Markers = { added: "", changed: "", deleted: "" };
