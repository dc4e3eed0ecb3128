/**
 * One drawing on screen: takes the document in, others' changes too, and tells the host of the user's own. Knows
 * Excalidraw's imperative interface and no React.
 */
import "./assets";
import { CaptureUpdateAction, newElementWith, restoreElements } from "@excalidraw/excalidraw";
import type { ExcalidrawElement, OrderedExcalidrawElement } from "@excalidraw/excalidraw/element/types";
import type { AppState, BinaryFileData, BinaryFiles, Collaborator, ExcalidrawImperativeAPI, SocketId } from "@excalidraw/excalidraw/types";
import type { CanvasContent, Edit, FileData } from "../ipc";
import { documentFields, fromDataUrl, mimeTypeOf, originals, toDataUrl } from "./content";
import { equal, outgoing, type Fields } from "./outgoing";
import { byIndex, merged, type Batch } from "./remote";
import { SceneDiff } from "./sceneDiff";

/** An edit, with the bytes that have to be at the host before it. */
export interface OutgoingEdit {
  edit: Edit;
  files: { id: string; mimeType: string; bytes: Uint8Array }[];
}

/** The part of the view's state that is the document's. Fields that the document leaves out are left out here. */
type DocumentState = Pick<AppState, "viewBackgroundColor" | "gridSize" | "gridStep" | "gridModeEnabled">;
type FetchFile = (fileId: string) => Promise<ArrayBuffer>;
type Scene = readonly OrderedExcalidrawElement[];

/** Elements as the drawing part wants them, each at the place its own `index` says. */
export function restored(data: Iterable<Fields>): OrderedExcalidrawElement[] {
  // Restoring gives new indices where the list is out of order, so it gets it in order.
  const list = [...data].map((fields) => structuredClone(fields) as unknown as OrderedExcalidrawElement).sort(byIndex);
  return restoreElements(list, null, { refreshDimensions: false, repairBindings: false });
}

export class Drawing {
  private readonly diff = new SceneDiff();
  private readonly files = new Set<string>();
  private readonly awaited = new Set<string>();
  private appState: { original: Fields; baseline: Fields } = { original: {}, baseline: {} };

  constructor(
    private readonly api: ExcalidrawImperativeAPI,
    private readonly fetchFile: FetchFile,
    private readonly onFileFailed: (reason: unknown) => void,
  ) {}

  /** How many elements are not deleted. */
  get live(): number {
    return this.diff.live;
  }

  /** Shows the document instead of what is shown. Undo starts anew: it would bring back what the document does not have. */
  load(content: CanvasContent): void {
    const given = originals(content);
    const fields = content.app_state as Fields;
    this.api.updateScene({
      elements: restored(given.values()),
      appState: { ...pickDocumentFields(fields), selectedElementIds: {}, editingTextElement: null },
      captureUpdate: CaptureUpdateAction.NEVER,
    });
    (this.api.history.clear as () => void)();
    this.takeOver(content, given);
  }

  /** Counts what is on screen as the document: after the first paint, and after `load`. */
  takeOver(content: CanvasContent, given = originals(content)): void {
    this.diff.clear();
    this.diff.adopt(this.scene(), given, new Set());
    this.appState = { original: content.app_state as Fields, baseline: documentFields(this.api.getAppState()) };
    this.addFiles(content.files);
  }

  /** Puts others' changes in, outside of undo, leaving alone what the user is drawing or writing. */
  applyRemote(batch: Batch): void {
    const pending = this.diff.pending(this.scene());
    const busy = inProgress(this.api.getAppState());
    const elements = merged<OrderedExcalidrawElement>(this.scene(), restored(batch.puts.values()), batch.deletes, busy, (element) => newElementWith(element, { isDeleted: true }));
    this.api.updateScene({
      elements,
      ...(batch.appState !== null && { appState: pickDocumentFields(batch.appState) }),
      captureUpdate: CaptureUpdateAction.NEVER,
    });
    for (const id of batch.puts.keys()) {
      if (!busy.has(id)) pending.delete(id);
    }
    this.diff.adopt(this.scene(), batch.puts, pending);
    if (batch.appState !== null) {
      this.appState = { original: batch.appState, baseline: documentFields(this.api.getAppState()) };
    }
    this.addFiles(batch.files);
  }

  /** Whether the user changed something that `collect` would tell of. Cheap: called with each change of the view. */
  dirty(elements: Scene, appState: AppState, files: BinaryFiles): boolean {
    return this.diff.dirty(elements) || !equal(documentFields(appState), this.appState.baseline) || [...this.awaited].some((id) => Object.hasOwn(files, id));
  }

  /** Whether the screen shows something that the document does not have. */
  strayed(): boolean {
    return this.diff.pending(this.scene()).size > 0;
  }

  /** The user's changes since the last call; null where there are none. From now on they count as told. */
  collect(): OutgoingEdit | null {
    const { puts, deletes } = this.diff.take(this.scene());
    const appState = this.changedAppState();
    const files = this.newFiles(puts.map(({ data }) => data as Fields));
    if (puts.length === 0 && deletes.length === 0 && files.length === 0 && appState === null) {
      return null;
    }
    const entries: FileData[] = files.map(({ dataURL: _, ...data }) => ({ id: data.id, data }));
    return {
      edit: { puts, deletes, files: entries, ...(appState !== null && { app_state: appState }) },
      files: files.map(({ id, mimeType, dataURL }) => ({ id, mimeType, bytes: fromDataUrl(dataURL) })),
    };
  }

  /** Ends a stroke or a text that is under way, so that nothing of it comes after the lock is lost (C06). */
  endGesture(): void {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    if (this.api.getAppState().cursorButton === "down") {
      window.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
    }
  }

  /** Shows where others are and what they selected. */
  showPeople(collaborators: Map<string, Collaborator>): void {
    this.api.updateScene({ collaborators: collaborators as Map<SocketId, Collaborator>, captureUpdate: CaptureUpdateAction.NEVER });
  }

  private scene(): Scene {
    return this.api.getSceneElementsIncludingDeleted();
  }

  private changedAppState(): Fields | null {
    const current = documentFields(this.api.getAppState());
    const { original, baseline } = this.appState;
    if (equal(current, baseline)) {
      return null;
    }
    // Outside of the fields that belong into the document nothing is compared: the original's value stays.
    const data = outgoing({ ...original, ...current }, { ...original, ...baseline }, original);
    this.appState = { original: data, baseline: current };
    return data;
  }

  /** Files that elements refer to and the host does not have. One that is not there yet is remembered. */
  private newFiles(puts: Fields[]): BinaryFileData[] {
    for (const { fileId } of puts) {
      if (typeof fileId === "string" && !this.files.has(fileId)) this.awaited.add(fileId);
    }
    const all = this.api.getFiles();
    const found: BinaryFileData[] = [];
    for (const id of this.awaited) {
      const file = all[id];
      if (file !== undefined) {
        this.awaited.delete(id);
        this.files.add(id);
        found.push(file);
      }
    }
    return found;
  }

  private addFiles(files: FileData[]): void {
    const wanted = files.filter(({ id }) => !this.files.has(id));
    for (const { id } of wanted) this.files.add(id);
    void this.fetchAll(wanted);
  }

  /** A few at a time, so that a canvas with many images appears bit by bit. */
  private async fetchAll(files: FileData[]): Promise<void> {
    const queue = [...files];
    const worker = async () => {
      for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
        try {
          this.api.addFiles([await fetched(file, this.fetchFile)]);
        } catch (reason) {
          this.files.delete(file.id);
          this.onFileFailed(reason);
        }
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  }
}

/** A file with its bytes. */
export async function fetched(file: FileData, fetchFile: FetchFile): Promise<BinaryFileData> {
  const mimeType = mimeTypeOf(file);
  const dataURL = await toDataUrl(await fetchFile(file.id), mimeType);
  return { created: 0, ...(file.data as object), id: file.id, mimeType, dataURL } as unknown as BinaryFileData;
}

/** The document's fields that the view can show, where they are of a kind that it can. */
export function pickDocumentFields(fields: Fields): DocumentState {
  const { viewBackgroundColor, gridSize, gridStep, gridModeEnabled } = fields;
  return {
    ...(typeof viewBackgroundColor === "string" && { viewBackgroundColor }),
    ...(typeof gridSize === "number" && gridSize > 0 && { gridSize }),
    ...(typeof gridStep === "number" && gridStep > 0 && { gridStep }),
    ...(typeof gridModeEnabled === "boolean" && { gridModeEnabled }),
  } as DocumentState;
}

/** What the user is drawing, writing, or pulling at. */
function inProgress({ newElement, multiElement, editingTextElement, resizingElement, selectedElementsAreBeingDragged, selectedElementIds }: AppState): Set<string> {
  const elements: (ExcalidrawElement | null)[] = [newElement, multiElement, editingTextElement, resizingElement];
  const ids = elements.flatMap((element) => (element === null ? [] : [element.id]));
  return new Set(selectedElementsAreBeingDragged ? [...ids, ...Object.keys(selectedElementIds)] : ids);
}
