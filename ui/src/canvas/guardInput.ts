/**
 * Keeps the drawing part's own ways with files out of the window: what it would read, write or replace goes through
 * the host, and a read-only canvas takes nothing in.
 */
import { canvasCommands } from "../ipc";
import { attempt, say } from "../shared/toasts";
import { t } from "../text";
import { useCanvas } from "./canvasStore";
import { exportCanvas } from "./exportCanvas";

function inField(event: Event): boolean {
  return event.target instanceof Element && event.target.closest("input, textarea, [contenteditable='true'], [role='dialog']") !== null;
}

function stop(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function editable(): boolean {
  return useCanvas.getState().state?.editable === true;
}

function onKeyDown(event: KeyboardEvent): void {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) {
    return;
  }
  const key = event.key.toLowerCase();
  if (key === "s" && !event.shiftKey) {
    stop(event);
    say(t.canvas.autosaved);
  } else if ((key === "s" || key === "e") && event.shiftKey) {
    stop(event);
    exportCanvas();
  } else if (key === "o" && !event.shiftKey) {
    stop(event);
    void attempt(canvasCommands.showLibrary);
  }
}

function onDrop(event: DragEvent): void {
  const files = Array.from(event.dataTransfer?.files ?? []);
  if (!editable()) {
    stop(event);
    say(t.canvas.readOnlyDrop);
  } else if (files.some(({ name }) => /\.(excalidraw|excalidrawlib|json)$/i.test(name))) {
    stop(event);
    say(t.canvas.importElsewhere);
  }
}

function onPaste(event: ClipboardEvent): void {
  if (!editable() && !inField(event)) stop(event);
}

/** Starts guarding. Answers how to stop. */
export function guardInput(): () => void {
  window.addEventListener("keydown", onKeyDown, true);
  window.addEventListener("drop", onDrop, true);
  window.addEventListener("paste", onPaste, true);
  return () => {
    window.removeEventListener("keydown", onKeyDown, true);
    window.removeEventListener("drop", onDrop, true);
    window.removeEventListener("paste", onPaste, true);
  };
}
