import { describe, expect, it } from "vitest";
import type { Fields } from "./outgoing";
import { SceneDiff, type SceneElement } from "./sceneDiff";

type Drawn = SceneElement & Fields;

function shape(id: string, fields: Fields = {}): Drawn {
  return { id, version: 1, versionNonce: 7, isDeleted: false, width: 10, height: 10, ...fields };
}

/** As the drawing part changes an element: in place, with a new version. */
function change(element: Drawn, fields: Fields): void {
  Object.assign(element, fields, { version: element.version + 1, versionNonce: element.versionNonce + 1 });
}

function taken(scene: Drawn[], given = new Map<string, Fields>()): SceneDiff {
  const diff = new SceneDiff();
  diff.adopt(scene, given, new Set());
  return diff;
}

describe("SceneDiff", () => {
  it("tells nothing of a scene that was only taken in", () => {
    const scene = [shape("a"), shape("b", { isDeleted: true })];
    const diff = taken(scene);
    expect(diff.dirty(scene)).toBe(false);
    expect(diff.take(scene)).toEqual({ puts: [], deletes: [] });
    expect(diff.live).toBe(1);
  });

  it("tells of the changed element alone, whole, and once", () => {
    const scene = [shape("a"), shape("b"), shape("c")];
    const diff = taken(scene);
    change(scene[1]!, { x: 5 });
    expect(diff.dirty(scene)).toBe(true);
    expect(diff.take(scene)).toEqual({ puts: [{ id: "b", data: { ...scene[1] } }], deletes: [] });
    expect(diff.dirty(scene)).toBe(false);
  });

  it("d08 a change keeps the fields of the document that the drawing part does not know", () => {
    const scene = [shape("a", { roundness: null })];
    const diff = taken(scene, new Map([["a", { id: "a", width: 10, plugin: { v: 1 } }]]));
    change(scene[0]!, { width: 12 });
    expect(diff.take(scene).puts).toEqual([{ id: "a", data: { id: "a", width: 12, plugin: { v: 1 }, version: 2, versionNonce: 8 } }]);
    change(scene[0]!, { width: 13 });
    expect(diff.take(scene).puts[0]?.data).toMatchObject({ width: 13, plugin: { v: 1 } });
  });

  it("d08 an index that was repaired while taking in is no edit, and no part of a later one", () => {
    const scene = [shape("a", { index: "a1" })];
    const diff = taken(scene, new Map([["a", { id: "a", index: "zz" }]]));
    expect(diff.dirty(scene)).toBe(false);
    change(scene[0]!, { x: 3 });
    expect(diff.take(scene).puts[0]?.data).toMatchObject({ index: "zz", x: 3 });
  });

  it("d08 an element that the drawing part would not take in is not deleted", () => {
    const scene = [shape("a")];
    const diff = taken(scene, new Map([["a", {}], ["too-small", { id: "too-small" }]]));
    expect(diff.take(scene).deletes).toEqual([]);
  });

  it("tells of a deletion once, and of its undoing as a put", () => {
    const scene = [shape("a")];
    const diff = taken(scene);
    change(scene[0]!, { isDeleted: true });
    expect(diff.take(scene)).toEqual({ puts: [], deletes: ["a"] });
    expect(diff.take(scene).deletes).toEqual([]);
    change(scene[0]!, { isDeleted: false });
    expect(diff.take(scene).puts.map(({ id }) => id)).toEqual(["a"]);
  });

  it("an element that left the scene altogether is deleted", () => {
    const scene = [shape("a"), shape("b")];
    const diff = taken(scene);
    scene.pop();
    expect(diff.dirty(scene)).toBe(true);
    expect(diff.take(scene)).toEqual({ puts: [], deletes: ["b"] });
    expect(diff.dirty(scene)).toBe(false);
  });

  it("a click that never became a shape is not told", () => {
    const scene = [shape("a", { width: 0, height: 0 })];
    const diff = taken([]);
    expect(diff.dirty(scene)).toBe(false);
    change(scene[0]!, { width: 4 });
    expect(diff.take(scene).puts.map(({ id }) => id)).toEqual(["a"]);
  });

  it("taking in others' changes leaves the user's own unsent ones to be told", () => {
    const scene = [shape("mine"), shape("theirs")];
    const diff = taken(scene);
    change(scene[0]!, { x: 1 });
    const pending = diff.pending(scene);
    change(scene[1]!, { x: 2 });
    diff.adopt(scene, new Map([["theirs", { id: "theirs", x: 2 }]]), pending);
    expect(diff.take(scene).puts.map(({ id }) => id)).toEqual(["mine"]);
  });

  it("d06 looking at ten thousand elements for one change takes no JSON and few milliseconds", () => {
    const scene = Array.from({ length: 10_000 }, (_, n) => shape(`e${n}`));
    const diff = taken(scene);
    change(scene[5_000]!, { x: 1 });
    const start = performance.now();
    for (let n = 0; n < 20; n++) diff.dirty(scene);
    expect((performance.now() - start) / 20).toBeLessThan(16);
    expect(diff.take(scene).puts).toHaveLength(1);
  });
});
