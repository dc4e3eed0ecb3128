import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EditStream, PACE_MS, RETRY_MS } from "./editStream";

function stream(send: (edit: string) => Promise<void>) {
  const changes: string[] = [];
  const told = { refused: 0, failed: 0, stored: 0 };
  const made = new EditStream<string>({
    collect: () => (changes.length === 0 ? null : changes.splice(0).join("+")),
    send,
    refused: (reason) => reason === "read_only",
    onRefused: () => told.refused++,
    onFailed: () => told.failed++,
    onStored: () => told.stored++,
  });
  const draw = (name: string) => {
    changes.push(name);
    made.touch();
  };
  return { made, draw, told };
}

describe("EditStream", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("sends the first edit at once and gathers what follows until the pace is over", async () => {
    const sent: string[] = [];
    const { draw } = stream((edit) => Promise.resolve(void sent.push(edit)));
    draw("a");
    expect(sent).toEqual(["a"]);
    draw("b");
    draw("c");
    await vi.advanceTimersByTimeAsync(PACE_MS - 1);
    expect(sent).toEqual(["a"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual(["a", "b+c"]);
  });

  it("keeps one edit in flight and the order", async () => {
    const sent: string[] = [];
    const answers: (() => void)[] = [];
    const { draw } = stream((edit) => {
      sent.push(edit);
      return new Promise((resolve) => answers.push(resolve));
    });
    draw("a");
    draw("b");
    await vi.advanceTimersByTimeAsync(10 * PACE_MS);
    expect(sent).toEqual(["a"]);
    answers.shift()?.();
    await vi.advanceTimersByTimeAsync(PACE_MS);
    expect(sent).toEqual(["a", "b"]);
  });

  it("c04 a flush waits for nothing but the host, and ends with all sent", async () => {
    const sent: string[] = [];
    const { made, draw } = stream((edit) => Promise.resolve(void sent.push(edit)));
    draw("a");
    draw("b");
    await made.flush();
    expect(sent).toEqual(["a", "b"]);
  });

  it("an edit that could not be stored goes again before anything newer", async () => {
    const sent: string[] = [];
    let broken = true;
    const { draw, told } = stream((edit) => {
      sent.push(edit);
      return broken ? Promise.reject(new Error("disk")) : Promise.resolve();
    });
    draw("a");
    draw("b");
    await vi.advanceTimersByTimeAsync(0);
    broken = false;
    await vi.advanceTimersByTimeAsync(RETRY_MS + PACE_MS);
    expect(sent).toEqual(["a", "a", "b"]);
    expect(told).toEqual({ refused: 0, failed: 1, stored: 2 });
  });

  it("c06 an edit refused as read-only is dropped and told of, not sent again", async () => {
    const sent: string[] = [];
    const { draw, told } = stream((edit) => {
      sent.push(edit);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the host rejects with plain data
      return Promise.reject("read_only");
    });
    draw("a");
    await vi.advanceTimersByTimeAsync(5 * RETRY_MS);
    expect(sent).toEqual(["a"]);
    expect(told).toEqual({ refused: 1, failed: 0, stored: 0 });
  });
});
