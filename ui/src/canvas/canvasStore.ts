import { create } from "zustand";
import type { CanvasContent, CanvasState, PersonView } from "../ipc";

interface CanvasStore {
  /** What the host says of this window; null until it has answered. */
  state: CanvasState | null;
  people: PersonView[];
  /** The drawing as it was first fetched. */
  content: CanvasContent | null;
  /** Why there is none. */
  failure: string | null;
  /** The document's version on screen. */
  version: number;
}

/** What a canvas window shows beside the drawing. Only the host changes it. */
export const useCanvas = create<CanvasStore>(() => ({ state: null, people: [], content: null, failure: null, version: 0 }));
