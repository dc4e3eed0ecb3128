/** A drawing as a comparison takes it: its live elements by id, in drawing order. */
import type { Fields } from "../canvas/outgoing";
import { byIndex } from "../canvas/remote";
import type { CanvasContent } from "../ipc";

export type Scene = ReadonlyMap<string, Fields>;

/** One drawing of a comparison. */
export type Side = "mine" | "theirs";

/** The drawings of a comparison: two, and what both were made on. */
export type Scenes = Readonly<Record<Side | "base", Scene>>;

const placed = (id: string, fields: Fields) => ({ id, index: typeof fields["index"] === "string" ? fields["index"] : null });

/** The elements of a drawing that are not deleted. */
export function sceneOf(content: CanvasContent): Scene {
  const live = content.elements.map(({ id, data }) => [id, data as Fields] as const).filter(([, fields]) => fields["isDeleted"] !== true);
  return inOrder(live);
}

/** Elements in drawing order. */
export function inOrder(elements: Iterable<readonly [string, Fields]>): Scene {
  return new Map([...elements].sort(([a, left], [b, right]) => byIndex(placed(a, left), placed(b, right))));
}
