import type { AppState, CanvasContent, CanvasEvent, CanvasState, Document, DocumentCard, DocumentList, LockView, PersonView, Progress } from "../src/ipc";
import { conflictOf, conflictScreens, draftScreens, historyAnswers } from "./versions";
import { channelOf, jsonBytes, type FakeHost } from "../src/ipc/testing/fakeHost";
import { ada, app, ben, canvasState, card, holder, mei, team } from "../src/ipc/testing/samples";

interface File {
  elements: { id: string }[];
  appState: unknown;
  files: Record<string, { id: string; mimeType: string; dataURL: string }>;
}

type Screen = (host: FakeHost) => void;

const ownWindow = { window: "canvas-2", device_name: "ada-thinkpad" };
const cards: DocumentCard[] = [
  card("Order flow", { holder: holder(ada, { ...ownWindow }), windows: ["canvas-1"] }),
  card("Rack layout, hall B", { holder: holder(ben) }, ben),
  card("Onboarding journey"),
  card("Quarterly data story", { holder: holder(ada, { device_name: "ada-tablet" }) }),
  card("Cluster icons", { notify_me: true, holder: holder(mei, { device_name: "studio-imac" }) }, mei),
  card("Incident review 14 November with everybody who was on call that night", {}, ben),
  card("Sketch"),
];
const blank = cards[6];
if (blank !== undefined) blank.document.version = 0;

const state = (host: FakeHost, changes: Partial<AppState>) => host.on("app_state", () => ({ ...theApp, ...changes }));
const list = (host: FakeHost, value: DocumentList) =>
  host.on("watch_documents", (payload: { channel: { onmessage: (list: DocumentList) => void } }) => {
    channelOf(payload)(value);
    return null;
  });

let theApp: AppState = app;

const library: Record<string, Screen> = {
  library: () => undefined,
  empty: (host) => list(host, { state: "ready", cards: [], live: true }),
  loading: (host) => list(host, { state: "loading" }),
  failed: (host) => list(host, { state: "failed", detail: "The server answered with an error of its own (500). Nothing was changed. Try again in a minute." }),
  notices: (host) =>
    state(host, {
      notices: [
        { id: "no_keychain", detail: "There is no keychain on this machine, so you sign in again each time Holdfast starts. Install a Secret Service, such as GNOME Keyring." },
        { id: "no_tray", detail: "There is no tray on this desktop. Holdfast ends when its last window closes." },
      ],
    }),
  offline: (host) => {
    state(host, { servers: theApp.servers.map((server) => ({ ...server, connection: { state: "offline", detail: "No route to the server.", retry_in_ms: 8000 } })) });
    list(host, { state: "ready", cards, live: false });
  },
  "signed-out": (host) =>
    state(host, { servers: [{ ...team, id: "device", connection: { state: "signed_out", detail: "This sign-in was revoked from another device. Sign in again to go on." }, workspaces: [] }] }),
  incompatible: (host) =>
    state(host, { servers: [{ ...team, connection: { state: "incompatible", detail: "The server is newer than this app. Update Holdfast to go on; what you had open is safe on this device." }, workspaces: [] }] }),
  waiting: (host) => state(host, { waiting: [{ server: "device", document_id: "d5", name: "Cluster icons" }, { server: team.id, document_id: "d2", name: "Rack layout, hall B" }] }),
  jobs: (host) =>
    host.on("import_files", (payload: { channel: { onmessage: (progress: Progress) => void } }) => {
      const tell = channelOf(payload);
      tell({ job: "1", name: "landing-page.excalidraw", step: { state: "sending", done: 3, total: 8 } });
      tell({ job: "2", name: "aws-architecture.excalidraw", step: { state: "reading" } });
      tell({ job: "3", name: "broken.excalidraw", step: { state: "failed", detail: "The file ends in the middle (line 812). Nothing was imported. Ask for the file again." } });
      return null;
    }),
};

const person = (user: typeof ada, session_id: string, changes: Partial<PersonView> = {}): PersonView => ({ session_id, user, own: false, editing: false, pointer: null, selected: [], ...changes });
const reading = (lock: LockView, changes: Partial<CanvasState> = {}): Partial<CanvasState> => ({ editable: false, lock, ...changes });
const watchers = [person(ben, "s2", { pointer: { x: 300, y: 200 } }), person(mei, "s3")];

const canvas: Record<string, { state: Partial<CanvasState>; people?: PersonView[] }> = {
  canvas: { state: {}, people: watchers },
  "canvas-held": { state: reading({ state: "held_by_other", holder: holder(ben), can_take_over: true }), people: [person(ben, "s2", { editing: true, pointer: { x: 300, y: 200 } }), person(mei, "s3")] },
  "canvas-own-window": { state: reading({ state: "held_by_other", holder: holder(ada, ownWindow), can_take_over: true }) },
  "canvas-recovered": { state: { save: { state: "saving", pending: 14 } } },
  "canvas-free": { state: reading({ state: "free" }) },
  "canvas-viewer": { state: reading({ state: "not_allowed" }, { role: "viewer" }), people: watchers },
  "canvas-acquiring": { state: reading({ state: "acquiring" }) },
  "canvas-offline": { state: { connection: { state: "offline", detail: "The network is away.", retry_in_ms: 9000 }, save: { state: "offline", pending: 12 } } },
  "canvas-failing": { state: { save: { state: "failing", for_ms: 12000, detail: "The disk is full.", pending: 3, on_disk: false } } },
  "canvas-lapsed": { state: { lock: { state: "lapsed", for_ms: 20000 }, save: { state: "draft", changes: 4 }, connection: { state: "offline", detail: "The network is away.", retry_in_ms: 9000 } } },
  "canvas-lost": {
    state: reading({ state: "lost", why: "taken_over", by: ben, reason: "Review starts in five minutes", holder: holder(ben), can_take_over: true, kept_changes: 3 }),
    people: [person(ben, "s2", { editing: true })],
  },
  "canvas-idle": { state: reading({ state: "lost", why: "idle", by: null, reason: null, holder: null, can_take_over: false, kept_changes: 0 }) },
  "canvas-lapsed-stopped": { state: reading({ state: "lapsed", for_ms: 20000 }, { save: { state: "draft", changes: 4 }, connection: { state: "offline", detail: "The network is away.", retry_in_ms: 9000 } }) },
  "canvas-gone": { state: reading({ state: "gone", kept_changes: 2 }) },
};

async function drawing(path: string | null): Promise<{ content: CanvasContent; files: File["files"] }> {
  if (path === null) {
    return { content: { version: 4, elements: [], app_state: {}, files: [] }, files: {} };
  }
  const file = (await (await fetch(path)).json()) as File;
  return {
    files: file.files,
    content: {
      version: 4,
      elements: file.elements.map((data) => ({ id: data.id, data })),
      app_state: file.appState,
      files: Object.values(file.files).map(({ dataURL: _, ...data }) => ({ id: data.id, data })),
    },
  };
}

async function bytesOf(dataUrl: string | undefined): Promise<ArrayBuffer> {
  return dataUrl === undefined ? new ArrayBuffer(0) : (await fetch(dataUrl)).arrayBuffer();
}

/** Sets the host up for a screen. */
export async function setScreen(host: FakeHost, name: string, query: URLSearchParams): Promise<void> {
  const theme = query.get("theme") === "dark" ? "dark" : "light";
  theApp = { ...app, settings: { ...app.settings, theme } };
  state(host, {});
  list(host, { state: "ready", cards, live: true });
  host.on("thumbnail", () => new ArrayBuffer(0));
  const samples = (query.get("samples") ?? "").split(",").filter((path) => path !== "");
  const forCard = (id: string) => samples[(Number(id.slice(1)) - 1) % samples.length] ?? null;
  host.on("document_content", async ({ id }: { id: string }) => jsonBytes((await drawing(forCard(id))).content));
  host.on("document_file", async ({ id, fileId }: { id: string; fileId: string }) => bytesOf((await drawing(forCard(id))).files[fileId]?.dataURL));
  host.on("own_locks", () => [
    { server: "device", document_id: "d1", name: "Order flow", device_name: "ada-thinkpad", since: canvasState.lock.state === "held" ? canvasState.lock.since : "", window: "canvas-1" },
    { server: team.id, document_id: "d4", name: "Quarterly data story", device_name: "ada-tablet", since: new Date(Date.now() - 86_400_000).toISOString(), window: null },
  ]);
  host.on("members", () => [
    { user: ada, email: "ada@northyard.example", role: "owner", joined_at: "" },
    { user: ben, email: "ben@northyard.example", role: "editor", joined_at: "" },
    { user: mei, email: "mei@northyard.example", role: "annotator", joined_at: "" },
  ]);
  host.on("create_document", ({ name: called }: { name: string }): Document => card(called).document);
  host.on("sign_in", () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- as the host rejects
    throw { code: "wrong_password", detail: "Email and password don’t go together on this server.", holder: null, retry_after_secs: null };
  });
  host.on("delete_document", () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- as the host rejects
    throw { code: "lock_held", detail: "Locked", holder: holder(ben), retry_after_secs: null };
  });
  library[name]?.(host);

  draftScreens(host, name, (changes) => state(host, changes), query);
  historyAnswers(host, query);
  const conflict = await conflictOf(host, name, query);
  const shown = name in conflictScreens ? { state: { editable: false, conflict } } : canvas[name];
  if (shown !== undefined) {
    const { content, files } = await drawing(query.get("file"));
    host.on("canvas_content", () => jsonBytes(content));
    host.on("canvas_file", ({ fileId }: { fileId: string }) => bytesOf(files[fileId]?.dataURL));
    host.on("canvas_open", (payload: { channel: { onmessage: (event: CanvasEvent) => void } }) => {
      const tell = channelOf(payload);
      // To play the host by hand from the console.
      Object.assign(window, { tell, lastState: { ...canvasState, ...canvas["canvas-lost"]?.state } });
      const opened = { ...canvasState, ...shown.state };
      tell({ type: "state", state: opened });
      tell({ type: "people", people: "people" in shown ? (shown.people ?? []) : [] });
      if (name === "canvas-recovered") tell({ type: "recovered", changes: 14, at: new Date(Date.now() - 3_600_000).toISOString() });
      return opened;
    });
  }
}
