/** The words of comparisons and of the conflict dialog. */
import type { ChangeKind } from "../ipc";

const count = (n: number, one: string, many: string) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
const changes = (n: number) => count(n, "change", "changes");

/** Where there is little room. */
const firstName = (name: string) => name.trim().split(/\s+/u)[0] ?? name;

const kinds: Record<ChangeKind, string> = { same: "unchanged", added: "added", changed: "changed", deleted: "deleted" };

export const conflictText = {
  types: {
    rectangle: "Rectangle",
    diamond: "Diamond",
    ellipse: "Ellipse",
    arrow: "Arrow",
    line: "Line",
    freedraw: "Stroke",
    text: "Text",
    image: "Image",
    frame: "Frame",
    magicframe: "Frame",
    embeddable: "Embedded page",
    iframe: "Embedded page",
    selection: "Selection",
    other: "Element",
  },
  withText: (noun: string, text: string) => `${noun} “${text}”`,
  kinds,
  title: (name: string) => `“${name}” has two versions`,
  detail: (who: string, when: string | null, mine: number) =>
    `${who} saved changes${when === null ? "" : ` at ${when}`}, while ${changes(mine)} of yours ${mine === 1 ? "was" : "were"} not saved yet. Nothing is lost, whatever you choose.`,
  mine: "Yours",
  theirs: "Latest",
  result: "Result",
  madeOn: (version: number) => `Made on version ${version.toLocaleString("en")}`,
  version: (version: number) => `Version ${version.toLocaleString("en")}`,
  notSaved: "not saved yet",
  changes,
  by: (name: string, device: string) => `${name} on ${device}`,
  updated: (name: string, version: number) => `${name} saved again: the latest is version ${version.toLocaleString("en")} now. The choices you made are kept.`,
  pictureOf: (title: string) => `Picture: ${title}`,
  pictureKeys: "Arrow keys move all pictures, plus and minus zoom, zero shows everything.",
  drawing: "Drawing…",
  notDrawn: "This picture could not be drawn. The list says what differs.",
  loadFailed: "The two versions could not be fetched.",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  fit: "Show everything",
  view: "Pictures",
  differences: "Differences",
  differencesCount: (n: number) => count(n, "difference", "differences"),
  none: "Nothing differs.",
  listKeys: "Up and down go through the differences; the pictures show each one.",
  mergeKeys: "Up and down go through the differences; left takes yours, right takes theirs.",
  whoDid: (mine: ChangeKind, theirs: ChangeKind, other: string) =>
    [mine === "same" ? "" : `you ${kinds[mine]}`, theirs === "same" ? "" : `${firstName(other)} ${kinds[theirs]}`].filter((part) => part !== "").join(", "),
  sidesDid: (mine: ChangeKind, theirs: ChangeKind) => [mine === "same" ? "" : `${kinds[mine]} in the draft`, theirs === "same" ? "" : `${kinds[theirs]} in the canvas`].filter((part) => part !== "").join(", "),
  pickMine: "Mine",
  pickTheirs: "Theirs",
  pickMineOf: (label: string) => `Take mine: ${label}`,
  pickTheirsOf: (label: string) => `Take theirs: ${label}`,
  takenFrom: { mine: "yours is taken", theirs: "theirs is taken" },
  allMine: "All mine",
  allTheirs: "All theirs",
  toChoose: (left: number, all: number) => {
    if (all === 0) return "There is nothing to choose";
    if (left > 0) return `${left.toLocaleString("en")} of ${count(all, "choice", "choices")} left`;
    return all === 1 ? "The one choice is made" : `All ${count(all, "choice", "choices")} made`;
  },
  nothingToChoose: "You changed different things, so both fit together.",
  nextToChoose: "Next",
  commit: "Save merged version",
  choices: "What to do",
  choice: {
    merge: { title: "Merge", detail: "Keeps both. You choose where both changed the same thing." },
    reload: { title: "Reload latest", detail: "Shows the latest version. Yours stays in Drafts." },
    overwrite: { title: "Overwrite", detail: "Makes the canvas what yours is. The latest stays in History." },
    copy: { title: "Save mine as a copy", detail: "Yours becomes a canvas of its own. This one shows the latest." },
    cancel: { title: "Cancel", detail: "Decide later: shows the latest, read-only. Yours stays in Drafts." },
  },
  heldBy: (name: string, device: string) => `${name} is editing on ${device}. To merge or overwrite you need the lock.`,
  heldWays: "You can also save yours as a copy, or cancel and decide later.",
  takeOver: "Take over…",
  working: "Working…",
};
