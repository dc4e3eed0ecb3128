// Generated from crates/client/src/view and crates/protocol by `cargo xtask types`. Changes made here are lost.

/**
 * All windows' shared state.
 */
export type AppState = { 
/**
 * The embedded server first.
 */
servers: Array<ServerView>, 
/**
 * The user's settings.
 */
settings: Settings, 
/**
 * What does not work here.
 */
notices: Array<NoticeView>, 
/**
 * Documents that the user waits for.
 */
waiting: Array<WaitView>, 
/**
 * Edits on this device that are in no document, newest first.
 */
drafts: Array<DraftView>, 
/**
 * The app's version.
 */
version: string, };

/**
 * The drawing: what `canvas_content` answers, as raw JSON bytes.
 */
export type CanvasContent = { 
/**
 * The drawing's version at the server that this is built on.
 */
version: number, 
/**
 * In drawing order, with the edits that are not acknowledged yet.
 */
elements: Array<ElementData>, 
/**
 * The file's `appState`; an empty object where there is none.
 */
app_state: unknown, 
/**
 * The files.
 */
files: Array<FileData>, };

/**
 * What a canvas window is told, in order, over its channel.
 */
export type CanvasEvent = { "type": "state", 
/**
 * Replaces the one before.
 */
state: CanvasState, } | { "type": "remote", 
/**
 * The changes, as JSON text of an [`Edit`] (kept as text across the boundary).
 */
edit: Edit, } | { "type": "reload" } | { "type": "people", 
/**
 * Replaces the list before.
 */
people: Array<PersonView>, } | { "type": "flush" } | { "type": "recovered", 
/**
 * How many changed elements.
 */
changes: number, 
/**
 * When the last of them was made, by this device's clock, where that is known.
 */
at: Timestamp | null, };

/**
 * All that a canvas window shows beside the drawing itself.
 */
export type CanvasState = { 
/**
 * Which server.
 */
server: ServerId, 
/**
 * How people call it: "On this device", or its host.
 */
server_label: string, 
/**
 * The document.
 */
document_id: DocumentId, 
/**
 * Its name.
 */
name: string, 
/**
 * What it is.
 */
kind: DocumentKind, 
/**
 * The workspace's name; null for a personal document.
 */
workspace: string | null, 
/**
 * What the user may do; owner of own documents.
 */
role: Role, 
/**
 * Who is looking at this window.
 */
user: User, 
/**
 * This window's session.
 */
session_id: SessionId, 
/**
 * Whether strokes are accepted now. The webview checks nothing else.
 */
editable: boolean, 
/**
 * The lock.
 */
lock: LockView, 
/**
 * What has become of the edits.
 */
save: SaveView, 
/**
 * The link to the server.
 */
connection: ConnectionView, 
/**
 * Whether the user asked to be told when the lock frees.
 */
notify_me: boolean, 
/**
 * Two versions that the user has to choose between; null while there is but one.
 */
conflict: ConflictView | null, };

/**
 * What became of an element since the base.
 */
export type ChangeKind = "same" | "added" | "changed" | "deleted";

/**
 * What went wrong, for a program to act on. The names are stable.
 */
export type Code = "unauthenticated" | "forbidden" | "not_found" | "session_not_found" | "session_not_yours" | "lock_not_found" | "not_lock_holder" | "lock_held" | "lock_offered" | "lock_required" | "stale_fence" | "version_conflict" | "not_creator" | "last_owner" | "already_member" | "hash_mismatch" | "too_large" | "invalid" | "method_not_allowed" | "rate_limited" | "unavailable" | "internal";

/**
 * An error as a window shows it.
 */
export type CommandError = { 
/**
 * The server's code, where somebody acts on it, or one of `offline`, `read_only`, `bad_file`, `wrong_password`, `keychain`, `disk`.
 */
code: string, 
/**
 * What happened, what is safe, what to do.
 */
detail: string, 
/**
 * With `lock_held`: who.
 */
holder: HolderView | null, 
/**
 * With `rate_limited` and `unavailable`: in how many seconds to try again.
 */
retry_after_secs: number | null, };

/**
 * The three drawings of a conflict: what `canvas_conflict_content` answers, as raw JSON bytes.
 */
export type ConflictContent = { 
/**
 * The revision of the conflict that this shows.
 */
revision: number, 
/**
 * What both were made on.
 */
base: CanvasContent, 
/**
 * What this device has.
 */
mine: CanvasContent, 
/**
 * What the server has.
 */
theirs: CanvasContent, };

/**
 * The document's lock, as far as resolving a conflict goes.
 */
export type ConflictLock = "free" | "ours" | "held";

/**
 * A conflict that waits for the user's word.
 */
export type ConflictView = { 
/**
 * New for each conflict; stays while the dialog is open.
 */
id: string, 
/**
 * Counts the updates of the other side since the conflict began.
 */
revision: number, 
/**
 * What this device has.
 */
mine: SideView, 
/**
 * What the server has.
 */
theirs: SideView, 
/**
 * The version that both were made on.
 */
base_version: number, 
/**
 * Every element that differs from the base on either side, in drawing order.
 */
differences: Array<DifferenceView>, 
/**
 * Whether the choices that write can be taken now.
 */
lock: ConflictLock, 
/**
 * With `held`: who.
 */
holder: HolderView | null, 
/**
 * Whether this user may take the lock over.
 */
can_take_over: boolean, };

/**
 * The link to a server.
 */
export type ConnectionView = { "state": "connecting" } | { "state": "online" } | { "state": "offline", 
/**
 * Why, in words.
 */
detail: string, 
/**
 * When it is tried next, in milliseconds from now.
 */
retry_in_ms: number, } | { "state": "signed_out", 
/**
 * Revoked, expired, never signed in.
 */
detail: string, } | { "state": "incompatible", 
/**
 * Which of the two is older, and what to do.
 */
detail: string, };

/**
 * An element that differs.
 */
export type DifferenceView = { 
/**
 * Which.
 */
element_id: string, 
/**
 * Its type, and the beginning of its text.
 */
label: string, 
/**
 * What this device did to it.
 */
mine: ChangeKind, 
/**
 * What others did to it. Where both did something, the user chooses.
 */
theirs: ChangeKind, };

/**
 * A document without its content.
 */
export type Document = { 
/**
 * The document.
 */
id: DocumentId, 
/**
 * Its name.
 */
name: string, 
/**
 * What it is.
 */
kind: DocumentKind, 
/**
 * Its workspace; null for a personal document.
 */
workspace_id: WorkspaceId | null, 
/**
 * Its project; null outside of projects.
 */
project_id: ProjectId | null, 
/**
 * Counts its commits; 0 for one that was never saved.
 */
version: number, 
/**
 * When it was created,
 */
created_at: Timestamp, 
/**
 * and by whom.
 */
created_by: User, 
/**
 * When it was last saved or renamed,
 */
updated_at: Timestamp, 
/**
 * and by whom.
 */
updated_by: User, 
/**
 * The exclusive lock, or the oldest shared one.
 */
lock: Lock | null, };

/**
 * A document in the grid.
 */
export type DocumentCard = { 
/**
 * The document.
 */
document: Document, 
/**
 * Who holds its lock.
 */
holder: HolderView | null, 
/**
 * Windows of this app that show it.
 */
windows: Array<string>, 
/**
 * Whether the user waits for it.
 */
notify_me: boolean, 
/**
 * Whether this app is still importing it: until then its lock is the import's.
 */
importing: boolean, };

/**
 * A canvas, or an image that people annotate.
 */
export type DocumentId = string;

/**
 * What kind of document it is.
 */
export type DocumentKind = "canvas" | "image";

/**
 * The documents of one scope, whole: each update replaces the one before.
 */
export type DocumentList = { "state": "loading" } | { "state": "ready", 
/**
 * The documents.
 */
cards: Array<DocumentCard>, 
/**
 * Whether the list follows changes live; false while offline.
 */
live: boolean, } | { "state": "failed", 
/**
 * What happened, and what to do.
 */
detail: string, };

/**
 * The drawings of a draft: what `draft_content` answers, as raw JSON bytes.
 */
export type DraftContent = { 
/**
 * What it was made on.
 */
base: CanvasContent, 
/**
 * That with the draft's edits.
 */
mine: CanvasContent, 
/**
 * What the server has now; null where that can't be had.
 */
theirs: CanvasContent | null, };

/**
 * Where a draft that was saved as a copy is now.
 */
export type DraftCopyView = { 
/**
 * Which server has the copy,
 */
server: ServerId, 
/**
 * and how people call that.
 */
server_label: string, 
/**
 * The copy.
 */
document_id: DocumentId, 
/**
 * How many pictures could not be had any more. Where one of the draft's own is among them, the draft stays.
 */
missing_pictures: number, };

/**
 * Why edits are a draft and not in the document.
 */
export type DraftReason = "conflict" | "lost_lock" | "crash" | "put_aside" | "signed_out" | "gone";

/**
 * A draft on this device.
 */
export type DraftView = { 
/**
 * Which.
 */
id: string, 
/**
 * Of a document of which server,
 */
server: ServerId, 
/**
 * of which document,
 */
document_id: DocumentId, 
/**
 * and how that was called when it was last seen.
 */
name: string, 
/**
 * The version that it was made on.
 */
base_version: number, 
/**
 * When its last edit was made, by this device's clock, where that is known.
 */
at: Timestamp | null, 
/**
 * How many changed elements.
 */
changes: number, 
/**
 * Why it is here.
 */
why: DraftReason, };

/**
 * Edits of one moment, from the webview: the body of `canvas_edit`, as raw JSON bytes.
 */
export type Edit = { 
/**
 * Elements created or changed, whole.
 */
puts: Array<ElementData>, 
/**
 * Elements deleted.
 */
deletes: Array<string>, 
/**
 * The file's `appState`, where what belongs into the file changed (background, grid).
 */
app_state?: unknown, 
/**
 * Files that elements now refer to; their bytes were given with `canvas_add_file` before.
 */
files: Array<FileData>, };

/**
 * An element as the webview gets and gives it: whole, as JSON.
 */
export type ElementData = { 
/**
 * Its id.
 */
id: string, 
/**
 * All of it. Its `index` is one that sorts the element to its place, also where the stored one does not.
 */
data: unknown, };

/**
 * A file (image) that elements refer to; its bytes are fetched one by one.
 */
export type FileData = { 
/**
 * The canvas's own id for it.
 */
id: string, 
/**
 * `mimeType`, `created` and what else the file said of it, without `dataURL`.
 */
data: unknown, };

/**
 * A part of a document's history, newest first.
 */
export type HistoryPage = { 
/**
 * The versions.
 */
entries: Array<VersionView>, 
/**
 * What to ask for next with `before`; null at the beginning of the document.
 */
next: number | null, };

/**
 * Who holds a lock.
 */
export type HolderView = { 
/**
 * The holder.
 */
user: User, 
/**
 * The device.
 */
device_name: string, 
/**
 * Since when, by the server's clock.
 */
since: Timestamp, 
/**
 * Whether the holder is the same user.
 */
same_user: boolean, 
/**
 * The label of the window that holds it, where that is one of this app (C03).
 */
window: string | null, };

/**
 * A live lock, as everybody who may see the resource sees it.
 */
export type Lock = { 
/**
 * What is locked.
 */
resource: Resource, 
/**
 * How.
 */
mode: LockMode, 
/**
 * The fencing token: greater than every earlier one of this resource (L07), below 2^53.
 */
fence: number, 
/**
 * Who holds it: the session,
 */
session_id: SessionId, 
/**
 * its user,
 */
user_id: UserId, 
/**
 * the user's name
 */
user_name: string, 
/**
 * and the device.
 */
device_name: string, 
/**
 * When this session got it.
 */
acquired_at: Timestamp, 
/**
 * When its lease was last renewed.
 */
heartbeat_at: Timestamp, 
/**
 * When its lease ends unless renewed.
 */
expires_at: Timestamp, };

/**
 * How many sessions may hold the lock at once.
 */
export type LockMode = "exclusive" | "shared";

/**
 * This window's lock on its document.
 */
export type LockView = { "state": "acquiring" } | { "state": "held", 
/**
 * Since when, by the server's clock.
 */
since: Timestamp, 
/**
 * How long it can still be relied on without a heartbeat, in milliseconds. Shown while offline.
 */
remaining_ms: number, } | { "state": "held_by_other", 
/**
 * Who.
 */
holder: HolderView, 
/**
 * Whether this user may take it over.
 */
can_take_over: boolean, } | { "state": "free" } | { "state": "lapsed", 
/**
 * For how long, in milliseconds.
 */
for_ms: number, } | { "state": "lost", 
/**
 * Why.
 */
why: LossReason, 
/**
 * Who took it, where somebody did.
 */
by: User | null, 
/**
 * The reason that was given.
 */
reason: string | null, 
/**
 * Who holds it now.
 */
holder: HolderView | null, 
/**
 * Whether this user may take it back.
 */
can_take_over: boolean, 
/**
 * Edits kept as a draft on this device.
 */
kept_changes: number, } | { "state": "not_allowed" } | { "state": "gone", 
/**
 * Edits kept as a draft on this device.
 */
kept_changes: number, };

/**
 * Why a window lost its lock.
 */
export type LossReason = "taken_over" | "forced_free" | "moved_to_own_window" | "expired" | "idle" | "revoked" | "signed_out";

/**
 * A member of a workspace.
 */
export type Member = { 
/**
 * Who.
 */
user: User, 
/**
 * The account.
 */
email: string, 
/**
 * What the member may do.
 */
role: Role, 
/**
 * Since when.
 */
joined_at: Timestamp, };

/**
 * Something that does not work on this machine, with a way on.
 */
export type NoticeView = { 
/**
 * Stable: `no_keychain`, `no_notifications`, `no_tray`, `data_folder`, `local_server`.
 */
id: string, 
/**
 * What happened, what is safe, what to do.
 */
detail: string, };

/**
 * A lock of the user, wherever it is held.
 */
export type OwnLockView = { 
/**
 * Where.
 */
server: ServerId, 
/**
 * What is locked.
 */
resource: Resource, 
/**
 * The name of what is locked.
 */
name: string, 
/**
 * On which device.
 */
device_name: string, 
/**
 * Since when, by the server's clock.
 */
since: Timestamp, 
/**
 * The window that holds it, where it is one of this app.
 */
window: string | null, };

/**
 * Somebody else who looks at the canvas.
 */
export type PersonView = { 
/**
 * The window that looks.
 */
session_id: SessionId, 
/**
 * Who.
 */
user: User, 
/**
 * Whether it is this user in another window.
 */
own: boolean, 
/**
 * Whether this session holds the lock.
 */
editing: boolean, 
/**
 * Where the pointer is, in scene coordinates.
 */
pointer: Pointer | null, 
/**
 * What is selected.
 */
selected: Array<string>, };

/**
 * A pointer in scene coordinates.
 */
export type Pointer = { 
/**
 * Across.
 */
x: number, 
/**
 * Down.
 */
y: number, };

/**
 * What a window tells others about itself.
 */
export type PresenceState = { 
/**
 * Where the pointer is; null when it left.
 */
pointer: Pointer | null, 
/**
 * What is selected.
 */
selected: Array<string>, };

/**
 * How far a longer piece of work is.
 */
export type Progress = { 
/**
 * To cancel it with.
 */
job: string, 
/**
 * The file or document.
 */
name: string, 
/**
 * How far.
 */
step: ProgressStep, };

/**
 * A step of an import or export.
 */
export type ProgressStep = { "state": "reading" } | { "state": "sending", 
/**
 * Parts done.
 */
done: number, 
/**
 * Of so many.
 */
total: number, } | { "state": "done", 
/**
 * Where it is now.
 */
document_id: DocumentId | null, } | { "state": "cancelled" } | { "state": "failed", 
/**
 * The file, what is wrong with it, and what to do.
 */
detail: string, };

/**
 * A folder of documents in a workspace.
 */
export type ProjectId = string;

/**
 * A project in the sidebar.
 */
export type ProjectView = { 
/**
 * The project.
 */
id: ProjectId, 
/**
 * Its name.
 */
name: string, };

/**
 * The user's word on a conflict.
 */
export type Resolution = { "kind": "reload" } | { "kind": "overwrite" } | { "kind": "merge", 
/**
 * Elements to take from this device.
 */
mine: Array<string>, 
/**
 * Elements to take from the server.
 */
theirs: Array<string>, } | { "kind": "copy" } | { "kind": "cancel" };

/**
 * What a lock is on.
 */
export type Resource = { "kind": "workspace", 
/**
 * The workspace.
 */
id: WorkspaceId, } | { "kind": "document", 
/**
 * The document.
 */
id: DocumentId, } | { "kind": "element", 
/**
 * The element: 1 to 256 bytes of UTF-8 without control characters.
 */
id: string, 
/**
 * The document that it is in.
 */
document_id: DocumentId, };

/**
 * What a member may do in a workspace (A03). Greater may do all that lesser may.
 */
export type Role = "viewer" | "annotator" | "editor" | "owner";

/**
 * What has become of the edits.
 */
export type SaveView = { "state": "saved", 
/**
 * The document's version.
 */
version: number, } | { "state": "saving", 
/**
 * How many changed elements.
 */
pending: number, } | { "state": "offline", 
/**
 * How many changed elements.
 */
pending: number, } | { "state": "draft", 
/**
 * How many changed elements.
 */
changes: number, } | { "state": "failing", 
/**
 * For how long, in milliseconds.
 */
for_ms: number, 
/**
 * What is wrong and what is safe.
 */
detail: string, 
/**
 * How many changed elements.
 */
pending: number, 
/**
 * Whether they are at least on this device's disk.
 */
on_disk: boolean, };

/**
 * Where documents are looked for.
 */
export type ScopeView = { "kind": "personal" } | { "kind": "workspace", 
/**
 * Which.
 */
id: WorkspaceId, } | { "kind": "project", 
/**
 * Which.
 */
id: ProjectId, 
/**
 * Where it is.
 */
workspace_id: WorkspaceId, };

/**
 * A server, as the app names it: `device` for the embedded one, else its base URL.
 */
export type ServerId = string;

/**
 * A server in the sidebar.
 */
export type ServerView = { 
/**
 * Which.
 */
id: ServerId, 
/**
 * "On this device", or the host.
 */
label: string, 
/**
 * Whether it is the embedded one.
 */
embedded: boolean, 
/**
 * Who is signed in.
 */
user: User | null, 
/**
 * The link.
 */
connection: ConnectionView, 
/**
 * What the user is a member of.
 */
workspaces: Array<WorkspaceView>, };

/**
 * One editor window (S01). Made by the client.
 */
export type SessionId = string;

/**
 * The user's settings on this device.
 */
export type Settings = { 
/**
 * What others see as the holder's device.
 */
device_name: string, 
/**
 * The name others see on documents of this device's own server.
 */
display_name: string, 
/**
 * Whether OS notifications are shown.
 */
notifications: boolean, 
/**
 * Light or dark.
 */
theme: Theme, 
/**
 * Whether closing the last window keeps the app in the tray.
 */
close_to_tray: boolean, 
/**
 * Whether drawing stops once a lock has run out; else it goes on as a draft (X02).
 */
stop_editing_when_lapsed: boolean, };

/**
 * One of the two versions.
 */
export type SideView = { 
/**
 * The server's version; for one's own side the version that it was made on.
 */
version: number, 
/**
 * Who saved it last.
 */
by: User, 
/**
 * On which device.
 */
device_name: string, 
/**
 * When it was saved, by the server's clock; null for what was not.
 */
at: Timestamp | null, 
/**
 * How many elements differ from the base.
 */
changes: number, };

/**
 * Light or dark.
 */
export type Theme = "system" | "light" | "dark";

/**
 * A moment as the server's clock saw it: milliseconds since the Unix epoch, on the wire RFC 3339 UTC with
 * exactly three decimals (`2026-01-31T09:30:00.000Z`).
 *
 * Never compare one machine's timestamp with another machine's clock (X10).
 */
export type Timestamp = string;

/**
 * A user, as others see one.
 */
export type User = { 
/**
 * Who.
 */
id: UserId, 
/**
 * The name people know.
 */
name: string, };

/**
 * A person with an account on a server.
 */
export type UserId = string;

/**
 * A version of a document.
 */
export type VersionView = { 
/**
 * Its number.
 */
version: number, 
/**
 * Who saved it,
 */
by: User, 
/**
 * on which device,
 */
device_name: string, 
/**
 * and when, by the server's clock.
 */
at: Timestamp, 
/**
 * How many elements it changed.
 */
changes: number, 
/**
 * What people call it. A named version is never thinned out.
 */
name: string | null, 
/**
 * Where it restored an older one: which.
 */
restored_version: number | null, };

/**
 * A document that the user asked to be told about.
 */
export type WaitView = { 
/**
 * Where.
 */
server: ServerId, 
/**
 * Which.
 */
document_id: DocumentId, 
/**
 * Its name.
 */
name: string, };

/**
 * A team's space.
 */
export type WorkspaceId = string;

/**
 * A workspace in the sidebar.
 */
export type WorkspaceView = { 
/**
 * The workspace.
 */
id: WorkspaceId, 
/**
 * Its name.
 */
name: string, 
/**
 * The user's role.
 */
role: Role, 
/**
 * Its projects.
 */
projects: Array<ProjectView>, };
