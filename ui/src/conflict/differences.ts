/**
 * What differs between two drawings. For a conflict the host says it; for versions and drafts it is reckoned here, by
 * the same rule: fields that only count saves make no difference, and what both sides did alike is none.
 */
import { equal, type Fields } from "../canvas/outgoing";
import type { ChangeKind, DifferenceView } from "../ipc";
import { t } from "../text";
import { inOrder, type Scenes } from "./scene";

/** Fields that change with each save, whatever was drawn. */
const COUNTERS = new Set(["version", "versionNonce", "updated"]);
const SNIPPET = 28;

/** Whether two states of an element look and behave the same. */
export function same(a: Fields | undefined, b: Fields | undefined): boolean {
  if (a === undefined || b === undefined) {
    return a === b;
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => COUNTERS.has(key) || equal(a[key], b[key]));
}

/** What became of an element. */
export function changeOf(before: Fields | undefined, after: Fields | undefined): ChangeKind {
  if (same(before, after)) return "same";
  if (before === undefined) return "added";
  return after === undefined ? "deleted" : "changed";
}

/** The element's type, and the beginning of its text. */
export function labelOf(fields: Fields): string {
  const type = typeof fields["type"] === "string" ? fields["type"] : "";
  const known = t.conflict.types as Record<string, string>;
  const noun = Object.hasOwn(known, type) ? (known[type] ?? type) : t.conflict.types.other;
  const text = typeof fields["text"] === "string" ? fields["text"] : fields["name"];
  const words = typeof text === "string" ? text.replaceAll(/\s+/gu, " ").trim() : "";
  const letters = Array.from(words);
  if (letters.length === 0) {
    return noun;
  }
  return t.conflict.withText(noun, letters.length > SNIPPET ? `${letters.slice(0, SNIPPET).join("")}…` : words);
}

/** Whether both sides did something to it, so that somebody has to choose. */
export function contested({ mine, theirs }: DifferenceView): boolean {
  return mine !== "same" && theirs !== "same";
}

/** Every element that differs, in drawing order. */
export function differencesOf({ base, mine, theirs }: Scenes): DifferenceView[] {
  const found: [string, Fields, DifferenceView][] = [];
  for (const id of new Set([...base.keys(), ...mine.keys(), ...theirs.keys()])) {
    const [before, ours, others] = [base.get(id), mine.get(id), theirs.get(id)];
    const fields = ours ?? others ?? before;
    if (fields === undefined || same(ours, others)) {
      continue;
    }
    found.push([id, fields, { element_id: id, label: labelOf(fields), mine: changeOf(before, ours), theirs: changeOf(before, others) }]);
  }
  const order = [...inOrder(found.map(([id, fields]) => [id, fields] as const)).keys()];
  const byId = new Map(found.map(([id, , difference]) => [id, difference]));
  return order.flatMap((id) => byId.get(id) ?? []);
}
