import type { CommandError } from "../ipc";
import { Icon } from "./Icon";
import { moment } from "./moment";
import { t } from "../text";

/** Why the host refused; where a lock stood in the way, who holds it (D10). */
export function Refusal({ error, ways }: { error: CommandError | null; ways?: string }) {
  if (error === null) {
    return null;
  }
  const { holder } = error;
  return (
    <div className="callout" data-kind={holder === null ? "trouble" : "held"} role="alert" data-testid="refusal">
      <Icon name={holder === null ? "warning" : "lock"} />
      <span className="selectable">
        {holder === null ? error.detail : `${t.dialogs.held(holder.user.name, holder.device_name, moment(holder.since))} ${ways ?? t.dialogs.heldWays}`}
      </span>
    </div>
  );
}
