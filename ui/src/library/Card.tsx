import { useRef, type KeyboardEvent } from "react";
import { commands, type DocumentCard, type Role, type ServerView } from "../ipc";
import { IconButton } from "../shared/Button";
import { Icon } from "../shared/Icon";
import { Menu, RightClickMenu } from "../shared/Menu";
import { moment } from "../shared/moment";
import { attempt } from "../shared/toasts";
import { t } from "../text";
import { cardEntries } from "./cardEntries";
import { ask } from "./libraryStore";
import { mayEdit } from "./place";
import { badge } from "./shown";
import { Thumbnail } from "./Thumbnail";

function LockBadge({ card }: { card: DocumentCard }) {
  if (card.importing) {
    return (
      <span className="card-lock" data-whose="own" data-testid="card-importing">
        <span className="card-lock-who">{t.grid.importing}</span>
      </span>
    );
  }
  const lock = badge(card);
  if (lock === null) {
    return null;
  }
  const since = t.grid.since(moment(lock.since));
  return (
    <span className="card-lock" data-whose={lock.whose} title={`${lock.text} · ${since}`}>
      <Icon name={lock.whose === "other" ? "lock" : "pen"} size={12} />
      <span className="card-lock-who" data-testid="card-lock">
        {lock.text}
      </span>
      <span className="card-lock-since">{moment(lock.since)}</span>
    </span>
  );
}

/** A canvas in the grid. */
export function Card({ card, server, role }: { card: DocumentCard; server: ServerView; role: Role }) {
  const { document } = card;
  const open = useRef<HTMLButtonElement>(null);
  const entries = cardEntries(card, server, role);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "F2" && mayEdit(role)) {
      ask({ kind: "rename_canvas", server: server.id, document });
    } else if (event.key === "Delete" && mayEdit(role)) {
      ask({ kind: "delete_canvas", server: server.id, document, role });
    }
  };
  return (
    <RightClickMenu entries={entries}>
      <li className="card" data-testid="card" data-name={document.name} data-id={document.id}>
        <button
          ref={open}
          type="button"
          className="card-open"
          aria-label={t.grid.open(document.name)}
          onKeyDown={onKeyDown}
          onClick={() => void attempt(() => commands.openDocument(server.id, document.id, "edit"))}
        >
          <Thumbnail server={server.id} document={document} />
        </button>
        <LockBadge card={card} />
        <div className="card-foot">
          <div className="card-words">
            <h3 className="card-name" title={document.name}>
              {document.name}
            </h3>
            <p className="card-changed">{t.grid.changedBy(document.updated_by.name, moment(document.updated_at))}</p>
          </div>
          {card.notify_me && (
            <span className="card-waiting" title={t.menu.notify}>
              <Icon name="bell" size={14} />
            </span>
          )}
          <Menu entries={entries}>
            <IconButton icon="more" label={t.sidebar.menuOf(document.name)} data-testid="card-menu" />
          </Menu>
        </div>
      </li>
    </RightClickMenu>
  );
}
