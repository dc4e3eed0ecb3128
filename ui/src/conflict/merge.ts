/**
 * A merge in the making: the user's word on each element that both sides changed, and what would come of it (X05). The
 * merge itself is the host's; this shows the same before it is made.
 */
import type { DifferenceView, Resolution } from "../ipc";
import { contested } from "./differences";
import { inOrder, type Scene, type Scenes, type Side } from "./scene";

/** Which side is taken, by element. */
export type Picks = ReadonlyMap<string, Side>;

/** The choices that still apply to a conflict that was updated: none is lost that has a meaning. */
export function kept(picks: Picks, differences: readonly DifferenceView[]): Picks {
  const asked = new Set(differences.filter(contested).map((difference) => difference.element_id));
  return new Map([...picks].filter(([id]) => asked.has(id)));
}

/** One element's choice made, or made anew. */
export function picked(picks: Picks, id: string, side: Side): Picks {
  return new Map([...picks, [id, side]]);
}

/** The same choice for all that is asked. */
export function pickedAll(differences: readonly DifferenceView[], side: Side): Picks {
  return new Map(differences.filter(contested).map((difference) => [difference.element_id, side]));
}

/** What nobody has chosen yet. */
export function open(differences: readonly DifferenceView[], picks: Picks): string[] {
  return differences.filter((difference) => contested(difference) && !picks.has(difference.element_id)).map((difference) => difference.element_id);
}

/** The side that an element is taken from; null while that is open. */
export function sideOf(difference: DifferenceView, picks: Picks): Side | null {
  if (contested(difference)) {
    return picks.get(difference.element_id) ?? null;
  }
  return difference.mine === "same" ? "theirs" : "mine";
}

/** The drawing that a merge would make. What is still open is shown as it is on the server. */
export function merged({ mine, theirs }: Scenes, differences: readonly DifferenceView[], picks: Picks): Scene {
  const result = new Map(theirs);
  for (const difference of differences) {
    if (sideOf(difference, picks) !== "mine") {
      continue;
    }
    const id = difference.element_id;
    const fields = mine.get(id);
    if (fields === undefined) {
      result.delete(id);
    } else {
      result.set(id, fields);
    }
  }
  return inOrder(result);
}

/** The choices as the host takes them. */
export function resolutionOf(picks: Picks): Extract<Resolution, { kind: "merge" }> {
  const of = (side: Side) => [...picks].filter(([, chosen]) => chosen === side).map(([id]) => id);
  return { kind: "merge", mine: of("mine"), theirs: of("theirs") };
}
