import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { CanvasState, LockView } from "../ipc";
import { FakeHost } from "../ipc/testing/fakeHost";
import { ben, canvasState, holder, ada } from "../ipc/testing/samples";
import { LockBars } from "./LockBars";

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost().install("canvas-1");
});

function show(lock: LockView, changes: Partial<CanvasState> = {}) {
  render(<LockBars state={{ ...canvasState, editable: false, lock, ...changes }} />);
}

const byBen: LockView = { state: "held_by_other", holder: holder(ben), can_take_over: false };

describe("LockBars", () => {
  it("shows nothing to who edits", () => {
    const { container } = render(<LockBars state={canvasState} />);
    expect(container.childElementCount).toBe(0);
  });

  it("c02 a held canvas says who, on which device and since when, and what one can do", () => {
    show(byBen);
    const text = screen.getByTestId("held-bar").textContent;
    expect(text).toContain("Ben Okafor");
    expect(text).toContain("ben-macbook");
    expect(text).toMatch(/since \d/);
    fireEvent.click(screen.getByTestId("check-again"));
    fireEvent.click(screen.getByTestId("notify-me"));
    fireEvent.click(screen.getByTestId("open-copy"));
    expect(host.calls.map(({ command }) => command)).toEqual([]);
    return waitFor(() => expect(host.calls.map(({ command }) => command)).toEqual(["canvas_check_again", "canvas_notify_me", "canvas_open_copy"]));
  });

  it("c02 taking over is offered only where it is allowed", () => {
    show(byBen);
    expect(screen.queryByTestId("take-over")).toBeNull();
  });

  it("l08 taking over warns, and asks for a reason before it can be confirmed", async () => {
    show({ ...byBen, can_take_over: true });
    fireEvent.click(screen.getByTestId("take-over"));
    expect(screen.getByTestId("take-over-dialog").textContent).toContain("can’t draw any more");
    expect(screen.getByTestId("take-over-confirm")).toHaveProperty("disabled", true);
    fireEvent.change(screen.getByTestId("take-over-reason"), { target: { value: "  before the review " } });
    fireEvent.click(screen.getByTestId("take-over-confirm"));
    await waitFor(() => expect(host.of("canvas_take_over")).toEqual([{ reason: "before the review" }]));
  });

  it("c03 an own window that holds it is offered as a switch, or the editing moves here", async () => {
    show({ state: "held_by_other", holder: holder(ada, { window: "canvas-2" }), can_take_over: true });
    expect(screen.queryByTestId("take-over")).toBeNull();
    fireEvent.click(screen.getByTestId("switch-window"));
    fireEvent.click(screen.getByTestId("move-here"));
    await waitFor(() => expect(host.of("canvas_move_editing_here")).toHaveLength(1));
    expect(host.of("focus_window")).toEqual([{ label: "canvas-2" }]);
  });

  it("c06 a lost lock names who and why, and what was kept", async () => {
    show({ state: "lost", why: "taken_over", by: ben, reason: "Review at ten", holder: holder(ben), can_take_over: true, kept_changes: 3 });
    const text = screen.getByTestId("lost-bar").textContent;
    expect(text).toContain("Ben Okafor took over");
    expect(text).toMatch(/took over the editing\. Reason: “Review at ten”\. Ben Okafor is editing on ben-macbook, since [^.]*\. 3/);
    expect(text).toContain("3 changes not saved yet are kept");
    fireEvent.click(screen.getByTestId("keep-draft"));
    await waitFor(() => expect(host.of("canvas_keep_draft_as_copy")).toHaveLength(1));
  });

  it("c03 after the editing moved to an own window one can go there, or bring it back", async () => {
    show({ state: "lost", why: "moved_to_own_window", by: ada, reason: null, holder: holder(ada, { window: "canvas-2" }), can_take_over: true, kept_changes: 0 });
    expect(screen.getByTestId("lost-bar").textContent).toMatch(/^You moved the editing to another window\. Everything you drew was saved\./);
    expect(screen.queryByTestId("take-over")).toBeNull();
    expect(screen.queryByTestId("check-again")).toBeNull();
    fireEvent.click(screen.getByTestId("switch-window"));
    fireEvent.click(screen.getByTestId("move-here"));
    await waitFor(() => expect(host.of("canvas_move_editing_here")).toHaveLength(1));
    expect(host.of("focus_window")).toEqual([{ label: "canvas-2" }]);
  });

  it("a03 a viewer is told that the role only watches", () => {
    show({ state: "not_allowed" });
    expect(screen.getByTestId("viewer-bar").textContent).toContain("viewer");
    expect(screen.queryByRole("button")).toBeNull();
  });
});
