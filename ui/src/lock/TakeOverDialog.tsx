import { useId, useState, type SyntheticEvent } from "react";
import { asCommandError, canvasCommands, type CommandError, type HolderView } from "../ipc";
import { Button } from "../shared/Button";
import { Dialog } from "../shared/Dialog";
import { Icon } from "../shared/Icon";
import { t } from "../text";

const { takeOver: text } = t.canvas;
/** The server's limit. */
const REASON_CHARS = 500;

/** Warns what taking over does to the holder, and asks for the reason that they and the audit log will see (L08). */
export function TakeOverDialog({ holder, onClose }: { holder: HolderView; onClose: () => void }) {
  const id = useId();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CommandError | null>(null);
  const { name } = holder.user;

  const send = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await canvasCommands.takeOver(reason.trim());
      onClose();
    } catch (refusal) {
      setError(asCommandError(refusal));
      setBusy(false);
    }
  };

  return (
    <Dialog title={holder.same_user ? text.titleOwn : text.title(name)} testId="take-over-dialog" onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        <div className="callout">
          <Icon name="warning" />
          <span>{holder.same_user ? text.warningOwn : text.warning(name)}</span>
        </div>
        <div className="field">
          <label className="field-label" htmlFor={id}>
            {text.reason}
          </label>
          <textarea
            id={id}
            className="input"
            rows={3}
            data-testid="take-over-reason"
            aria-describedby={`${id}-hint`}
            placeholder={text.reasonExample}
            maxLength={REASON_CHARS}
            autoFocus
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <span id={`${id}-hint`} className="field-hint">
            {text.reasonHint}
          </span>
        </div>
        {error !== null && (
          <div className="callout" data-kind="trouble" role="alert">
            <Icon name="warning" />
            <span className="selectable">{error.detail}</span>
          </div>
        )}
        <div className="dialog-actions">
          <Button onClick={onClose} data-testid="cancel">
            {t.common.cancel}
          </Button>
          <Button kind="danger" type="submit" data-testid="take-over-confirm" disabled={busy || reason.trim() === ""}>
            {text.confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
