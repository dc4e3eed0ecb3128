/**
 * A host in the page, for tests and for looking at screens without the app. It stands where Tauri's own interface to
 * the webview stands, so that the code under test is the code of the app. Never part of the app itself.
 */

/** Answers a command; `payload` is its arguments or its raw body. */
export type Answer = (payload: never, headers: Record<string, string>) => unknown;

interface Call {
  command: string;
  payload: unknown;
  headers: Record<string, string>;
}

interface ChannelLike<T> {
  onmessage: (message: T) => void;
}

export class FakeHost {
  readonly calls: Call[] = [];
  private readonly answers = new Map<string, Answer>();
  private readonly callbacks = new Map<number, (message: unknown) => void>();
  private readonly listeners = new Map<string, number[]>();
  private nextId = 1;

  /** Takes the place of Tauri in this page. */
  install(label = "library"): this {
    const internals = {
      invoke: (command: string, payload: unknown, options?: { headers?: Record<string, string> }) => this.invoke(command, payload, options?.headers ?? {}),
      transformCallback: (callback: (message: unknown) => void) => {
        const id = this.nextId++;
        this.callbacks.set(id, callback);
        return id;
      },
      unregisterCallback: (id: number) => this.callbacks.delete(id),
      metadata: { currentWindow: { label }, currentWebview: { windowLabel: label, label } },
    };
    Object.assign(window, {
      __TAURI_INTERNALS__: internals,
      __TAURI_EVENT_PLUGIN_INTERNALS__: { unregisterListener: () => undefined },
    });
    return this;
  }

  /** How a command is answered from now on. A thrown value is a rejection. */
  on(command: string, answer: Answer): this {
    this.answers.set(command, answer);
    return this;
  }

  /** Tells every listener of an event. */
  emit(event: string, payload: unknown): void {
    for (const id of this.listeners.get(event) ?? []) this.callbacks.get(id)?.({ event, id, payload });
  }

  /** The payloads of all calls of a command. */
  of(command: string): unknown[] {
    return this.calls.filter((call) => call.command === command).map(({ payload }) => payload);
  }

  private async invoke(command: string, payload: unknown, headers: Record<string, string>): Promise<unknown> {
    await Promise.resolve();
    if (command === "plugin:event|listen") {
      const { event, handler } = payload as { event: string; handler: number };
      this.listeners.set(event, [...(this.listeners.get(event) ?? []), handler]);
      return handler;
    }
    if (command === "plugin:event|unlisten") {
      const { event, eventId } = payload as { event: string; eventId: number };
      this.listeners.set(event, (this.listeners.get(event) ?? []).filter((id) => id !== eventId));
      return null;
    }
    this.calls.push({ command, payload, headers });
    const answer = this.answers.get(command);
    return answer === undefined ? null : await answer(payload as never, headers);
  }
}

/** The callback of a command's channel. */
export function channelOf<T>(payload: { channel: ChannelLike<T> }): (message: T) => void {
  return (message) => payload.channel.onmessage(message);
}

/** What the host answers as raw bytes. */
export function jsonBytes(value: unknown): ArrayBuffer {
  return new TextEncoder().encode(JSON.stringify(value)).buffer;
}
