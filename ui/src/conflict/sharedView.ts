/** What several pictures show, so that they move as one: the scene's point in their middle, and how large it is. */
import type { Box } from "./bounds";

export interface View {
  x: number;
  y: number;
  /** Pixels of the screen for one unit of the scene. */
  zoom: number;
}

export interface Size {
  width: number;
  height: number;
}

const SMALLEST = 0.01;
const LARGEST = 8;
/** The share of the picture that what is shown fills. */
const FILLS = 0.92;
/** An element that is looked at is not shown larger than this. */
const CLOSEST = 1.25;

/** Closer than this by so little is not worth losing sight of the rest. */
const HARDLY_LARGER = 1.6;

const clamp = (zoom: number) => Math.min(LARGEST, Math.max(SMALLEST, zoom));

/** How large a box is shown when all of it is. */
function zoomFor(box: Box, size: Size): number {
  const zoom = Math.min(size.width / Math.max(1, box.width), size.height / Math.max(1, box.height)) * FILLS;
  return clamp(Math.min(zoom, CLOSEST));
}

export class SharedView {
  private view: View = { x: 0, y: 0, zoom: 1 };
  private readonly listeners = new Set<() => void>();

  get current(): View {
    return this.view;
  }

  /** Calls back after each change. Answers how to stop. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Moves what is shown by pixels of the screen. */
  pan(dx: number, dy: number): void {
    const { x, y, zoom } = this.view;
    this.set({ x: x + dx / zoom, y: y + dy / zoom, zoom });
  }

  /** Zooms; the scene stays where it is under a point given in pixels from the middle. */
  zoomBy(factor: number, fromMiddle = { x: 0, y: 0 }): void {
    const { x, y, zoom } = this.view;
    const next = clamp(zoom * factor);
    this.set({ x: x + fromMiddle.x / zoom - fromMiddle.x / next, y: y + fromMiddle.y / zoom - fromMiddle.y / next, zoom: next });
  }

  /** Shows all of a box. */
  fit(box: Box, size: Size): void {
    if (size.width > 0 && size.height > 0) {
      this.set({ x: box.x + box.width / 2, y: box.y + box.height / 2, zoom: zoomFor(box, size) });
    }
  }

  /** Shows a part closely; all of it where the part would hardly be larger. */
  lookAt(part: Box, whole: Box, size: Size): void {
    this.fit(zoomFor(part, size) < zoomFor(whole, size) * HARDLY_LARGER ? whole : part, size);
  }

  private set(view: View): void {
    this.view = view;
    for (const listener of this.listeners) listener();
  }
}
