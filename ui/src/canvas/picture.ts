/**
 * A drawing as a picture that can be moved and zoomed at no cost: drawn once, kept in halves of halves, so that a frame
 * is one copy of about as many pixels as the screen shows.
 */
import "./assets";
import * as excalidraw from "@excalidraw/excalidraw";
import type { OrderedExcalidrawElement } from "@excalidraw/excalidraw/element/types";
import type { BinaryFiles } from "@excalidraw/excalidraw/types";
import type { Box } from "../conflict/bounds";
import type { Scene } from "../conflict/scene";
import type { FileData } from "../ipc";
import type { Fields } from "./outgoing";
import { filesOf } from "./thumbnail";

interface Picture {
  elements: readonly OrderedExcalidrawElement[];
  files: BinaryFiles;
  appState: object;
  exportPadding: number;
  getDimensions: (width: number, height: number) => { width: number; height: number; scale: number };
}

// The package's own type of this function is in a package that it does not bring along.
const exportToCanvas = excalidraw.exportToCanvas as (picture: Picture) => Promise<HTMLCanvasElement>;

/** What may be shown, and where its images come from. */
export interface Subject {
  scene: Scene;
  files: readonly FileData[];
  /** The part of the scene that the picture has: the same for pictures that move together. */
  frame: Box;
  fetchFile: (id: string) => Promise<ArrayBuffer>;
}

/** A picture at falling sizes, each half of the one before. */
export interface Levels {
  frame: Box;
  canvases: readonly HTMLCanvasElement[];
}

/** Sharp enough to read at twice the size, and never more memory than a photograph. */
const SHARPEST = 2;
const MOST_PIXELS = 8_000_000;
const LONGEST_SIDE = 8_000;
const SMALLEST_LEVEL = 120;

function scaleFor({ width, height }: Box): number {
  return Math.min(SHARPEST, LONGEST_SIDE / Math.max(width, height), Math.sqrt(MOST_PIXELS / (width * height)));
}

/** Nothing to see, but it makes every picture of a frame begin and end where the frame does. */
function corners({ x, y, width, height }: Box): Fields {
  return { type: "rectangle", id: "frame-of-the-picture", x, y, width, height, angle: 0, opacity: 0, strokeColor: "transparent", backgroundColor: "transparent", roughness: 0, strokeWidth: 1, seed: 1 };
}

/**
 * Elements in the order they come in. Their own `index` is left out: two sides of a merge may have the same one twice, and
 * then the drawing part refuses all of them.
 */
function inOrder(elements: Fields[]): OrderedExcalidrawElement[] {
  const list = elements.map((fields) => ({ ...structuredClone(fields), index: null }) as unknown as OrderedExcalidrawElement);
  return excalidraw.restoreElements(list, null, { refreshDimensions: false, repairBindings: false });
}

function halved(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const half = document.createElement("canvas");
  half.width = Math.max(1, Math.round(canvas.width / 2));
  half.height = Math.max(1, Math.round(canvas.height / 2));
  half.getContext("2d")?.drawImage(canvas, 0, 0, half.width, half.height);
  return half;
}

async function drawn({ scene, files, frame, fetchFile }: Subject): Promise<Levels> {
  const elements = inOrder([corners(frame), ...scene.values()]);
  const scale = scaleFor(frame);
  const first = await exportToCanvas({
    elements,
    files: await filesOf(elements, [...files], fetchFile),
    appState: { exportBackground: false, exportWithDarkMode: false, viewBackgroundColor: "transparent" },
    exportPadding: 0,
    getDimensions: (width, height) => ({ width: Math.ceil(width * scale), height: Math.ceil(height * scale), scale }),
  });
  const canvases = [first];
  for (let last = first; Math.max(last.width, last.height) > SMALLEST_LEVEL; ) {
    last = halved(last);
    canvases.push(last);
  }
  return { frame, canvases };
}

let turn: Promise<unknown> = Promise.resolve();

/** Draws a picture. One at a time, with a breath between, so that the first is seen before the second is begun. */
export function drawPicture(subject: Subject): Promise<Levels> {
  const mine = turn.then(async () => {
    await new Promise((resume) => setTimeout(resume, 16));
    return drawn(subject);
  });
  turn = mine.catch(() => undefined);
  return mine;
}
