/**
 * Others' changes: gathered for a frame, then put into the scene in one step and outside of undo. The order in which
 * they came is kept by letting the later change of an element replace the earlier one.
 */
import type { Edit } from "../ipc";
import type { Fields } from "./outgoing";

/** Changes of many edits as one. */
export interface Batch {
  puts: Map<string, Fields>;
  deletes: Set<string>;
  appState: Fields | null;
  files: Edit["files"];
}

export function emptyBatch(): Batch {
  return { puts: new Map(), deletes: new Set(), appState: null, files: [] };
}

/** Adds an edit to a batch. */
export function gather(batch: Batch, edit: Edit): void {
  for (const { id, data } of edit.puts) {
    batch.deletes.delete(id);
    batch.puts.set(id, data as Fields);
  }
  for (const id of edit.deletes) {
    batch.puts.delete(id);
    batch.deletes.add(id);
  }
  if (edit.app_state !== undefined && edit.app_state !== null) {
    batch.appState = edit.app_state as Fields;
  }
  batch.files.push(...edit.files);
}

interface Placed {
  readonly id: string;
  readonly index: string | null;
}

/** Drawing order: by `index`, as plain text; by id where two are equal, so that every window agrees. */
export function byIndex(a: Placed, b: Placed): number {
  const left = a.index ?? "";
  const right = b.index ?? "";
  if (left !== right) return left < right ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function follows(before: Placed | undefined, element: Placed): boolean {
  return before === undefined || byIndex(before, element) <= 0;
}

/**
 * The scene with a batch in it. The document decides: a remote element replaces the local one whatever their
 * versions say, except one in `busy`, which the user is drawing or writing right now.
 */
export function merged<E extends Placed>(scene: readonly E[], puts: readonly E[], deletes: ReadonlySet<string>, busy: ReadonlySet<string>, markDeleted: (element: E) => E): E[] {
  const fresh = new Map(puts.map((element) => [element.id, element]));
  const result = scene.map((element) => {
    const replacement = fresh.get(element.id);
    fresh.delete(element.id);
    if (busy.has(element.id)) return element;
    if (deletes.has(element.id)) return markDeleted(element);
    return replacement ?? element;
  });
  result.push(...fresh.values());
  const ordered = result.every((element, at) => follows(result[at - 1], element));
  return ordered ? result : result.sort(byIndex);
}

/** Runs a step once a frame at most; in a hidden window, which has no frames, a few times a second. */
export class FrameBatches {
  private batch = emptyBatch();
  private scheduled = false;

  constructor(private readonly apply: (batch: Batch) => void) {}

  add(edit: Edit): void {
    gather(this.batch, edit);
    if (this.scheduled) {
      return;
    }
    this.scheduled = true;
    if (document.hidden) {
      setTimeout(() => this.run(), 250);
    } else {
      requestAnimationFrame(() => this.run());
    }
  }

  /** Drops what waits: the whole drawing is fetched anew. */
  clear(): void {
    this.batch = emptyBatch();
  }

  private run(): void {
    this.scheduled = false;
    const { batch } = this;
    this.batch = emptyBatch();
    this.apply(batch);
  }
}
