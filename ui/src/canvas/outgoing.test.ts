import { describe, expect, it } from "vitest";
import { equal, outgoing } from "./outgoing";

describe("outgoing", () => {
  it("d08 fields that did not change go back as they were given, in every respect", () => {
    const original = { id: "a", x: 1, strokeSharpness: "round", customData: { team: [1, { deep: true }] } };
    const baseline = { id: "a", x: 1, roundness: { type: 3 }, boundElements: [], version: 1 };
    const current = { ...baseline, x: 40, version: 2 };
    expect(outgoing(current, baseline, original)).toEqual({ id: "a", x: 40, strokeSharpness: "round", customData: { team: [1, { deep: true }] }, version: 2 });
  });

  it("d08 a value that was repaired on the way in goes back unrepaired while nobody touches it", () => {
    expect(outgoing({ index: "a1", y: 2 }, { index: "a1", y: 1 }, { index: null, y: 1 })).toEqual({ index: null, y: 2 });
  });

  it("a field that the user removed is absent, a field that was added is there", () => {
    expect(outgoing({ link: "x" }, { label: "old" }, { label: "old" })).toEqual({ link: "x" });
  });

  it("a value that is undefined counts as absent", () => {
    expect(outgoing({ a: undefined, b: 1 }, { a: undefined }, {})).toEqual({ b: 1 });
    expect(equal({ a: undefined }, {})).toBe(true);
  });

  it("tells values of different shape apart", () => {
    expect(equal([1, 2], [1])).toBe(false);
    expect(equal([], {})).toBe(false);
    expect(equal(null, {})).toBe(false);
    expect(equal({ a: [{ b: 1 }] }, { a: [{ b: 1 }] })).toBe(true);
  });
});
