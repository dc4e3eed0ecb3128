import { useState, type SyntheticEvent } from "react";
import { asCommandError, commands, type CommandError, type ServerView } from "../ipc";
import { Button } from "../shared/Button";
import { Dialog } from "../shared/Dialog";
import { Field } from "../shared/Field";
import { Icon } from "../shared/Icon";
import { t } from "../text";

/** A server's base URL as the host wants it; null where the text is none. A missing scheme is https. */
export function serverUrl(text: string): string | null {
  const trimmed = text.trim();
  const whole = /^https?:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  try {
    const url = new URL(whole);
    return url.hostname === "" || trimmed.includes(" ") ? null : whole.replace(/\/+$/, "");
  } catch {
    return null;
  }
}

interface SignInDialogProps {
  /** The server to sign in to again; null to add one. */
  url: string | null;
  onClose: () => void;
  onSignedIn: (server: ServerView) => void;
}

/** Signs in to a server, and adds it to the list. The password is handed to the host and not kept. */
export function SignInDialog({ url: known, onClose, onSignedIn }: SignInDialogProps) {
  const [address, setAddress] = useState(known ?? "");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CommandError | null>(null);
  const [addressWrong, setAddressWrong] = useState(false);

  const send = async (event: SyntheticEvent) => {
    event.preventDefault();
    const url = serverUrl(address);
    setAddressWrong(url === null);
    if (url === null || busy) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const server = await commands.signIn(url, email.trim(), password);
      onClose();
      onSignedIn(server);
    } catch (reason) {
      setError(asCommandError(reason));
      setPassword("");
      setBusy(false);
    }
  };

  return (
    <Dialog title={known === null ? t.signIn.title : t.signIn.again(known)} detail={t.signIn.detail} testId="sign-in-dialog" onClose={onClose}>
      <form onSubmit={(event) => void send(event)} noValidate>
        <Field
          label={t.signIn.url}
          data-testid="sign-in-url"
          inputMode="url"
          spellCheck={false}
          placeholder={t.signIn.urlExample}
          value={address}
          readOnly={known !== null}
          autoFocus={known === null}
          error={addressWrong ? t.signIn.urlWrong : undefined}
          onChange={(event) => setAddress(event.target.value)}
        />
        <Field label={t.signIn.email} data-testid="sign-in-email" type="email" autoComplete="username" autoFocus={known !== null} value={email} onChange={(event) => setEmail(event.target.value)} />
        <Field label={t.signIn.password} data-testid="sign-in-password" type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        {error !== null && (
          <div className="callout" data-kind="trouble" role="alert" data-testid="sign-in-error">
            <Icon name="warning" />
            <span className="selectable">
              {error.detail}
              {error.retry_after_secs !== null && ` ${t.signIn.retry(error.retry_after_secs)}`}
            </span>
          </div>
        )}
        <div className="dialog-actions">
          <Button data-testid="cancel" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button kind="primary" type="submit" data-testid="sign-in-submit" disabled={busy || email.trim() === "" || password === ""}>
            {busy ? t.signIn.working : t.signIn.submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
