import type { SaveView } from "../ipc";
import { Icon, type IconName } from "../shared/Icon";
import { t } from "../text";
import { SaveAlarm } from "./SaveAlarm";

function words(save: SaveView): { icon: IconName | null; text: string; detail: string } {
  const { save: text } = t.canvas;
  switch (save.state) {
    case "saved":
      return { icon: "check", text: text.saved, detail: text.saved };
    case "saving":
      return { icon: null, text: text.saving, detail: text.pending(save.pending) };
    case "offline":
      return { icon: "offline", text: text.offline, detail: text.pending(save.pending) };
    case "draft":
      return { icon: "device", text: text.draft(save.changes), detail: text.draft(save.changes) };
    case "failing":
      return { icon: "warning", text: text.failing, detail: `${save.detail} ${save.on_disk ? text.failingOnDisk : text.failingOffDisk}` };
  }
}

/** What has become of the edits, in words. Failing to save stays in sight with what is wrong and what is safe. */
export function SaveState({ save, server }: { save: SaveView; server: string }) {
  const { icon, text, detail } = words(save);
  return (
    <>
      <span className="save-state" data-testid="save-state" data-state={save.state} title={detail}>
        {icon === null ? <span className="spinner" aria-hidden="true" /> : <Icon name={icon} size={14} />}
        {text}
      </span>
      {/* Saving comes and goes with each stroke: only where it ends is worth hearing. */}
      <span className="visually-hidden" role="status">
        {save.state === "saving" ? "" : text}
      </span>
      {save.state === "failing" && <SaveAlarm save={save} server={server} />}
    </>
  );
}
