import { describe, expect, it } from "vitest";
import { moment, span } from "./moment";
import { between } from "./useCountdown";

describe("time on screen", () => {
  it("x10 a sleep that stops one clock is counted by the other", () => {
    expect(between({ steady: 10, wall: 1000 }, { steady: 20, wall: 61_000 })).toBe(60_000);
    expect(between({ steady: 10, wall: 5000 }, { steady: 30, wall: 0 })).toBe(20);
    expect(between({ steady: 10, wall: 5000 }, { steady: 10, wall: 0 })).toBe(0);
  });

  it("writes spans and moments as people read them", () => {
    expect([span(38_000), span(125_000), span(3_725_000), span(-5)]).toEqual(["0:38", "2:05", "1:02:05", "0:00"]);
    const noon = new Date(2026, 10, 21, 12, 5);
    expect(moment(noon.toISOString(), new Date(2026, 10, 21, 23, 0))).toBe("12:05");
    expect(moment(noon.toISOString(), new Date(2026, 11, 1))).toContain("12:05");
    expect(moment(noon.toISOString(), new Date(2027, 0, 1))).toContain("2026");
  });
});
