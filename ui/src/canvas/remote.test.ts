import { describe, expect, it } from "vitest";
import { emptyBatch, gather, merged } from "./remote";

interface Shape {
  id: string;
  index: string | null;
  version: number;
  isDeleted?: boolean;
}

const shape = (id: string, index: string, version = 1): Shape => ({ id, index, version });
const deleted = (element: Shape): Shape => ({ ...element, isDeleted: true });
const none: ReadonlySet<string> = new Set();

describe("remote changes", () => {
  it("r02 the later of two changes of an element in one batch wins, also over its deletion", () => {
    const batch = emptyBatch();
    gather(batch, { puts: [{ id: "a", data: { x: 1 } }], deletes: ["b"], files: [] });
    gather(batch, { puts: [{ id: "b", data: { x: 2 } }], deletes: ["a"], files: [] });
    expect([...batch.puts.keys()]).toEqual(["b"]);
    expect([...batch.deletes]).toEqual(["a"]);
  });

  it("c02 the document decides, whatever the versions say", () => {
    const scene = [shape("a", "a1", 9)];
    expect(merged(scene, [shape("a", "a1", 2)], none, none, deleted)[0]?.version).toBe(2);
  });

  it("what the user is drawing or writing right now is left alone", () => {
    const scene = [shape("a", "a1"), shape("b", "a2")];
    const result = merged(scene, [shape("a", "a1", 5)], new Set(["b"]), new Set(["a", "b"]), deleted);
    expect(result).toEqual(scene);
  });

  it("d08 a new element goes to the place that its index says", () => {
    const scene = [shape("a", "a1"), shape("c", "a3")];
    expect(merged(scene, [shape("b", "a2")], none, none, deleted).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("a deletion stays in the scene as deleted", () => {
    expect(merged([shape("a", "a1")], [], new Set(["a"]), none, deleted)).toEqual([{ ...shape("a", "a1"), isDeleted: true }]);
  });
});
