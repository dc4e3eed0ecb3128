/** The commands of the library window, one typed function each. A rejected promise carries a `CommandError`. */
import { Channel, invoke } from "@tauri-apps/api/core";
import type {
  AppState,
  Document,
  DocumentList,
  HistoryPage,
  Member,
  OwnLockView,
  Progress,
  ProjectView,
  Resource,
  Role,
  ScopeView,
  ServerView,
  Settings,
  WorkspaceView,
} from "./generated";

/** How a document's window is opened. */
export type OpenMode = "edit" | "read_only" | "new_window";

function channel<T>(onMessage: (message: T) => void): Channel<T> {
  const made = new Channel<T>();
  made.onmessage = onMessage;
  return made;
}

export const appState = () => invoke<AppState>("app_state");
export const updateSettings = (settings: Settings) => invoke<null>("update_settings", { settings });
export const dismissNotice = (id: string) => invoke<null>("dismiss_notice", { id });
export const quit = () => invoke<null>("quit");
export const focusWindow = (label: string) => invoke<null>("focus_window", { label });

export const signIn = (url: string, email: string, password: string) =>
  invoke<ServerView>("sign_in", { url, email, password });
export const signOut = (server: string) => invoke<null>("sign_out", { server });
export const forgetServer = (server: string) => invoke<null>("forget_server", { server });
export const retryConnection = (server: string) => invoke<null>("retry_connection", { server });

export const createWorkspace = (server: string, name: string) =>
  invoke<WorkspaceView>("create_workspace", { server, name });
export const renameWorkspace = (server: string, id: string, name: string) =>
  invoke<null>("rename_workspace", { server, id, name });
export const deleteWorkspace = (server: string, id: string, force: boolean) =>
  invoke<null>("delete_workspace", { server, id, force });
export const members = (server: string, id: string) => invoke<Member[]>("members", { server, id });
export const addMember = (server: string, id: string, email: string, role: Role) =>
  invoke<Member>("add_member", { server, id, email, role });
export const changeMember = (server: string, id: string, userId: string, role: Role) =>
  invoke<null>("change_member", { server, id, userId, role });
export const removeMember = (server: string, id: string, userId: string) =>
  invoke<null>("remove_member", { server, id, userId });
export const createProject = (server: string, workspaceId: string, name: string) =>
  invoke<ProjectView>("create_project", { server, workspaceId, name });
export const renameProject = (server: string, id: string, name: string) =>
  invoke<null>("rename_project", { server, id, name });
export const deleteProject = (server: string, id: string, force: boolean) =>
  invoke<null>("delete_project", { server, id, force });

/** Follows one scope's documents; a later call from the same window replaces it. */
export const watchDocuments = (server: string, scope: ScopeView, onList: (list: DocumentList) => void) =>
  invoke<null>("watch_documents", { server, scope, channel: channel(onList) });
export const createDocument = (server: string, scope: ScopeView, name: string) =>
  invoke<Document>("create_document", { server, scope, name });
export const renameDocument = (server: string, id: string, name: string) =>
  invoke<null>("rename_document", { server, id, name });
export const moveDocument = (server: string, id: string, scope: ScopeView) =>
  invoke<null>("move_document", { server, id, scope });
export const deleteDocument = (server: string, id: string, force: boolean) =>
  invoke<null>("delete_document", { server, id, force });
export const duplicateDocument = (server: string, id: string) => invoke<Document>("duplicate_document", { server, id });
export const openDocument = (server: string, id: string, mode: OpenMode) =>
  invoke<null>("open_document", { server, id, mode });
export const notifyMe = (server: string, documentId: string, on: boolean) =>
  invoke<null>("notify_me", { server, documentId, on });
export const ownLocks = () => invoke<OwnLockView[]>("own_locks");
export const releaseOwnLock = (server: string, resource: Resource) =>
  invoke<null>("release_own_lock", { server, resource });

/** Imports files; without paths the host asks with its own dialog. */
export const importFiles = (
  server: string,
  scope: ScopeView,
  paths: string[] | null,
  onProgress: (progress: Progress) => void,
) => invoke<null>("import_files", { server, scope, paths, channel: channel(onProgress) });
/** Exports a document; the host asks where to. */
export const exportDocument = (server: string, id: string, onProgress: (progress: Progress) => void) =>
  invoke<null>("export_document", { server, id, path: null, channel: channel(onProgress) });
export const cancelJob = (job: string) => invoke<null>("cancel_job", { job });

/** A `CanvasContent` as raw JSON bytes, for a thumbnail. */
export const documentContent = (server: string, id: string) =>
  invoke<ArrayBuffer>("document_content", { server, id });
export const documentFile = (server: string, id: string, fileId: string) =>
  invoke<ArrayBuffer>("document_file", { server, id, fileId });
/** The cached PNG; empty where there is none for this version. */
export const thumbnail = (server: string, id: string, version: number) =>
  invoke<ArrayBuffer>("thumbnail", { server, id, version });
export const putThumbnail = (server: string, id: string, version: number, png: Uint8Array) =>
  invoke<null>("put_thumbnail", png, {
    headers: { "x-server": server, "x-document": id, "x-version": String(version) },
  });

/** A `DraftContent` as raw JSON bytes. */
export const draftContent = (id: string) => invoke<ArrayBuffer>("draft_content", { id });
/** An image of a draft, also one that never reached the server. */
export const draftFile = (id: string, fileId: string) => invoke<ArrayBuffer>("draft_file", { id, fileId });
/** Opens the draft's canvas and applies it there, or asks where others saved meanwhile. */
export const draftOpen = (id: string) => invoke<null>("draft_open", { id });
export const draftSaveCopy = (id: string) => invoke<null>("draft_save_copy", { id });
export const draftDiscard = (id: string) => invoke<null>("draft_discard", { id });

/** The versions before `before`, newest first. */
export const history = (server: string, id: string, before: number | null) =>
  invoke<HistoryPage>("history", { server, id, before });
/** A `CanvasContent` as raw JSON bytes. */
export const versionContent = (server: string, id: string, version: number) =>
  invoke<ArrayBuffer>("version_content", { server, id, version });
/** Restores as a new version; `lock_held` where somebody else is editing. */
export const restoreVersion = (server: string, id: string, version: number) =>
  invoke<null>("restore_version", { server, id, version });
export const copyVersion = (server: string, id: string, version: number) =>
  invoke<null>("copy_version", { server, id, version });
export const nameVersion = (server: string, id: string, version: number, name: string | null) =>
  invoke<null>("name_version", { server, id, version, name });
