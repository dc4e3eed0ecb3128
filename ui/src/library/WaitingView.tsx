import { commands, type WaitView } from "../ipc";
import { Button } from "../shared/Button";
import { Icon } from "../shared/Icon";
import { attempt } from "../shared/toasts";
import { t } from "../text";
import { Empty } from "./Empty";

/** The canvases that the user asked to be told about. */
export function WaitingView({ waiting }: { waiting: WaitView[] }) {
  return (
    <div className="drop-area" data-testid="waiting">
      <header className="view-head">
        <div className="view-title">
          <h1>{t.waiting.title}</h1>
          <p className="view-intro">{t.waiting.intro}</p>
        </div>
      </header>
      <div className="view-scroll">
        {waiting.length === 0 && <Empty icon="bell" {...t.empty.waiting} />}
        <ul className="rows">
          {waiting.map(({ server, document_id: id, name }) => (
            <li key={`${server} ${id}`} className="row">
              <Icon name="bell" />
              <span className="row-name">{name}</span>
              <Button size="small" onClick={() => void attempt(() => commands.openDocument(server, id, "read_only"))}>
                {t.waiting.open}
              </Button>
              <Button size="small" kind="quiet" onClick={() => void attempt(() => commands.notifyMe(server, id, false))}>
                {t.waiting.stop}
              </Button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
