import { commands, type DocumentCard, type ScopeView, type ServerView } from "../ipc";
import { Button } from "../shared/Button";
import { Select } from "../shared/Field";
import { Icon } from "../shared/Icon";
import { attempt } from "../shared/toasts";
import { t } from "../text";
import { Card } from "./Card";
import { DropTarget } from "./DropTarget";
import { Empty } from "./Empty";
import { ask, useLibrary } from "./libraryStore";
import { importInto } from "./jobs";
import { mayEdit, placeName, roleIn, workspaceOf } from "./place";
import { shown } from "./shown";

const sorts = [
  { value: "changed", label: t.grid.sortChanged },
  { value: "name", label: t.grid.sortName },
] as const;
const filters = [
  { value: "all", label: t.grid.filterAll },
  { value: "locked", label: t.grid.filterLocked },
  { value: "mine", label: t.grid.filterMine },
] as const;

interface ViewProps {
  server: ServerView;
  scope: ScopeView;
}

function Toolbar() {
  const { search, sort, filter } = useLibrary();
  return (
    <div className="toolbar">
      <div className="search">
        <Icon name="search" />
        <input
          className="input"
          type="search"
          data-testid="search"
          value={search}
          placeholder={t.grid.search}
          aria-label={t.grid.search}
          onChange={(event) => useLibrary.setState({ search: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === "Escape") useLibrary.setState({ search: "" });
          }}
        />
      </div>
      <Select label={t.grid.filter} value={filter} options={filters} testId="filter" onChange={(value) => useLibrary.setState({ filter: value })} />
      <Select label={t.grid.sort} value={sort} options={sorts} testId="sort" onChange={(value) => useLibrary.setState({ sort: value })} />
    </div>
  );
}

function Skeleton() {
  return (
    <div className="grid" aria-busy="true" aria-label={t.grid.loading}>
      {[0, 1, 2, 3, 4, 5].map((n) => (
        <div key={n} className="card skeleton" />
      ))}
    </div>
  );
}

function nothingShown(kept: DocumentCard[], all: DocumentCard[], search: string, place: ViewProps) {
  if (kept.length > 0) {
    return null;
  }
  if (all.length > 0) {
    return search.trim() === "" ? (
      <Empty icon="eye" {...t.empty.filter}>
        <Button onClick={() => useLibrary.setState({ filter: "all" })}>{t.empty.showAll}</Button>
      </Empty>
    ) : (
      <Empty icon="search" {...t.empty.search(search.trim())}>
        <Button onClick={() => useLibrary.setState({ search: "" })}>{t.empty.clearSearch}</Button>
      </Empty>
    );
  }
  const { server, scope } = place;
  if (!mayEdit(roleIn(server, scope))) {
    return <Empty icon="eye" {...t.empty.viewer} />;
  }
  return (
    <Empty icon="pen" {...(scope.kind === "personal" ? t.empty.first : t.empty.workspace)}>
      <Button kind="primary" icon="add" onClick={() => ask({ kind: "new_canvas" })}>
        {t.grid.newCanvas}
      </Button>
      <Button icon="import" onClick={() => importInto(server.id, scope, null)}>
        {t.grid.import}
      </Button>
    </Empty>
  );
}

function Documents({ server, scope }: ViewProps) {
  const { list, search, sort, filter } = useLibrary();
  if (list.state === "loading") {
    return <Skeleton />;
  }
  if (list.state === "failed") {
    return (
      <Empty icon="warning" title={t.empty.failed.title} detail={list.detail}>
        <Button icon="refresh" onClick={() => void attempt(() => commands.retryConnection(server.id))}>
          {t.common.tryAgain}
        </Button>
      </Empty>
    );
  }
  const cards = shown(list.cards, { search, sort, filter }, server.user?.id ?? null);
  return (
    <>
      {!list.live && (
        <p className="not-live" role="status">
          <Icon name="offline" />
          {t.grid.notLive}
        </p>
      )}
      {nothingShown(cards, list.cards, search, { server, scope })}
      {/* The list stays in the page also when it is empty, so that its name can be found. */}
      <ul className="grid" data-testid="grid" aria-label={t.grid.label}>
        {cards.map((card) => (
          <Card key={card.document.id} card={card} server={server} role={roleIn(server, scope)} />
        ))}
      </ul>
    </>
  );
}

/** Where a server gives no documents: why, and the way on. Null where it does. */
function obstacle(server: ServerView) {
  switch (server.connection.state) {
    case "signed_out":
      return (
        <Empty icon="leave" title={t.empty.signedOut.title} detail={server.connection.detail || t.empty.signedOut.detail}>
          <Button kind="primary" onClick={() => ask({ kind: "sign_in", url: server.id })}>
            {t.sidebar.signIn}
          </Button>
        </Empty>
      );
    case "incompatible":
      return <Empty icon="warning" title={t.empty.incompatible.title} detail={server.connection.detail} />;
    case "offline":
    case "connecting":
    case "online":
      return null;
  }
}

function OfflineLine({ server }: { server: ServerView }) {
  if (server.connection.state !== "offline") {
    return null;
  }
  return (
    <div className="callout offline-line" role="status">
      <Icon name="offline" />
      <span>
        <strong>{t.empty.offline.title}.</strong> {server.connection.detail} {t.empty.offline.detail}
      </span>
      <Button size="small" onClick={() => void attempt(() => commands.retryConnection(server.id))}>
        {t.sidebar.retry}
      </Button>
    </div>
  );
}

/** A scope's canvases. */
export function DocumentsView({ server, scope }: ViewProps) {
  const name = placeName(server, scope);
  const workspace = scope.kind === "project" ? workspaceOf(server, scope) : null;
  const allowed = mayEdit(roleIn(server, scope)) && obstacle(server) === null;
  return (
    <DropTarget server={server.id} scope={scope} name={name} allowed={allowed}>
      <header className="view-head">
        <div className="view-title">
          {workspace !== null && <p className="crumb">{workspace.name}</p>}
          <h1>{name}</h1>
        </div>
        {allowed && (
          <>
            <Button icon="import" data-testid="import" onClick={() => importInto(server.id, scope, null)}>
              {t.grid.import}
            </Button>
            <Button kind="primary" icon="add" data-testid="new-canvas" onClick={() => ask({ kind: "new_canvas" })}>
              {t.grid.newCanvas}
            </Button>
          </>
        )}
      </header>
      <OfflineLine server={server} />
      {obstacle(server) ?? (
        <>
          <Toolbar />
          <div className="view-scroll">
            <Documents server={server} scope={scope} />
          </div>
        </>
      )}
    </DropTarget>
  );
}
