import { commands, type SaveView } from "../ipc";
import { Button } from "../shared/Button";
import { Icon } from "../shared/Icon";
import { span } from "../shared/moment";
import { attempt } from "../shared/toasts";
import { between, useClock } from "../shared/useCountdown";
import { t } from "../text";
import { useCanvas } from "./canvasStore";
import { exportCanvas } from "./exportCanvas";

const { save: text } = t.canvas;

/** Shorter troubles pass by themselves; edits that are on no disk are worth a word at once. */
const ALARM_MS = 10_000;

/** Saving has failed for long: for how long, why, what is safe and what to do. It stays until saving works again (X01). */
export function SaveAlarm({ save, server }: { save: Extract<SaveView, { state: "failing" }>; server: string }) {
  const told = useCanvas((store) => store.told);
  const now = useClock();
  const failing = save.for_ms + between(told, now);
  if (save.on_disk && failing < ALARM_MS) {
    return null;
  }
  return (
    <div className="save-alarm" role="alert" data-testid="save-alarm">
      <Icon name="warning" />
      <div className="save-alarm-words selectable">
        {/* The seconds that pass are not worth hearing each. */}
        {failing >= ALARM_MS && <strong aria-live="off">{text.alarm(span(failing))} </strong>}
        {save.on_disk ? text.failingOnDisk : text.failingOffDisk}
        <p className="save-alarm-why">{save.detail}</p>
      </div>
      <Button size="small" icon="refresh" onClick={() => void attempt(() => commands.retryConnection(server))}>
        {t.common.tryAgain}
      </Button>
      <Button size="small" icon="export" onClick={exportCanvas}>
        {text.alarmExport}
      </Button>
    </div>
  );
}
