import { useState } from "react";
import { canvasCommands, commands, type HolderView } from "../ipc";
import { Button } from "../shared/Button";
import { moment } from "../shared/moment";
import { attempt } from "../shared/toasts";
import { t } from "../text";
import { Bar } from "./Bar";
import { TakeOverDialog } from "./TakeOverDialog";

const { held: text } = t.canvas;

/** Asks for the canvas as a copy of one's own. */
export function OpenCopy() {
  return (
    <Button size="small" icon="copy" data-testid="open-copy" onClick={() => void attempt(canvasCommands.openCopy)}>
      {text.openCopy}
    </Button>
  );
}

/** Asks to be told when the lock frees. */
export function NotifyMe({ on }: { on: boolean }) {
  return (
    <Button size="small" icon={on ? "check" : "bell"} data-testid="notify-me" aria-pressed={on} onClick={() => void attempt(() => canvasCommands.notifyMe(!on))}>
      {on ? text.notifying : text.notify}
    </Button>
  );
}

function title({ same_user: own, window, user, device_name: device }: HolderView): string {
  if (!own) return text.by(user.name);
  return window === null ? text.byYouDevice(device) : text.byYou;
}

/** Another window of this user on this device has it: go there, or bring the editing here (C03). */
export function OwnWindowWays({ label }: { label: string }) {
  return (
    <>
      <Button size="small" icon="window" data-testid="switch-window" onClick={() => void attempt(() => commands.focusWindow(label))}>
        {text.switchWindow}
      </Button>
      <Button size="small" kind="primary" icon="pen" data-testid="move-here" onClick={() => void attempt(canvasCommands.moveEditingHere)}>
        {text.moveHere}
      </Button>
    </>
  );
}

/** Who holds the canvas, on which device and since when, and what one can do about it (C02). */
export function HeldBar({ holder, canTakeOver, notifying }: { holder: HolderView; canTakeOver: boolean; notifying: boolean }) {
  const [asking, setAsking] = useState(false);
  const since = moment(holder.since);
  const where = holder.same_user ? text.sinceOnly(since) : text.where(holder.device_name, since);
  return (
    <Bar testId="held-bar" tone="held" icon="lock" title={title(holder)} detail={`${where}. ${text.watching}`}>
      {holder.window !== null && holder.same_user ? (
        <OwnWindowWays label={holder.window} />
      ) : (
        <>
          <Button size="small" icon="refresh" data-testid="check-again" onClick={() => void attempt(canvasCommands.checkAgain)}>
            {text.checkAgain}
          </Button>
          <NotifyMe on={notifying} />
          {canTakeOver && (
            <Button size="small" data-testid="take-over" onClick={() => setAsking(true)}>
              {text.takeOver}
            </Button>
          )}
        </>
      )}
      <OpenCopy />
      {asking && <TakeOverDialog holder={holder} onClose={() => setAsking(false)} />}
    </Bar>
  );
}
