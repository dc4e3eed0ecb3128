import { create } from "zustand";
import type { CanvasContent, CanvasState, PersonView } from "../ipc";
import { reading, type Reading } from "../shared/useCountdown";

interface CanvasStore {
  /** What the host says of this window; null until it has answered. */
  state: CanvasState | null;
  /** When it said so: its durations count from then. */
  told: Reading;
  people: PersonView[];
  /** The drawing as it was first fetched. */
  content: CanvasContent | null;
  /** Why there is none. */
  failure: string | null;
  /** The document's version on screen. */
  version: number;
}

/** What a canvas window shows beside the drawing. Only the host changes it. */
export const useCanvas = create<CanvasStore>(() => ({ state: null, told: reading(), people: [], content: null, failure: null, version: 0 }));
