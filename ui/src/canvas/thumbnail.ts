/** A canvas in small, as a PNG. */
import "./assets";
import * as excalidraw from "@excalidraw/excalidraw";
import type { OrderedExcalidrawElement } from "@excalidraw/excalidraw/element/types";
import type { BinaryFileData, BinaryFiles } from "@excalidraw/excalidraw/types";
import { originals, readContent } from "./content";
import { fetched, pickDocumentFields, restored } from "./drawing";
import type { Fields } from "./outgoing";

interface Picture {
  elements: readonly OrderedExcalidrawElement[];
  files: BinaryFiles;
  appState: object;
  exportPadding: number;
  maxWidthOrHeight: number;
  mimeType: string;
}

// The package's own type of this function is in a package that it does not bring along.
const exportToBlob = excalidraw.exportToBlob as (picture: Picture) => Promise<Blob>;

/** Twice the card's width, for dense screens. */
const LONGEST_SIDE = 640;

/** The files that elements show, as far as they can be had. */
export async function filesOf(elements: readonly { type: string; fileId?: string | null }[], files: { id: string; data: unknown }[], fetchFile: (id: string) => Promise<ArrayBuffer>): Promise<BinaryFiles> {
  const used = new Set(elements.map(({ fileId }) => fileId));
  const found: Record<string, BinaryFileData> = {};
  for (const file of files.filter(({ id }) => used.has(id))) {
    try {
      found[file.id] = await fetched(file, fetchFile);
    } catch {
      // A picture without one of its images is still a picture.
    }
  }
  return found;
}

/** Draws a canvas; null where nothing is on it. */
export async function drawThumbnail(bytes: ArrayBuffer, fetchFile: (id: string) => Promise<ArrayBuffer>): Promise<Blob | null> {
  const content = readContent(bytes);
  const elements = restored(originals(content).values()).filter((element) => !element.isDeleted);
  if (elements.length === 0) {
    return null;
  }
  return exportToBlob({
    elements,
    files: await filesOf(elements, content.files, fetchFile),
    appState: { ...pickDocumentFields(content.app_state as Fields), exportBackground: true },
    exportPadding: 24,
    maxWidthOrHeight: LONGEST_SIDE,
    mimeType: "image/png",
  });
}
