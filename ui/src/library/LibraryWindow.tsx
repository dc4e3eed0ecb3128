import "./library.css";
import { useEffect } from "react";
import { useApp } from "../app/appStore";
import type { AppState } from "../ipc";
import { Button } from "../shared/Button";
import { t } from "../text";
import { Dialogs } from "./Dialogs";
import { DocumentsView } from "./DocumentsView";
import { DraftsView } from "./DraftsView";
import { follow, goTo, useLibrary } from "./libraryStore";
import { LocksView } from "./LocksView";
import { Notices } from "./Notices";
import { exists, type Place } from "./place";
import { ProgressList } from "./ProgressList";
import { Sidebar } from "./Sidebar";
import { WaitingView } from "./WaitingView";

function Main({ app, place }: { app: AppState; place: Place }) {
  switch (place.kind) {
    case "locks":
      return <LocksView app={app} />;
    case "waiting":
      return <WaitingView waiting={app.waiting} />;
    case "drafts":
      return <DraftsView drafts={app.drafts} labelOf={(id) => app.servers.find((server) => server.id === id)?.label ?? id} />;
    case "documents": {
      const server = app.servers.find((each) => each.id === place.server);
      return server === undefined ? null : <DocumentsView server={server} scope={place.scope} />;
    }
  }
}

function Starting({ failure }: { failure: string | null }) {
  if (failure === null) {
    return <main className="starting" aria-busy="true" aria-label={t.crash.starting} />;
  }
  return (
    <main className="crash" role="alert">
      <h1>{t.crash.noStart}</h1>
      <p className="selectable">{failure}</p>
      <Button kind="primary" icon="refresh" onClick={() => window.location.reload()}>
        {t.common.tryAgain}
      </Button>
    </main>
  );
}

/** The window with everybody's canvases. */
export function LibraryWindow() {
  const { app, failure } = useApp();
  const place = useLibrary((state) => state.place);
  const home = app?.servers[0]?.id;

  useEffect(() => {
    if (app !== null && home !== undefined && (place === null || !exists(app, place))) {
      goTo({ kind: "documents", server: home, scope: { kind: "personal" } });
    }
  }, [app, home, place]);
  useEffect(() => (place === null ? undefined : follow(place)), [place]);

  if (app === null || place === null) {
    return <Starting failure={failure} />;
  }
  return (
    <div className="library" data-testid="library">
      <Sidebar app={app} place={place} />
      <main className="library-main">
        <Notices notices={app.notices} />
        <Main app={app} place={place} />
      </main>
      <ProgressList />
      <Dialogs app={app} place={place} />
    </div>
  );
}
