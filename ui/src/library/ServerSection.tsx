import { commands, type ScopeView, type ServerView, type WorkspaceView } from "../ipc";
import { IconButton } from "../shared/Button";
import { Menu, type MenuEntry } from "../shared/Menu";
import { attempt } from "../shared/toasts";
import { t } from "../text";
import { ask, goTo } from "./libraryStore";
import { mayEdit, scopeKey, type Place } from "./place";
import { SidebarRow } from "./Sidebar";

function serverEntries(server: ServerView): MenuEntry[] {
  const { id, label } = server;
  const signedOut = server.connection.state === "signed_out";
  const entries: MenuEntry[] = [];
  if (!signedOut) {
    entries.push({ label: t.sidebar.newWorkspace, icon: "add", testId: "new-workspace", onSelect: () => ask({ kind: "new_workspace", server: id }) });
  }
  if (server.connection.state === "offline") {
    entries.push({ label: t.sidebar.retry, icon: "refresh", onSelect: () => void attempt(() => commands.retryConnection(id)) });
  }
  if (server.embedded) {
    return entries;
  }
  if (signedOut) {
    entries.push({ label: t.sidebar.signIn, icon: "open", onSelect: () => ask({ kind: "sign_in", url: id }) });
  } else {
    entries.push({ label: t.sidebar.signOut, icon: "leave", testId: "sign-out", line: true, onSelect: () => ask({ kind: "sign_out", server: id, label }) });
  }
  entries.push({ label: t.sidebar.forget, icon: "trash", danger: true, onSelect: () => ask({ kind: "forget", server: id, label }) });
  return entries;
}

function workspaceEntries(server: string, { id, name, role }: WorkspaceView): MenuEntry[] {
  const entries: MenuEntry[] = [
    { label: t.sidebar.members, icon: "people", testId: "members", onSelect: () => ask({ kind: "members", server, id, name, role }) },
  ];
  if (mayEdit(role)) {
    entries.unshift({ label: t.sidebar.newProject, icon: "add", testId: "new-project", onSelect: () => ask({ kind: "new_project", server, workspaceId: id }) });
  }
  if (role === "owner") {
    entries.push(
      { label: t.menu.rename, icon: "pen", testId: "rename-workspace", onSelect: () => ask({ kind: "rename_workspace", server, id, name }) },
      { label: t.menu.delete, icon: "trash", testId: "delete-workspace", danger: true, line: true, onSelect: () => ask({ kind: "delete_workspace", server, id, name, role }) },
    );
  }
  return entries;
}

function Workspace({ server, workspace, current }: { server: string; workspace: WorkspaceView; current: string | null }) {
  const go = (scope: ScopeView) => goTo({ kind: "documents", server, scope });
  return (
    <>
      <div className="sidebar-line">
        <SidebarRow icon="people" label={workspace.name} testId={`sidebar-workspace-${workspace.name}`} current={current === `workspace:${workspace.id}`} onSelect={() => go({ kind: "workspace", id: workspace.id })} />
        <Menu entries={workspaceEntries(server, workspace)}>
          <IconButton icon="more" label={t.sidebar.menuOf(workspace.name)} data-testid={`sidebar-workspace-menu-${workspace.name}`} />
        </Menu>
      </div>
      {workspace.projects.map(({ id, name }) => (
        <div className="sidebar-line sidebar-project" key={id}>
          <SidebarRow icon="folder" label={name} testId={`sidebar-project-${name}`} current={current === `project:${id}`} onSelect={() => go({ kind: "project", id, workspace_id: workspace.id })} />
          {mayEdit(workspace.role) && (
            <Menu
              entries={[
                { label: t.menu.rename, icon: "pen", testId: "rename-project", onSelect: () => ask({ kind: "rename_project", server, id, name }) },
                { label: t.menu.delete, icon: "trash", testId: "delete-project", danger: true, onSelect: () => ask({ kind: "delete_project", server, id, name, role: workspace.role }) },
              ]}
            >
              <IconButton icon="more" label={t.sidebar.menuOf(name)} />
            </Menu>
          )}
        </div>
      ))}
    </>
  );
}

/** A server with its workspaces and their projects. */
export function ServerSection({ server, place }: { server: ServerView; place: Place }) {
  const current = place.kind === "documents" && place.server === server.id ? scopeKey(place.scope) : null;
  const { state } = server.connection;
  const entries = serverEntries(server);
  return (
    <section aria-label={server.label}>
      <h2 className="sidebar-title sidebar-line">
        <span className="sidebar-label" title={server.label}>
          {server.embedded ? t.sidebar.device : server.label}
        </span>
        {state !== "online" && (
          <span className="sidebar-state" data-state={state}>
            {t.connection[state]}
          </span>
        )}
        {entries.length > 0 && (
          <Menu entries={entries}>
            <IconButton icon="more" label={t.sidebar.serverMenu(server.label)} data-testid={`sidebar-server-menu-${server.label}`} />
          </Menu>
        )}
      </h2>
      <SidebarRow
        icon={server.embedded ? "device" : "server"}
        label={t.sidebar.personal}
        testId={server.embedded ? "sidebar-device" : `sidebar-server-${server.label}`}
        current={current === "personal"}
        onSelect={() => goTo({ kind: "documents", server: server.id, scope: { kind: "personal" } })}
      />
      {server.workspaces.map((workspace) => (
        <Workspace key={workspace.id} server={server.id} workspace={workspace} current={current} />
      ))}
    </section>
  );
}
