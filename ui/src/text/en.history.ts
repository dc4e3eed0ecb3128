/** The words of drafts and of the history. */
import type { DraftReason } from "../ipc";

const count = (n: number, one: string, many: string) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
const changes = (n: number) => count(n, "change", "changes");

const reasons: Record<DraftReason, string> = {
  conflict: "Others changed the canvas before these were saved",
  lost_lock: "You lost the lock before these were saved",
  crash: "Holdfast ended before these were saved",
  put_aside: "You put these aside for another version",
  signed_out: "You were signed out before these were saved",
  gone: "The canvas was deleted, or you lost access to it",
};

export const draftsText = {
  title: "Drafts",
  intro: "Edits on this device that are in no canvas. They stay until you discard them.",
  reasons,
  changes,
  madeOn: (version: number) => `made on version ${version.toLocaleString("en")}`,
  picture: (name: string) => `Picture of the draft of ${name}`,
  open: "Open",
  openHint: "Opens the canvas and applies the draft",
  compare: "Compare with latest",
  copy: "Save as a copy",
  discard: "Discard…",
  discardTitle: (name: string) => `Discard the draft of “${name}”?`,
  discardDetail: (n: number) => `${changes(n)} ${n === 1 ? "is" : "are"} deleted from this device. The canvas itself stays as it is. This can’t be undone.`,
  discardConfirm: "Discard",
  copied: (name: string) => `The draft of “${name}” is a canvas of its own now.`,
  compareTitle: (name: string) => `Draft of “${name}”`,
  compareDetail: "On the left your draft, on the right the latest version.",
  compareWithBase: "The latest version can’t be had just now. On the right is the version that the draft was made on.",
  draft: "Draft",
  latest: "Latest",
  base: "Made on",
};

export const historyText = {
  title: "History",
  open: "History",
  of: (name: string) => `History of ${name}`,
  loading: "Fetching the versions…",
  empty: "Nothing has been saved yet.",
  older: "Show older versions",
  beginning: "This is where the canvas began.",
  version: (version: number) => `Version ${version.toLocaleString("en")}`,
  named: (version: number, name: string) => `Version ${version.toLocaleString("en")}, ${name}`,
  newest: "Latest",
  changes,
  restored: (version: number) => `restored version ${version.toLocaleString("en")}`,
  sitting: (versions: number, n: number) => `${count(versions, "version", "versions")}, ${changes(n)}`,
  more: (n: number) => `Show ${count(n, "more version", "more versions")}`,
  view: "Look at it",
  compare: "Compare",
  compareFirst: (label: string) => `Compare ${label} with…`,
  compareHint: (version: number) => `Choose what to compare version ${version.toLocaleString("en")} with.`,
  compareTitle: (older: number, newer: number) => `Version ${older.toLocaleString("en")} and version ${newer.toLocaleString("en")}`,
  compareDetail: "What was added, changed and deleted from the one to the other is marked.",
  viewDetail: (name: string, device: string, when: string) => `Saved by ${name} on ${device}, ${when}. You are looking at it read-only.`,
  restore: "Restore…",
  restoreTitle: (version: number) => `Restore version ${version.toLocaleString("en")}?`,
  restoreDetail: "The canvas becomes what it was then, as a new version. All versions since stay in the history, so this can be undone the same way.",
  restoreConfirm: "Restore as new version",
  wasRestored: (version: number) => `Version ${version.toLocaleString("en")} is restored, as a new version.`,
  copy: "Save as a copy",
  copied: (version: number) => `Version ${version.toLocaleString("en")} is a canvas of its own now.`,
  name: "Name",
  nameTitle: (version: number) => `Name version ${version.toLocaleString("en")}`,
  nameDetail: "A named version is kept for good, also where old ones are thinned out.",
  nameHint: "Leave it empty to take the name away.",
  actionsOf: (label: string) => `What to do with ${label}`,
};
