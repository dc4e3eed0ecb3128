import { useMemo, useState } from "react";
import type { CanvasContent, DifferenceView } from "../ipc";
import { padded, union, boxOf, type Box } from "./bounds";
import { HATCHED, markersOf, placeOf, unmarked, type Markers } from "./markers";
import { sceneOf, type Scenes, type Side } from "./scene";
import { SharedView } from "./sharedView";

export interface Contents {
  base: CanvasContent;
  mine: CanvasContent;
  theirs: CanvasContent;
}

/** All that the pictures of a comparison share. */
export interface Comparison {
  frame: Box;
  view: SharedView;
  markers: Record<Side, Markers>;
  hatched: boolean;
  current: Record<Side, Box | null>;
}

const NOTHING: Box = { x: 0, y: 0, width: 800, height: 500 };
const MARGIN = 40;

/** The three drawings as scenes. */
export function useScenes(contents: Contents | null): Scenes | null {
  return useMemo(() => (contents === null ? null : { base: sceneOf(contents.base), mine: sceneOf(contents.mine), theirs: sceneOf(contents.theirs) }), [contents]);
}

function frameOf(scenes: Scenes): Box {
  const all = [scenes.base, scenes.mine, scenes.theirs].flatMap((scene) => [...scene.values()].map(boxOf));
  return padded(union(all) ?? NOTHING, MARGIN);
}

/** The earlier of two states shows what will become of it, as nobody did anything to it. */
function marksBefore(scenes: Scenes, differences: readonly DifferenceView[]): Markers {
  return markersOf(
    scenes,
    "mine",
    differences.map((each) => ({ ...each, mine: each.theirs === "added" ? "same" : each.theirs })),
  );
}

/** What the pictures show; `twoStates`: the left is the base of the right. */
export function useComparison(scenes: Scenes | null, differences: readonly DifferenceView[], currentId: string | null, twoStates = false): Comparison {
  const [view] = useState(() => new SharedView());
  const frame = useMemo(() => (scenes === null ? NOTHING : frameOf(scenes)), [scenes]);
  const markers = useMemo(() => {
    if (scenes === null) return { mine: unmarked, theirs: unmarked };
    return { mine: twoStates ? marksBefore(scenes, differences) : markersOf(scenes, "mine", differences), theirs: markersOf(scenes, "theirs", differences) };
  }, [scenes, differences, twoStates]);
  const current = useMemo(() => {
    if (scenes === null || currentId === null) return { mine: null, theirs: null };
    return { mine: placeOf(scenes, "mine", currentId), theirs: placeOf(scenes, "theirs", currentId) };
  }, [scenes, currentId]);
  return { frame, view, markers, hatched: differences.length <= HATCHED, current };
}
