import { useState, type SyntheticEvent } from "react";
import { asCommandError, type CommandError } from "../ipc";
import { Button } from "../shared/Button";
import { Dialog } from "../shared/Dialog";
import { Field } from "../shared/Field";
import { nameProblem } from "../shared/names";
import { t } from "../text";
import { Refusal } from "../shared/Refusal";

interface NameDialogProps {
  title: string;
  detail?: string;
  initial: string;
  submit: string;
  onClose: () => void;
  onSubmit: (name: string) => Promise<unknown>;
}

/** Asks for a name, and stays open with the reason where it is refused. */
export function NameDialog({ title, detail, initial, submit, onClose, onSubmit }: NameDialogProps) {
  const [name, setName] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [touched, setTouched] = useState(false);
  const [error, setError] = useState<CommandError | null>(null);
  const problem = nameProblem(name);

  const send = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTouched(true);
    if (problem !== null || busy) {
      return;
    }
    setBusy(true);
    try {
      await onSubmit(name.trim());
      onClose();
    } catch (reason) {
      setError(asCommandError(reason));
      setBusy(false);
    }
  };

  return (
    <Dialog title={title} {...(detail !== undefined && { detail })} testId="name-dialog" onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        <Field
          label={t.common.name}
          data-testid="name-input"
          value={name}
          autoFocus
          onFocus={(event) => event.target.select()}
          error={touched && problem !== null ? problem : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <Refusal error={error} />
        <div className="dialog-actions">
          <Button data-testid="cancel" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button kind="primary" type="submit" data-testid="confirm" disabled={busy}>
            {submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
