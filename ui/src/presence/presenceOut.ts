/** What this window tells others about itself. Lossy by design: only the latest counts (R06). */
import { canvasCommands, type Pointer } from "../ipc";
import { throttle } from "../shared/throttle";

const PRESENCE_MS = 50;
const INPUT_MS = 5000;

let pointer: Pointer | null = null;
let selected: string[] = [];

// A lost presence or input beat is made good by the next one, so a failure is nobody's concern.
const tell = throttle(PRESENCE_MS, () => void canvasCommands.presence({ pointer, selected }).catch(() => undefined));

/** The pointer moved, or left. */
export function pointerAt(to: Pointer | null): void {
  pointer = to;
  tell();
}

/** Something else is selected, perhaps. */
export function selectedAre(ids: Readonly<Record<string, boolean>>): void {
  const now = Object.keys(ids).filter((id) => ids[id] === true);
  if (now.length !== selected.length || now.some((id, at) => id !== selected[at])) {
    selected = now;
    tell();
  }
}

/** Any key or pointer: the window is in use. The idle clock runs in the host. */
export const inputSeen = throttle(INPUT_MS, () => void canvasCommands.input().catch(() => undefined));
