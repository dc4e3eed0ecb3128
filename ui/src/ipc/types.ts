export type UserId = string;
export interface User { id: string; name: string }
export type Role = "viewer" | "annotator" | "editor" | "owner";
export interface Member { user: User; email: string; role: Role; joined_at: string }
export type DocumentKind = "canvas" | "image";
export interface Document {
  id: string; name: string; kind: DocumentKind; workspace_id: string | null; project_id: string | null; version: number;
  created_at: string; created_by: User; updated_at: string; updated_by: User; lock: unknown;
}
export type ConnectionView =
  | { state: "connecting" } | { state: "online" } | { state: "offline"; detail: string; retry_in_ms: number }
  | { state: "signed_out"; detail: string } | { state: "incompatible"; detail: string };
export type ScopeView = { kind: "personal" } | { kind: "workspace"; id: string } | { kind: "project"; id: string; workspace_id: string };
export interface ProjectView { id: string; name: string }
export interface WorkspaceView { id: string; name: string; role: Role; projects: ProjectView[] }
export interface ServerView { id: string; label: string; embedded: boolean; user: User | null; connection: ConnectionView; workspaces: WorkspaceView[] }
export interface NoticeView { id: string; detail: string }
export interface WaitView { server: string; document_id: string; name: string }
export type Theme = "system" | "light" | "dark";
export interface Settings { device_name: string; display_name: string; notifications: boolean; theme: Theme; close_to_tray: boolean }
export interface AppState { servers: ServerView[]; settings: Settings; notices: NoticeView[]; waiting: WaitView[]; version: string }
export interface HolderView { user: User; device_name: string; since: string; same_user: boolean; window: string | null }
export interface DocumentCard { document: Document; holder: HolderView | null; windows: string[]; notify_me: boolean }
export type DocumentList = { state: "loading" } | { state: "ready"; cards: DocumentCard[]; live: boolean } | { state: "failed"; detail: string };
export type ProgressStep = { state: "reading" } | { state: "sending"; done: number; total: number } | { state: "done"; document_id: string | null } | { state: "cancelled" } | { state: "failed"; detail: string };
export interface Progress { job: string; name: string; step: ProgressStep }
export interface CommandError { code: string; detail: string; holder: HolderView | null; retry_after_secs: number | null }
export interface OwnLockView { server: string; document_id: string | null; name: string; device_name: string; since: string; window: string | null }
export type LossReason = "taken_over" | "forced_free" | "moved_to_own_window" | "expired" | "idle" | "revoked" | "signed_out";
export type LockView =
  | { state: "acquiring" } | { state: "held"; since: string; remaining_ms: number } | { state: "held_by_other"; holder: HolderView; can_take_over: boolean }
  | { state: "free" } | { state: "lapsed"; for_ms: number }
  | { state: "lost"; why: LossReason; by: User | null; reason: string | null; holder: HolderView | null; can_take_over: boolean; kept_changes: number }
  | { state: "not_allowed" } | { state: "gone"; kept_changes: number };
export type SaveView = { state: "saved"; version: number } | { state: "saving"; pending: number } | { state: "offline"; pending: number } | { state: "draft"; changes: number }
  | { state: "failing"; for_ms: number; detail: string; pending: number; on_disk: boolean };
export interface CanvasState {
  server: string; server_label: string; document_id: string; name: string; kind: DocumentKind; workspace: string | null; role: Role; user: User; session_id: string;
  editable: boolean; lock: LockView; save: SaveView; connection: ConnectionView; notify_me: boolean;
}
export interface Pointer { x: number; y: number }
export interface PersonView { session_id: string; user: User; own: boolean; editing: boolean; pointer: Pointer | null; selected: string[] }
export interface PresenceState { pointer: Pointer | null; selected: string[] }
export interface ElementData { id: string; data: unknown }
export interface FileData { id: string; data: unknown }
export interface CanvasContent { version: number; elements: ElementData[]; app_state: unknown; files: FileData[] }
export interface Edit { puts: ElementData[]; deletes: string[]; app_state?: unknown; files: FileData[] }
export type CanvasEvent = { type: "state"; state: CanvasState } | { type: "remote"; edit: Edit } | { type: "reload" } | { type: "people"; people: PersonView[] } | { type: "flush" };
