import { describe, expect, it } from "vitest";
import { ada, ben, card, holder } from "../ipc/testing/samples";
import { badge, shown } from "./shown";

const view = { search: "", sort: "changed", filter: "all" } as const;

describe("the grid", () => {
  const cards = [card("Beta 10"), card("alpha", { holder: holder(ben) }, ben), card("Beta 9")];
  const names = (changes: object) => shown(cards, { ...view, ...changes }, ada.id).map(({ document }) => document.name);

  it("orders by change, and by name as people read names", () => {
    expect(names({})).toEqual(["Beta 10", "alpha", "Beta 9"]);
    expect(names({ sort: "name" })).toEqual(["alpha", "Beta 9", "Beta 10"]);
  });

  it("narrows by words, by lock and by who made it", () => {
    expect(names({ search: " BETA " })).toEqual(["Beta 10", "Beta 9"]);
    expect(names({ filter: "locked" })).toEqual(["alpha"]);
    expect(names({ filter: "mine" })).toEqual(["Beta 10", "Beta 9"]);
  });

  it("l03 a badge tells this app's window, another of one's own, and somebody else apart", () => {
    expect(badge(card("a", { holder: holder(ada, { window: "canvas-1" }) }))?.text).toBe("You, here");
    expect(badge(card("a", { holder: holder(ada) }))?.text).toBe("You, in another window");
    expect(badge(card("a", { holder: holder(ben) }))?.text).toBe("Ben Okafor · ben-macbook");
    expect(badge(card("a"))).toBeNull();
  });
});
