import { Popover } from "radix-ui";
import { useCanvas } from "../canvas/canvasStore";
import { canvasCommands, type CanvasState } from "../ipc";
import { Button } from "../shared/Button";
import { Icon, type IconName } from "../shared/Icon";
import { moment, span } from "../shared/moment";
import { attempt } from "../shared/toasts";
import { useCountdown } from "../shared/useCountdown";
import { t } from "../text";

const { lock: text } = t.canvas;

const icons: Record<CanvasState["lock"]["state"], IconName> = {
  acquiring: "clock",
  held: "pen",
  held_by_other: "lock",
  free: "eye",
  lapsed: "warning",
  lost: "lock",
  not_allowed: "eye",
  gone: "trash",
};

const useLeft = (ms: number) => useCountdown(ms, useCanvas((store) => store.told)) ?? 0;

/** How long the lock still counts, shown only while the server is away: online it renews by itself. */
function Remaining({ ms }: { ms: number }) {
  const left = useLeft(ms);
  return <p className="lock-remaining">{left > 0 ? text.remaining(span(left)) : text.remainingOver}</p>;
}

/** The same where there is little room. */
function Left({ ms }: { ms: number }) {
  return (
    <span className="lock-chip-left" data-testid="lock-remaining">
      {text.left(span(useLeft(ms)))}
    </span>
  );
}

function detail({ lock }: CanvasState): string {
  switch (lock.state) {
    case "acquiring":
      return text.acquiringDetail;
    case "held":
      return text.heldDetail;
    case "held_by_other":
      return text.otherDetail(lock.holder.user.name, lock.holder.device_name);
    case "free":
      return text.freeDetail;
    case "lapsed":
      return text.lapsedDetail;
    case "lost":
      return text.lostDetail;
    case "not_allowed":
      return text.notAllowedDetail;
    case "gone":
      return text.goneDetail;
  }
}

/** As it is shown: nobody has anything to fear who was only idle. */
function shown({ lock }: CanvasState): CanvasState["lock"]["state"] {
  return lock.state === "lost" && lock.why === "idle" ? "free" : lock.state;
}

/** What this window may do, and why; with a popover that says more and changes it. */
export function LockChip({ state }: { state: CanvasState }) {
  const { lock, connection } = state;
  const chip = shown(state);
  return (
    <>
      <Popover.Root>
        <Popover.Trigger asChild>
          <button type="button" className="lock-chip" data-testid="lock-chip" data-state={chip}>
            <Icon name={icons[chip]} size={14} />
            {text.chip[chip]}
            {lock.state === "held" && connection.state !== "online" && <Left ms={lock.remaining_ms} />}
          </button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content className="menu lock-popover" align="end" sideOffset={6} collisionPadding={8} aria-label={text.details}>
            <p className="lock-detail">{detail(state)}</p>
            {lock.state === "held" && <p className="lock-since">{text.since(moment(lock.since))}</p>}
            {lock.state === "held" && connection.state !== "online" && <Remaining ms={lock.remaining_ms} />}
            {lock.state === "held" && (
              <Popover.Close asChild>
                <Button size="small" data-testid="stop-editing" onClick={() => void attempt(canvasCommands.stopEditing)}>
                  {text.stop}
                </Button>
              </Popover.Close>
            )}
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <span className="visually-hidden" role="status">
        {text.chip[chip]}
      </span>
    </>
  );
}
