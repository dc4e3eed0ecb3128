import { commands, type NoticeView } from "../ipc";
import { IconButton } from "../shared/Button";
import { Icon } from "../shared/Icon";
import { attempt } from "../shared/toasts";
import { t } from "../text";

/** What does not work on this machine, each with a way on. */
export function Notices({ notices }: { notices: NoticeView[] }) {
  if (notices.length === 0) {
    return null;
  }
  return (
    <div className="notices" role="status">
      {notices.map(({ id, detail }) => (
        <div key={id} className="callout" data-testid={`notice-${id}`}>
          <Icon name="warning" />
          <span className="selectable">{detail}</span>
          <IconButton icon="close" label={t.common.dismiss} onClick={() => void attempt(() => commands.dismissNotice(id))} />
        </div>
      ))}
    </div>
  );
}
