import type { AppState } from "../ipc";
import { Icon, Mark, type IconName } from "../shared/Icon";
import { t } from "../text";
import { ask, goTo } from "./libraryStore";
import type { Place } from "./place";
import { ServerSection } from "./ServerSection";

interface RowProps {
  icon: IconName;
  label: string;
  testId: string;
  current: boolean;
  count?: number;
  onSelect: () => void;
}

/** One line of the sidebar. */
export function SidebarRow({ icon, label, testId, current, count = 0, onSelect }: RowProps) {
  return (
    <button type="button" className="sidebar-row" data-testid={testId} aria-current={current ? "page" : undefined} onClick={onSelect}>
      <Icon name={icon} />
      <span className="sidebar-name">{label}</span>
      {count > 0 && <span className="sidebar-count">{count}</span>}
    </button>
  );
}

/** Where one can go, and what one can add. */
export function Sidebar({ app, place }: { app: AppState; place: Place }) {
  return (
    <nav className="sidebar" data-testid="sidebar" aria-label={t.sidebar.label}>
      <div className="brand">
        <Mark />
        <span>{t.product}</span>
      </div>
      <div className="sidebar-scroll">
        {app.servers.map((server) => (
          <ServerSection key={server.id} server={server} place={place} />
        ))}
        <button type="button" className="sidebar-row sidebar-add" data-testid="add-server" onClick={() => ask({ kind: "sign_in", url: null })}>
          <Icon name="add" />
          <span className="sidebar-name">{t.sidebar.addServer}</span>
        </button>
        <h2 className="sidebar-title">{t.sidebar.yours}</h2>
        <SidebarRow icon="lock" label={t.sidebar.locks} testId="sidebar-locks" current={place.kind === "locks"} onSelect={() => goTo({ kind: "locks" })} />
        <SidebarRow icon="drafts" label={t.sidebar.drafts} testId="sidebar-drafts" current={place.kind === "drafts"} count={app.drafts.length} onSelect={() => goTo({ kind: "drafts" })} />
        <SidebarRow icon="bell" label={t.sidebar.waiting} testId="sidebar-waiting" current={place.kind === "waiting"} count={app.waiting.length} onSelect={() => goTo({ kind: "waiting" })} />
      </div>
      <div className="sidebar-foot">
        <button type="button" className="sidebar-row" data-testid="settings-open" onClick={() => ask({ kind: "settings" })}>
          <Icon name="gear" />
          <span className="sidebar-name">{t.sidebar.settings}</span>
        </button>
      </div>
    </nav>
  );
}
