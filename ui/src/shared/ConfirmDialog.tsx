import { useState } from "react";
import { asCommandError, type CommandError } from "../ipc";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { t } from "../text";
import { Refusal } from "./Refusal";

interface ConfirmDialogProps {
  title: string;
  detail: string;
  submit: string;
  /** Whether something is lost by it. */
  kind?: "danger" | "primary";
  /** Whether, after this refusal, the user may go ahead all the same. */
  canForce?: (error: CommandError) => boolean;
  onClose: () => void;
  onConfirm: (force: boolean) => Promise<unknown>;
}

/** Names what is lost before it is; says who stands in the way, and lets an owner go ahead. */
export function ConfirmDialog({ title, detail, submit, kind = "danger", canForce, onClose, onConfirm }: ConfirmDialogProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CommandError | null>(null);
  const force = error !== null && canForce?.(error) === true;

  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm(force);
      onClose();
    } catch (reason) {
      setError(asCommandError(reason));
      setBusy(false);
    }
  };

  return (
    <Dialog title={title} detail={detail} testId="confirm-dialog" onClose={onClose}>
      <Refusal error={error} {...(force && { ways: t.dialogs.heldForce })} />
      <div className="dialog-actions">
        <Button data-testid="cancel" onClick={onClose} autoFocus>
          {t.common.cancel}
        </Button>
        <Button kind={kind} data-testid="confirm" disabled={busy} onClick={() => void confirm()}>
          {force ? t.dialogs.force : submit}
        </Button>
      </div>
    </Dialog>
  );
}
