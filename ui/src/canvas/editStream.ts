/**
 * Sends edits to the host: the first at once, then at most one each `PACE_MS`, one in flight, in order. An edit that
 * the host could not store is sent again before anything newer; one that it refused is dropped.
 */

/** Between two edits: well inside the 300 ms in which an edit is to be on disk. */
export const PACE_MS = 80;
/** Before an edit that could not be stored is tried again. */
export const RETRY_MS = 1000;

export interface EditStreamPorts<T> {
  /** What has changed since the last call; null where nothing has. */
  collect: () => T | null;
  /** Resolves once the host has it on disk. */
  send: (edit: T) => Promise<void>;
  /** Whether the host will not take it, now or ever. */
  refused: (reason: unknown) => boolean;
  /** The window may not edit: what it shows has to be fetched again. */
  onRefused: () => void;
  /** It could not be stored, and is tried again. */
  onFailed: (reason: unknown) => void;
  /** An edit is on disk. */
  onStored: () => void;
}

export class EditStream<T> {
  private running: Promise<void> | null = null;
  private unsent: T | null = null;
  private hurry = false;
  private wake: (() => void) | null = null;

  constructor(private readonly ports: EditStreamPorts<T>) {}

  /** There may be something to send. */
  touch(): void {
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
  }

  /** Sends what there is without waiting for the pace. Resolves when nothing is left, or the host refused. */
  async flush(): Promise<void> {
    this.hurry = true;
    this.wake?.();
    this.touch();
    await this.running;
    // What changed while the last edit was on its way.
    this.touch();
    await this.running;
    this.hurry = false;
  }

  /** The page goes away: hands over what there is, without waiting for anything. */
  handOver(): void {
    const edit = this.ports.collect();
    if (edit !== null) void this.ports.send(edit).catch(this.ports.onFailed);
  }

  private async run(): Promise<void> {
    for (;;) {
      this.unsent ??= this.ports.collect();
      if (this.unsent === null) {
        return;
      }
      try {
        await this.ports.send(this.unsent);
        this.unsent = null;
        this.ports.onStored();
      } catch (reason) {
        if (this.ports.refused(reason)) {
          this.unsent = null;
          this.ports.onRefused();
          return;
        }
        this.ports.onFailed(reason);
        await this.pause(RETRY_MS);
        continue;
      }
      if (!this.hurry) await this.pause(PACE_MS);
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
      this.wake = done;
    });
  }
}
