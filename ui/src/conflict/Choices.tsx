import type { Resolution } from "../ipc";
import { Icon, type IconName } from "../shared/Icon";
import { t } from "../text";

const { choice: text } = t.conflict;

type Kind = Resolution["kind"];

interface ChoiceProps {
  kind: Kind;
  icon: IconName;
  disabled: boolean;
  pressed?: boolean;
  onClick: () => void;
}

/** A way out of the conflict, with what it keeps. */
function Choice({ kind, icon, disabled, pressed, onClick }: ChoiceProps) {
  return (
    <button type="button" className="choice" data-testid={`conflict-${kind}`} disabled={disabled} {...(pressed !== undefined && { "aria-pressed": pressed })} onClick={onClick}>
      <span className="choice-title">
        <Icon name={icon} />
        {text[kind].title}
      </span>
      <span className="choice-detail">{text[kind].detail}</span>
    </button>
  );
}

interface ChoicesProps {
  merging: boolean;
  busy: boolean;
  mayOverwrite: boolean;
  onMerge: () => void;
  onResolve: (resolution: Resolution) => void;
}

/** The five ways out of the conflict. */
export function Choices({ merging, busy, mayOverwrite, onMerge, onResolve }: ChoicesProps) {
  return (
    <div className="choices" role="group" aria-label={t.conflict.choices} aria-busy={busy}>
      <Choice kind="merge" icon="merge" disabled={busy} pressed={merging} onClick={onMerge} />
      <Choice kind="reload" icon="refresh" disabled={busy} onClick={() => onResolve({ kind: "reload" })} />
      <Choice kind="overwrite" icon="pen" disabled={busy || !mayOverwrite} onClick={() => onResolve({ kind: "overwrite" })} />
      <Choice kind="copy" icon="copy" disabled={busy} onClick={() => onResolve({ kind: "copy" })} />
      <Choice kind="cancel" icon="clock" disabled={busy} onClick={() => onResolve({ kind: "cancel" })} />
    </div>
  );
}
