import { useState } from "react";
import { canvasCommands, type LockView } from "../ipc";
import { Button } from "../shared/Button";
import { moment } from "../shared/moment";
import { attempt } from "../shared/toasts";
import { t } from "../text";
import { Bar } from "./Bar";
import { NotifyMe, OpenCopy, OwnWindowWays } from "./HeldBar";
import { TakeOverDialog } from "./TakeOverDialog";

const { lost: text, held } = t.canvas;

type Lost = Extract<LockView, { state: "lost" }>;

function title({ why, by }: Lost): string {
  const name = by?.name ?? text.somebody;
  return why === "taken_over" || why === "forced_free" ? text[why](name) : text[why];
}

/** Who has it now, and where. That another own window has it is in the title already. */
function whereabouts({ holder, why }: Lost): string {
  if (holder === null || (why === "moved_to_own_window" && holder.window !== null)) {
    return "";
  }
  const since = moment(holder.since);
  const own = holder.window === null ? held.byYouDevice(holder.device_name) : held.byYou;
  return holder.same_user ? `${own}, ${held.sinceOnly(since)}.` : `${held.by(holder.user.name)} ${held.where(holder.device_name, since)}.`;
}

/** The edits that were kept become a canvas of their own. */
export function KeepDraft({ changes }: { changes: number }) {
  return (
    <Button size="small" kind="primary" icon="copy" data-testid="keep-draft" title={text.kept(changes)} onClick={() => void attempt(canvasCommands.keepDraftAsCopy)}>
      {text.keep}
    </Button>
  );
}

/** The lock is gone: who, why, what was kept, and the ways on (C06). */
export function LostBar({ lock, notifying, online }: { lock: Lost; notifying: boolean; online: boolean }) {
  const [asking, setAsking] = useState(false);
  const { holder, reason, kept_changes: kept } = lock;
  const ownWindow = holder?.same_user === true ? holder.window : null;
  const detail = [
    reason === null || reason === "" ? "" : text.reason(reason),
    whereabouts(lock),
    kept > 0 ? text.kept(kept) : lock.why === "idle" ? text.idleDetail : text.nothingLost,
  ];
  return (
    <Bar testId="lost-bar" tone={lock.why === "idle" ? "calm" : "trouble"} icon={lock.why === "idle" ? "clock" : "lock"} title={title(lock)} detail={detail.filter((part) => part !== "").join(" ")}>
      {kept > 0 && <KeepDraft changes={kept} />}
      {holder === null && lock.why !== "revoked" && (online || lock.why !== "signed_out") && (
        <Button size="small" kind={lock.why === "idle" ? "primary" : "plain"} icon="pen" data-testid="start-editing" onClick={() => void attempt(canvasCommands.startEditing)}>
          {lock.why === "idle" ? text.idleAgain : text.startAgain}
        </Button>
      )}
      {ownWindow !== null && <OwnWindowWays label={ownWindow} />}
      {holder !== null && ownWindow === null && (
        <>
          <Button size="small" icon="refresh" data-testid="check-again" onClick={() => void attempt(canvasCommands.checkAgain)}>
            {held.checkAgain}
          </Button>
          <NotifyMe on={notifying} />
          {lock.can_take_over && (
            <Button size="small" data-testid="take-over" onClick={() => setAsking(true)}>
              {held.takeOver}
            </Button>
          )}
        </>
      )}
      {kept === 0 && lock.why !== "idle" && <OpenCopy />}
      {asking && holder !== null && <TakeOverDialog holder={holder} onClose={() => setAsking(false)} />}
    </Bar>
  );
}
