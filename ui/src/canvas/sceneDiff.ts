/**
 * What changed in the drawing since it was last told to the host.
 *
 * Invariants:
 * - An element is compared by `version` and `versionNonce` only, so that a look at the whole scene stays cheap.
 * - What the drawing part repaired or filled in by itself while taking an element in is no edit: it is part of the
 *   baseline, and the original's value, or its absence, goes back out (D08).
 * - Only an element that was in the scene can be deleted from it: one that the drawing part refused to take in stays
 *   in the document.
 */
import type { ElementData } from "../ipc";
import { outgoing, type Fields } from "./outgoing";

/** What the comparison needs of an element. */
export interface SceneElement {
  readonly id: string;
  readonly version: number;
  readonly versionNonce: number;
  readonly isDeleted: boolean;
  readonly width: number;
  readonly height: number;
}

interface Known {
  version: number;
  versionNonce: number;
  deleted: boolean;
  /** As it is in the document; null for one made here and not sent yet. */
  original: Fields;
  /** As the drawing held it at the same moment. */
  baseline: Fields;
}

/** Changed and deleted elements. */
export interface Changes {
  puts: ElementData[];
  deletes: string[];
}

function same(known: Known, element: SceneElement): boolean {
  return known.version === element.version && known.versionNonce === element.versionNonce && known.deleted === element.isDeleted;
}

/** A new element counts once there is something of it: a click that never became a shape is nobody's business. */
function counts(element: SceneElement): boolean {
  return !element.isDeleted && (element.width !== 0 || element.height !== 0);
}

export class SceneDiff {
  private readonly known = new Map<string, Known>();

  /** Elements that are not deleted, as of the last look. */
  live = 0;

  /** Forgets everything; the next `adopt` starts anew. */
  clear(): void {
    this.known.clear();
    this.live = 0;
  }

  /**
   * Takes the scene as what the host knows, except for `pending` elements, whose edits are still to be sent.
   * `given` has the document's JSON of those that were just taken in.
   */
  adopt(scene: readonly SceneElement[], given: ReadonlyMap<string, Fields>, pending: ReadonlySet<string>): void {
    const present = new Set<string>();
    for (const element of scene) {
      present.add(element.id);
      const known = this.known.get(element.id);
      const original = given.get(element.id);
      if (pending.has(element.id) || (original === undefined && known !== undefined && same(known, element))) {
        continue;
      }
      this.remember(element, original ?? known?.original ?? snapshot(element));
    }
    for (const id of this.known.keys()) {
      if (!present.has(id) && !pending.has(id)) this.known.delete(id);
    }
    this.count(scene);
  }

  /** The elements that `take` would tell of. */
  pending(scene: readonly SceneElement[]): Set<string> {
    const ids = new Set<string>();
    let met = 0;
    for (const element of scene) {
      const known = this.known.get(element.id);
      if (known === undefined) {
        if (counts(element)) ids.add(element.id);
      } else {
        met++;
        if (!same(known, element)) ids.add(element.id);
      }
    }
    if (met < this.known.size) {
      const present = new Set(scene.map((element) => element.id));
      for (const [id, known] of this.known) {
        if (!present.has(id) && !known.deleted) ids.add(id);
      }
    }
    return ids;
  }

  /** Whether anything is to be told. Called with each change of the view, so it looks at versions and nothing else. */
  dirty(scene: readonly SceneElement[]): boolean {
    let met = 0;
    let live = 0;
    let dirty = false;
    for (const element of scene) {
      if (!element.isDeleted) live++;
      const known = this.known.get(element.id);
      if (known === undefined) {
        dirty ||= counts(element);
      } else {
        met++;
        dirty ||= !same(known, element);
      }
    }
    this.live = live;
    return dirty || met < this.known.size;
  }

  /** The changes since the last time, which from now on count as told. */
  take(scene: readonly SceneElement[]): Changes {
    const changes: Changes = { puts: [], deletes: [] };
    const pending = this.pending(scene);
    for (const element of scene) {
      if (!pending.delete(element.id)) continue;
      const known = this.known.get(element.id);
      if (element.isDeleted) {
        if (known !== undefined && !known.deleted) changes.deletes.push(element.id);
        this.remember(element, known?.original ?? snapshot(element));
        continue;
      }
      const current = snapshot(element);
      const data = known === undefined ? current : outgoing(current, known.baseline, known.original);
      changes.puts.push({ id: element.id, data });
      this.known.set(element.id, { version: element.version, versionNonce: element.versionNonce, deleted: false, original: data, baseline: current });
    }
    changes.deletes.push(...pending);
    this.dropAbsent(scene);
    return changes;
  }

  private remember(element: SceneElement, original: Fields): void {
    const { id, version, versionNonce, isDeleted } = element;
    this.known.set(id, { version, versionNonce, deleted: isDeleted, original, baseline: snapshot(element) });
  }

  private dropAbsent(scene: readonly SceneElement[]): void {
    if (this.known.size > scene.length) {
      const present = new Set(scene.map((element) => element.id));
      for (const id of this.known.keys()) {
        if (!present.has(id)) this.known.delete(id);
      }
    }
  }

  private count(scene: readonly SceneElement[]): void {
    this.live = scene.reduce((sum, element) => sum + (element.isDeleted ? 0 : 1), 0);
  }
}

/** A copy that later changes of the scene, made in place, do not reach. */
function snapshot(element: SceneElement): Fields {
  return structuredClone(element) as unknown as Fields;
}
