import type { CanvasState } from "../ipc";
import { canvasCommands } from "../ipc";
import { Button } from "../shared/Button";
import { attempt } from "../shared/toasts";
import { t } from "../text";
import { Bar } from "./Bar";
import { HeldBar } from "./HeldBar";
import { KeepDraft, LostBar } from "./LostBar";

/** Why this window may not edit, at once and before the first click; nothing while it may. */
export function LockBars({ state }: { state: CanvasState }) {
  const { lock } = state;
  switch (lock.state) {
    case "acquiring":
    case "held":
      return null;
    case "held_by_other":
      return <HeldBar holder={lock.holder} canTakeOver={lock.can_take_over} notifying={state.notify_me} />;
    case "lost":
      return <LostBar lock={lock} notifying={state.notify_me} online={state.connection.state === "online"} />;
    case "free":
      return (
        <Bar testId="free-bar" tone="calm" icon="eye" title={t.canvas.free.title} detail={t.canvas.free.detail}>
          <Button kind="primary" size="small" icon="pen" data-testid="start-editing" onClick={() => void attempt(canvasCommands.startEditing)}>
            {t.canvas.free.start}
          </Button>
        </Bar>
      );
    case "lapsed":
      return <Bar testId="lapsed-bar" tone="warning" icon="warning" title={t.canvas.lapsed.title} detail={state.editable ? t.canvas.lapsed.detail : t.canvas.lapsed.stopped} low={state.editable} />;
    case "not_allowed":
      return <Bar testId="viewer-bar" tone="calm" icon="eye" title={t.canvas.viewer.title} detail={t.canvas.viewer.detail} />;
    case "gone":
      return (
        <Bar testId="gone-bar" tone="trouble" icon="trash" title={t.canvas.gone.title} detail={t.canvas.gone.detail}>
          {lock.kept_changes > 0 && <KeepDraft changes={lock.kept_changes} />}
        </Bar>
      );
  }
}
