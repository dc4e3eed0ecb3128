/** The commands of a canvas window. The host knows the document from the window that asks. */
import { Channel, invoke } from "@tauri-apps/api/core";
import type { CanvasEvent, CanvasState, PresenceState, Progress, Resolution } from "./generated";

/** Attaches this webview to its canvas; also after a reload. */
export function open(onEvent: (event: CanvasEvent) => void): Promise<CanvasState> {
  const channel = new Channel<CanvasEvent>();
  channel.onmessage = onEvent;
  return invoke<CanvasState>("canvas_open", { channel });
}

/** A `CanvasContent` as raw JSON bytes. */
export const content = () => invoke<ArrayBuffer>("canvas_content");
export const file = (fileId: string) => invoke<ArrayBuffer>("canvas_file", { fileId });
/** An `Edit` as raw JSON bytes; resolves once it is on disk. */
export const edit = (body: Uint8Array) => invoke<null>("canvas_edit", body);
/** A file's bytes, before the edit that names it. Header values are percent-encoded, as ids are any UTF-8. */
export const addFile = (fileId: string, mimeType: string, bytes: Uint8Array) =>
  invoke<null>("canvas_add_file", bytes, {
    headers: { "x-file-id": encodeURIComponent(fileId), "x-mime-type": mimeType },
  });
export const flushed = () => invoke<null>("canvas_flushed");
export const presence = (state: PresenceState) => invoke<null>("canvas_presence", { state });
export const input = () => invoke<null>("canvas_input");

/** Brings the library window up. */
export const showLibrary = () => invoke<null>("focus_window", { label: "library" });

export const checkAgain = () => invoke<null>("canvas_check_again");
export const startEditing = () => invoke<null>("canvas_start_editing");
export const stopEditing = () => invoke<null>("canvas_stop_editing");
export const takeOver = (reason: string) => invoke<null>("canvas_take_over", { reason });
export const moveEditingHere = () => invoke<null>("canvas_move_editing_here");
export const notifyMe = (on: boolean) => invoke<null>("canvas_notify_me", { on });
export const openCopy = () => invoke<null>("canvas_open_copy");
export const keepDraftAsCopy = () => invoke<null>("canvas_keep_draft_as_copy");

/** Exports the canvas as this window shows it; the host asks where to. */
export function exportFile(onProgress: (progress: Progress) => void): Promise<null> {
  const channel = new Channel<Progress>();
  channel.onmessage = onProgress;
  return invoke<null>("canvas_export", { channel });
}

/** A `ConflictContent` as raw JSON bytes. */
export const conflictContent = () => invoke<ArrayBuffer>("canvas_conflict_content");
/** The user's word on a conflict; `conflict_moved` where it was updated meanwhile. */
export const resolve = (conflictId: string, revision: number, resolution: Resolution) =>
  invoke<null>("canvas_resolve", { conflictId, revision, resolution });
