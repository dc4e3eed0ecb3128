/** The document's side of a drawing: from bytes to what the drawing part takes, and back. */
import type { CanvasContent, FileData } from "../ipc";
import type { Fields } from "./outgoing";

/** Reads what `canvas_content` answered. */
export function readContent(bytes: ArrayBuffer): CanvasContent {
  return JSON.parse(new TextDecoder().decode(bytes)) as CanvasContent;
}

/** The document's JSON of each element. */
export function originals(content: CanvasContent): Map<string, Fields> {
  return new Map(content.elements.map(({ id, data }) => [id, data as Fields]));
}

/** A file's bytes as the drawing part wants them. */
export function toDataUrl(bytes: ArrayBuffer, mimeType: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new Error("the file could not be read"));
    reader.readAsDataURL(new Blob([bytes], { type: mimeType }));
  });
}

/** The bytes of a `data:` URL. */
export function fromDataUrl(url: string): Uint8Array {
  const comma = url.indexOf(",");
  const body = url.slice(comma + 1);
  if (!/;base64$/i.test(url.slice(0, comma))) {
    return new TextEncoder().encode(decodeURIComponent(body));
  }
  return Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
}

/** The MIME type that a file entry names. */
export function mimeTypeOf({ data }: FileData): string {
  const type = (data as Fields | null)?.["mimeType"];
  return typeof type === "string" ? type : "application/octet-stream";
}

/** The fields of the view's state that belong into the document: background and grid. */
const DOCUMENT_FIELDS = ["viewBackgroundColor", "gridSize", "gridStep", "gridModeEnabled"] as const;

/** Those fields of the view's state. */
export function documentFields(appState: object): Fields {
  const all = appState as Fields;
  return Object.fromEntries(DOCUMENT_FIELDS.map((key) => [key, all[key]]));
}
