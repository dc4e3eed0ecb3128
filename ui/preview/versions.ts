/** Screens of conflicts, drafts and the history: one drawing, changed in two ways. */
import { differencesOf } from "../src/conflict/differences";
import { sceneOf } from "../src/conflict/scene";
import type { AppState, CanvasContent, ConflictContent, ConflictView, DraftView, VersionView } from "../src/ipc";
import { jsonBytes, type FakeHost } from "../src/ipc/testing/fakeHost";
import { ada, ben, holder, mei, team } from "../src/ipc/testing/samples";

type Fields = Record<string, unknown> & { id: string };

/** What a conflict screen changes of the view. */
export const conflictScreens: Record<string, Partial<ConflictView>> = {
  "canvas-conflict": {},
  "canvas-conflict-held": { lock: "held", holder: holder(ben), can_take_over: true },
  "canvas-conflict-held-editor": { lock: "held", holder: holder(ben) },
  "canvas-conflict-apart": {},
  "canvas-conflict-many": {},
  "canvas-conflict-updated": {},
};

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const box = (id: string, x: number, y: number, more: object = {}): Fields => ({
  id, type: "rectangle", x, y, width: 90, height: 56, angle: 0, strokeColor: "#1e1e1e", backgroundColor: "transparent", fillStyle: "solid", strokeWidth: 2, strokeStyle: "solid", roughness: 1, opacity: 100,
  groupIds: [], frameId: null, roundness: null, seed: 7, version: 1, versionNonce: 1, isDeleted: false, boundElements: null, updated: 1, link: null, locked: false, index: `a${String(x + 5000).padStart(5, "0")}${String(y + 5000).padStart(5, "0")}`, ...more,
});
const text = (id: string, x: number, y: number, words: string, more: object = {}): Fields =>
  box(id, x, y, { type: "text", text: words, originalText: words, fontSize: 20, fontFamily: 5, textAlign: "left", verticalAlign: "top", containerId: null, autoResize: true, lineHeight: 1.25, width: words.length * 10, height: 25, ...more });

const flow: Fields[] = ["Cart", "Check out", "Pay", "Pack", "Ship", "Deliver"].flatMap((step, at) => [
  box(`b${at}`, at * 170, (at % 2) * 120, { backgroundColor: at % 2 === 0 ? "#ffec99" : "#a5d8ff" }),
  text(`t${at}`, at * 170 + 12, (at % 2) * 120 + 16, step),
]);

function content(version: number, elements: Fields[]): CanvasContent {
  return { version, elements: elements.map((data) => ({ id: data.id, data })), app_state: { viewBackgroundColor: "#ffffff" }, files: [] };
}

async function baseOf(query: URLSearchParams, many: number): Promise<Fields[]> {
  if (many > 0) {
    return Array.from({ length: many }, (_, at) => box(`n${at}`, (at % 75) * 110, Math.floor(at / 75) * 80, { backgroundColor: ["#ffec99", "#a5d8ff", "#b2f2bb"][at % 3] }));
  }
  const path = query.get("file");
  return path === null ? flow : ((await (await fetch(path)).json()) as { elements: Fields[] }).elements;
}

/** Each third element changed by one, the other or both; some gone, some new. */
function changed(base: Fields[], side: "mine" | "theirs", apart: boolean): Fields[] {
  const odd = side === "mine" ? 0 : 1;
  const kept = base.filter((_, at) => at % 12 !== (side === "mine" ? 8 : 11));
  const moved = kept.map((each) => {
    const at = base.indexOf(each);
    const touched = apart ? at % 4 === odd * 2 : at % 6 === odd || at % 6 === 2;
    return touched ? { ...each, y: Number(each["y"]) + (side === "mine" ? 34 : -30), strokeColor: side === "mine" ? "#2f9e44" : "#e03131", version: 2 } : each;
  });
  const made = side === "mine" ? [text("m1", 240, 290, "Ask for a gift note?"), box("m2", 200, 270, { width: 300, height: 70 })] : [box("h1", 560, 280, { type: "ellipse", width: 150, height: 80 }), text("h2", 590, 305, "Refund")];
  return [...moved, ...made];
}

async function contentsOf(name: string, query: URLSearchParams): Promise<ConflictContent> {
  const base = await baseOf(query, name === "canvas-conflict-many" ? Number(query.get("many") ?? 3000) : 0);
  const apart = name === "canvas-conflict-apart";
  const sides = { mine: changed(base, "mine", apart), theirs: changed(base, "theirs", apart) };
  if (name === "canvas-conflict-many") sides.mine = base.map((each) => ({ ...each, x: Number(each["x"]) + 12, version: 2 }));
  return { revision: 0, base: content(14, base), mine: content(14, sides.mine), theirs: content(17, sides.theirs) };
}

/** Sets a conflict screen up; null for other screens. */
export async function conflictOf(host: FakeHost, name: string, query: URLSearchParams): Promise<ConflictView | null> {
  if (!(name in conflictScreens)) {
    return null;
  }
  const contents = await contentsOf(name, query);
  const differences = differencesOf({ base: sceneOf(contents.base), mine: sceneOf(contents.mine), theirs: sceneOf(contents.theirs) });
  host.on("canvas_conflict_content", () => jsonBytes(contents));
  const of = (side: "mine" | "theirs") => differences.filter((each) => each[side] !== "same").length;
  return {
    id: "c1",
    revision: 0,
    base_version: 14,
    mine: { version: 14, by: ada, device_name: "ada-thinkpad", at: null, changes: of("mine") },
    theirs: { version: 17, by: ben, device_name: "ben-macbook", at: ago(6), changes: of("theirs") },
    differences,
    lock: "free",
    holder: null,
    can_take_over: false,
    ...conflictScreens[name],
  };
}

const drafts: DraftView[] = [
  { id: "k1", server: team.id, document_id: "d1", name: "Order flow", base_version: 14, at: ago(41), changes: 9, why: "put_aside" },
  { id: "k2", server: "device", document_id: "d2", name: "Rack layout, hall B", base_version: 3, at: ago(1700), changes: 1, why: "crash" },
  { id: "k3", server: team.id, document_id: "d9", name: "Incident review 14 November with everybody who was on call that night", base_version: 122, at: null, changes: 38, why: "gone" },
];

/** Sets the screens of the shelf up. */
export function draftScreens(host: FakeHost, name: string, state: (changes: Partial<AppState>) => void, query: URLSearchParams): void {
  if (name === "drafts") state({ drafts });
  host.on("draft_content", async ({ id }: { id: string }) => {
    const { base, mine, theirs } = await contentsOf("canvas-conflict", id === "k1" ? new URLSearchParams() : query);
    return jsonBytes({ base, mine, theirs: id === "k2" ? null : theirs });
  });
}

function versions(): VersionView[] {
  const made: VersionView[] = [];
  let minutes = 2;
  for (let version = 41; version > 0; version--) {
    const by = version > 26 ? ada : version > 19 ? ben : version > 12 ? mei : ada;
    const device_name = by === ada ? "ada-thinkpad" : by === ben ? "ben-macbook" : "studio-imac";
    made.push({ version, by, device_name, at: ago(minutes), changes: 1 + ((version * 7) % 9), name: version === 31 ? "Sent to the customer" : null, restored_version: version === 26 ? 18 : null });
    minutes += version === 27 || version === 20 || version === 13 ? 190 : version % 5 === 0 ? 14 : 3;
  }
  return made;
}

/** Answers for the history. */
export function historyAnswers(host: FakeHost, query: URLSearchParams): void {
  const all = versions();
  host.on("history", ({ before }: { before: number | null }) => {
    const entries = all.filter(({ version }) => before === null || version < before).slice(0, 30);
    const last = entries.at(-1)?.version ?? 1;
    return { entries, next: last > 1 ? last : null };
  });
  host.on("version_content", async ({ version }: { version: number }) => {
    const base = await baseOf(query, 0);
    return jsonBytes(content(version, version > 30 ? changed(base, "mine", false) : base.slice(0, Math.max(2, Math.ceil((base.length * version) / 30)))));
  });
  host.on("restore_version", () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- as the host rejects
    throw { code: "lock_held", detail: "Locked", holder: holder(ben), retry_after_secs: null };
  });
}
