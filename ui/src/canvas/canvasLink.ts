/**
 * The wire between this window's drawing and its canvas in the host. One for each page: a window is one canvas.
 *
 * Invariant: remote changes reach the drawing in the order in which they came, and none that came before the content
 * was asked for is put over it afterwards in another order: while content is on its way, they wait.
 */
import { asCommandError, canvasCommands, type CanvasEvent, type Edit } from "../ipc";
import { moment } from "../shared/moment";
import { dismissToast, say, tell } from "../shared/toasts";
import { reading } from "../shared/useCountdown";
import { t } from "../text";
import { useCanvas } from "./canvasStore";
import { readContent } from "./content";
import type { Drawing, OutgoingEdit } from "./drawing";
import { EditStream } from "./editStream";
import { FrameBatches } from "./remote";

const encoder = new TextEncoder();

export class CanvasLink {
  private drawing: Drawing | null = null;
  private waiting: Edit[] = [];
  /** The toast that says that an edit could not be stored, while it can't. */
  private complaint: number | null = null;
  /** Fetches of the content under way; remote changes wait for the last of them. */
  private fetching = 0;
  private readonly frames = new FrameBatches((batch) => {
    this.drawing?.applyRemote(batch);
    this.showVersion();
  });

  /** The user's own edits on their way to the host. */
  readonly edits = new EditStream<OutgoingEdit>({
    collect: () => (useCanvas.getState().state?.editable === true ? (this.drawing?.collect() ?? null) : null),
    send,
    refused: (reason) => asCommandError(reason).code === "read_only",
    onRefused: () => void this.reload(),
    onFailed: (reason) => {
      this.withdraw();
      this.complaint = say(`${t.canvas.editFailed} ${asCommandError(reason).detail}`, "trouble");
    },
    onStored: () => this.withdraw(),
  });

  /** Attaches to the canvas and fetches the drawing. */
  async start(): Promise<void> {
    try {
      const state = await canvasCommands.open((event) => this.onEvent(event));
      // An event may have overtaken the answer, and is newer.
      if (useCanvas.getState().state === null) useCanvas.setState({ state, told: reading() });
      const content = readContent(await canvasCommands.content());
      useCanvas.setState({ content, version: content.version, failure: null });
    } catch (reason) {
      useCanvas.setState({ failure: asCommandError(reason).detail });
    }
  }

  /** The drawing is on screen with the content that was first fetched. */
  attach(drawing: Drawing): void {
    this.drawing = drawing;
    this.letIn();
  }

  /** The drawing left the screen. */
  detach(): void {
    this.drawing = null;
  }

  /** Shows the document as the host has it. */
  async reload(): Promise<void> {
    this.fetching++;
    this.frames.clear();
    this.waiting = [];
    try {
      const content = readContent(await canvasCommands.content());
      // Another fetch that began later has the newer content.
      if (this.fetching === 1) {
        this.drawing?.load(content);
        useCanvas.setState({ version: content.version });
      }
    } catch (reason) {
      say(asCommandError(reason).detail, "trouble", { label: t.common.tryAgain, run: () => void this.reload() });
    } finally {
      this.fetching--;
      this.letIn();
    }
  }

  private onEvent(event: CanvasEvent): void {
    switch (event.type) {
      case "state":
        useCanvas.setState({ state: event.state, told: reading() });
        if (this.waiting.length === 0) this.showVersion();
        break;
      case "people":
        useCanvas.setState({ people: event.people });
        break;
      case "remote":
        this.waiting.push(event.edit);
        this.letIn();
        break;
      case "reload":
        void this.reload();
        break;
      case "recovered":
        tell(t.canvas.recovered(event.changes, event.at === null ? null : moment(event.at)), "recovered");
        break;
      case "flush":
        void this.flush();
        break;
    }
  }

  private letIn(): void {
    if (this.drawing === null || this.fetching > 0) {
      return;
    }
    for (const edit of this.waiting) this.frames.add(edit);
    this.waiting = [];
  }

  private async flush(): Promise<void> {
    await this.edits.flush();
    await canvasCommands.flushed();
  }

  private withdraw(): void {
    if (this.complaint !== null) dismissToast(this.complaint);
    this.complaint = null;
  }

  private showVersion(): void {
    const save = useCanvas.getState().state?.save;
    if (save?.state === "saved") useCanvas.setState({ version: save.version });
  }
}

async function send({ edit, files }: OutgoingEdit): Promise<void> {
  for (const { id, mimeType, bytes } of files) {
    await canvasCommands.addFile(id, mimeType, bytes);
  }
  await canvasCommands.edit(encoder.encode(JSON.stringify(edit)));
}

/** This window's link. */
export const link = new CanvasLink();
