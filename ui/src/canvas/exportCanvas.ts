import { canvasCommands, type Progress } from "../ipc";
import { attempt, say } from "../shared/toasts";
import { t } from "../text";
import { link } from "./canvasLink";

function note({ name, step }: Progress): void {
  if (step.state === "done") {
    say(`${t.canvas.exported} ${name}`);
  } else if (step.state === "failed") {
    say(step.detail, "trouble");
  }
}

/** Exports what is on screen, the newest strokes too; the host asks where to. */
export function exportCanvas(): void {
  void attempt(async () => {
    await link.edits.flush();
    await canvasCommands.exportFile(note);
  });
}
