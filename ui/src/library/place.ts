import type { AppState, Role, ScopeView, ServerView, WorkspaceView } from "../ipc";
import { t } from "../text";

/** What the library window shows: a scope's documents, or one of the user's lists. */
export type Place = { kind: "documents"; server: string; scope: ScopeView } | { kind: "locks" } | { kind: "waiting" } | { kind: "drafts" };

/** The workspace that a scope is in; null for the user's own. */
export function workspaceOf(server: ServerView, scope: ScopeView): WorkspaceView | null {
  if (scope.kind === "personal") {
    return null;
  }
  const id = scope.kind === "workspace" ? scope.id : scope.workspace_id;
  return server.workspaces.find((workspace) => workspace.id === id) ?? null;
}

/** How people call the place. */
export function placeName(server: ServerView, scope: ScopeView): string {
  if (scope.kind === "personal") {
    return server.embedded ? t.sidebar.device : t.sidebar.personal;
  }
  const workspace = workspaceOf(server, scope);
  if (scope.kind === "workspace") {
    return workspace?.name ?? "";
  }
  return workspace?.projects.find((project) => project.id === scope.id)?.name ?? "";
}

/** What the user may do there; owner of own documents. */
export function roleIn(server: ServerView, scope: ScopeView): Role {
  return scope.kind === "personal" ? "owner" : (workspaceOf(server, scope)?.role ?? "viewer");
}

/** Whether the role may create, rename, move and delete documents (A03). */
export function mayEdit(role: Role): boolean {
  return role === "owner" || role === "editor";
}

/** Whether the place still exists: workspaces and servers can go while they are shown. */
export function exists(app: AppState, place: Place): boolean {
  if (place.kind !== "documents") {
    return true;
  }
  const server = app.servers.find((each) => each.id === place.server);
  if (server === undefined) {
    return false;
  }
  if (place.scope.kind === "personal") {
    return true;
  }
  // While signed out or still connecting the workspaces are unknown, not gone.
  return workspaceOf(server, place.scope) !== null ? placeName(server, place.scope) !== "" : server.connection.state !== "online";
}

/** One text for each scope, to compare and to remember by. */
export function scopeKey(scope: ScopeView): string {
  return scope.kind === "personal" ? "personal" : `${scope.kind}:${scope.id}`;
}
