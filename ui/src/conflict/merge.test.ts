import { describe, expect, it } from "vitest";
import type { DifferenceView } from "../ipc";
import { boxOf } from "./bounds";
import { changeOf, contested, differencesOf, labelOf, same } from "./differences";
import { markersOf } from "./markers";
import { kept, merged, open, picked, pickedAll, resolutionOf } from "./merge";
import { sceneOf, type Scenes } from "./scene";

const element = (id: string, changes: object = {}) => ({ id, type: "rectangle", x: 0, y: 0, width: 10, height: 10, angle: 0, index: id, version: 1, ...changes });
const scene = (...elements: { id: string }[]) => sceneOf({ version: 1, elements: elements.map((data) => ({ id: data.id, data })), app_state: {}, files: [] });

/** `a` changed by one, `b` by the other, `c` by both, `d` deleted by one and changed by the other, `e` by both alike. */
const scenes: Scenes = {
  base: scene(element("a"), element("b"), element("c"), element("d"), element("e"), element("f")),
  mine: scene(element("a", { x: 1 }), element("b"), element("c", { x: 1 }), element("e", { x: 9, version: 2 }), element("f", { version: 7, versionNonce: 3 }), element("m")),
  theirs: scene(element("a"), element("b", { x: 2 }), element("c", { x: 2 }), element("d", { x: 2 }), element("e", { x: 9, version: 4 }), element("f"), element("t")),
};
const differences = differencesOf(scenes);
const of = (id: string) => differences.find((difference) => difference.element_id === id);

describe("what differs", () => {
  it("x04 every element that one side or both changed is named, in drawing order", () => {
    expect(differences.map(({ element_id: id, mine, theirs }) => [id, mine, theirs])).toEqual([
      ["a", "changed", "same"],
      ["b", "same", "changed"],
      ["c", "changed", "changed"],
      ["d", "deleted", "changed"],
      ["m", "added", "same"],
      ["t", "same", "added"],
    ]);
  });

  it("x04 what both did alike, and fields that only count saves, are no difference", () => {
    expect([of("e"), of("f")]).toEqual([undefined, undefined]);
    expect(same(element("a"), element("a", { version: 9 }))).toBe(true);
    expect(same(element("a"), element("a", { opacity: 50 }))).toBe(false);
    expect([changeOf(undefined, element("a")), changeOf(element("a"), undefined)]).toEqual(["added", "deleted"]);
  });

  it("x04 an element is called by its type and the beginning of its text", () => {
    expect(labelOf({ type: "text", text: "Sign\n up" })).toBe("Text “Sign up”");
    expect(labelOf({ type: "text", text: "x".repeat(80) })).toBe(`Text “${"x".repeat(28)}…”`);
    expect([labelOf({ type: "rectangle" }), labelOf({ type: "toString" })]).toEqual(["Rectangle", "Element"]);
  });

  it("x04 each side's picture marks what that side did; what it deleted is marked where it was", () => {
    const mine = markersOf(scenes, "mine", differences);
    expect(mine.deleted).toContain("M-4 -4");
    expect(mine.changed.match(/z/g)).toHaveLength(2);
    expect(markersOf(scenes, "theirs", differences).deleted).toBe("");
  });

  it("lines and turned elements are marked where they are seen", () => {
    expect(boxOf({ x: 10, y: 10, points: [[0, 0], [-30, 5]] })).toEqual({ x: -20, y: 10, width: 30, height: 5 });
    const turned = boxOf({ x: 0, y: 0, width: 100, height: 20, angle: Math.PI / 2 });
    expect([turned.x, turned.y, turned.width, turned.height].map(Math.round)).toEqual([40, -40, 20, 100]);
  });
});

describe("a merge", () => {
  const result = (picks = new Map<string, "mine" | "theirs">()) => Object.fromEntries([...merged(scenes, differences, picks)].map(([id, fields]) => [id, fields["x"]]));

  it("x05 takes what only one side changed from that side", () => {
    expect(result()).toMatchObject({ a: 1, b: 2, e: 9, m: 0, t: 0 });
  });

  it("x05 takes what both changed as it was chosen, a deletion too", () => {
    const mine = pickedAll(differences, "mine");
    expect(result(new Map(mine))).toMatchObject({ c: 1 });
    expect(result(new Map(mine))).not.toHaveProperty("d");
    expect(result(new Map(pickedAll(differences, "theirs")))).toMatchObject({ c: 2, d: 2 });
  });

  it("x05 asks for each element that both changed, and for no other", () => {
    expect(open(differences, new Map())).toEqual(["c", "d"]);
    const one = picked(new Map(), "c", "mine");
    expect(open(differences, one)).toEqual(["d"]);
    expect(resolutionOf(picked(one, "d", "theirs"))).toEqual({ kind: "merge", mine: ["c"], theirs: ["d"] });
  });

  it("x04 an update of the other side keeps the choices that still mean something", () => {
    const picks = picked(picked(new Map(), "c", "mine"), "d", "theirs");
    const later: DifferenceView[] = differences.map((each) => (each.element_id === "d" ? { ...each, theirs: "same" } : each));
    expect([...kept(picks, later)]).toEqual([["c", "mine"]]);
    expect(later.filter(contested)).toHaveLength(1);
  });
});
