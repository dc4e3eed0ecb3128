import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ConflictView, DifferenceView } from "../ipc";
import { FakeHost, jsonBytes } from "../ipc/testing/fakeHost";
import { ada, ben, canvasState, holder } from "../ipc/testing/samples";
import { ConflictDialog } from "./ConflictDialog";

vi.mock("../canvas/picture", () => ({ drawPicture: () => Promise.resolve({ frame: { x: 0, y: 0, width: 1, height: 1 }, canvases: [] }) }));

class NoObserver {
  observe = () => undefined;
  disconnect = () => undefined;
}

const difference = (element_id: string, mine: DifferenceView["mine"], theirs: DifferenceView["theirs"]): DifferenceView => ({ element_id, label: `Rectangle “${element_id}”`, mine, theirs });
const drawing = { version: 14, elements: [], app_state: {}, files: [] };
const conflict: ConflictView = {
  id: "c1",
  revision: 0,
  base_version: 14,
  mine: { version: 14, by: ada, device_name: "ada-thinkpad", at: null, changes: 2 },
  theirs: { version: 17, by: ben, device_name: "ben-macbook", at: "2026-01-31T09:30:00.000Z", changes: 2 },
  differences: [difference("one", "changed", "same"), difference("both", "changed", "changed"), difference("gone", "deleted", "changed")],
  lock: "free",
  holder: null,
  can_take_over: false,
};

let host: FakeHost;
beforeEach(() => {
  Object.assign(window, { ResizeObserver: NoObserver });
  Object.assign(globalThis, { ResizeObserver: NoObserver });
  host = new FakeHost().install("canvas-1");
  host.on("canvas_conflict_content", () => jsonBytes({ revision: 0, base: drawing, mine: drawing, theirs: drawing }));
});

const dialog = (changes: Partial<ConflictView> = {}) => <ConflictDialog state={canvasState} conflict={{ ...conflict, ...changes }} />;

describe("the conflict dialog", () => {
  it("x04 names both versions, who saved last, on which device and when", () => {
    render(dialog());
    const text = screen.getByTestId("conflict-dialog").textContent;
    for (const part of ["Made on version 14", "ada-thinkpad", "Version 17", "Ben Okafor on ben-macbook", "not saved yet"]) expect(text).toContain(part);
    expect(screen.getAllByTestId("difference")).toHaveLength(3);
  });

  it("x06 each way out says what it keeps, and is one word to the host", async () => {
    for (const [testId, kind, keeps] of [
      ["conflict-reload", "reload", "Drafts"],
      ["conflict-overwrite", "overwrite", "History"],
      ["conflict-copy", "copy", "canvas of its own"],
      ["conflict-cancel", "cancel", "Drafts"],
    ] as const) {
      const { unmount } = render(dialog());
      expect(screen.getByTestId(testId).textContent).toContain(keeps);
      fireEvent.click(screen.getByTestId(testId));
      await waitFor(() => expect(host.of("canvas_resolve").at(-1)).toEqual({ conflictId: "c1", revision: 0, resolution: { kind } }));
      unmount();
    }
  });

  it("x05 a merge is saved once everything that both changed is chosen", async () => {
    render(dialog());
    fireEvent.click(screen.getByTestId("conflict-merge"));
    expect(screen.getByTestId("merge-commit")).toHaveProperty("disabled", true);
    fireEvent.click(screen.getAllByTestId("pick-mine")[0]!);
    expect(screen.getByTestId("merge-commit")).toHaveProperty("disabled", true);
    fireEvent.click(screen.getAllByTestId("pick-theirs")[1]!);
    fireEvent.click(screen.getByTestId("merge-commit"));
    await waitFor(() => expect(host.of("canvas_resolve")).toMatchObject([{ resolution: { kind: "merge", mine: ["both"], theirs: ["gone"] } }]));
  });

  it("x05 the keyboard goes through the list and chooses", () => {
    render(dialog());
    fireEvent.click(screen.getByTestId("conflict-merge"));
    const list = screen.getByTestId("conflict-differences");
    fireEvent.keyDown(list, { key: "ArrowDown" });
    fireEvent.keyDown(list, { key: "ArrowLeft" });
    fireEvent.keyDown(list, { key: "ArrowDown" });
    fireEvent.keyDown(list, { key: "ArrowRight" });
    expect([...screen.getAllByTestId("pick-mine"), ...screen.getAllByTestId("pick-theirs")].map((button) => button.getAttribute("aria-pressed"))).toEqual(["true", "false", "false", "true"]);
  });

  it("x04 a second conflict updates the dialog and keeps the choices", () => {
    const { rerender } = render(dialog());
    fireEvent.click(screen.getByTestId("conflict-merge"));
    fireEvent.click(screen.getByTestId("pick-all-mine"));
    expect(screen.queryByTestId("conflict-updated")).toBeNull();
    rerender(dialog({ revision: 1, theirs: { ...conflict.theirs, version: 18 }, differences: [...conflict.differences, difference("new", "changed", "deleted")] }));
    expect(screen.getByTestId("conflict-updated").textContent).toContain("version 18");
    expect(screen.getAllByTestId("pick-mine").map((button) => button.getAttribute("aria-pressed"))).toEqual(["true", "true", "false"]);
    expect(screen.getByTestId("merge-commit")).toHaveProperty("disabled", true);
  });

  it("x03 where nothing overlaps the merge is ready to be saved", () => {
    render(dialog({ differences: [difference("one", "changed", "same"), difference("two", "same", "added")] }));
    expect(screen.getByTestId("merge-commit")).toHaveProperty("disabled", false);
  });

  it("l08 while somebody holds the lock nothing is written before it is taken over", () => {
    render(dialog({ lock: "held", holder: holder(ben), can_take_over: true }));
    expect(screen.getByTestId("conflict-overwrite")).toHaveProperty("disabled", true);
    expect(screen.getByTestId("conflict-copy")).toHaveProperty("disabled", false);
    fireEvent.click(screen.getByTestId("take-over"));
    expect(screen.getByTestId("take-over-dialog")).toBeTruthy();
  });

  it("x04 of 3,000 differences only those in sight are in the page", () => {
    render(dialog({ differences: Array.from({ length: 3000 }, (_, at) => difference(`e${at}`, "changed", "changed")) }));
    expect(screen.getByTestId("conflict-differences").getAttribute("aria-rowcount")).toBe("3000");
    expect(screen.getAllByTestId("difference").length).toBeLessThan(60);
  });
});
