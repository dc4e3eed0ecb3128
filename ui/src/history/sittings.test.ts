import { describe, expect, it } from "vitest";
import type { VersionView } from "../ipc";
import { ada, ben } from "../ipc/testing/samples";
import { inShort, sittings } from "./sittings";
import { joined } from "./useHistory";

const version = (number: number, minute: number, changes: Partial<VersionView> = {}): VersionView => ({
  version: number,
  by: ada,
  device_name: "desk",
  at: new Date(Date.UTC(2026, 0, 31, 9, minute)).toISOString(),
  changes: 2,
  name: null,
  restored_version: null,
  ...changes,
});

describe("the history", () => {
  it("d07 is grouped by sitting: one person at one device without a pause of half an hour", () => {
    const found = sittings([version(6, 100), version(5, 71), version(4, 41), version(3, 40, { device_name: "tablet" }), version(2, 39, { by: ben }), version(1, 0, { by: ben })]);
    expect(found.map(({ versions, changes }) => [versions.map((each) => each.version), changes])).toEqual([
      [[6, 5], 4],
      [[4], 2],
      [[3], 2],
      [[2], 2],
      [[1], 2],
    ]);
  });

  it("d07 of a long sitting the newest are shown, and every named one", () => {
    const long = Array.from({ length: 20 }, (_, at) => version(20 - at, 29 - at, at === 12 ? { name: "Sent" } : {}));
    const [sitting] = sittings(long);
    expect(inShort(sitting!).map((each) => each.version)).toEqual([20, 19, 18, 17, 8]);
  });

  it("d07 new versions join those that are known, and a gap is asked for again", () => {
    const known = { versions: [version(3, 3), version(2, 2)], next: 2 };
    expect(joined(known, { entries: [version(4, 4), version(3, 3)], next: 3 }, null)).toMatchObject({ next: 2, versions: [{ version: 4 }, { version: 3 }, { version: 2 }] });
    expect(joined(known, { entries: [version(9, 9), version(8, 8)], next: 8 }, null)).toMatchObject({ next: 8, versions: [{ version: 9 }, { version: 8 }] });
    expect(joined(known, { entries: [version(1, 1)], next: null }, 2)).toMatchObject({ next: null, versions: [{ version: 3 }, { version: 2 }, { version: 1 }] });
  });
});
