import { create } from "zustand";
import { asCommandError } from "../ipc";

/** A short message that goes by itself; trouble stays until it is dismissed. */
export interface Toast {
  id: number;
  kind: "plain" | "trouble";
  text: string;
  /** Stays until it is dismissed, and how tests know it. */
  stays?: string | undefined;
  action?: { label: string; run: () => void } | undefined;
}

let next = 1;

export const useToasts = create<{ toasts: Toast[] }>(() => ({ toasts: [] }));

export function dismissToast(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}

/** Shows a message and answers by which id to take it away. The same words twice are one message. */
export function say(text: string, kind: Toast["kind"] = "plain", action?: Toast["action"]): number {
  const id = next++;
  useToasts.setState(({ toasts }) => ({
    toasts: [...toasts.filter((toast) => toast.text !== text), { id, kind, text, action }].slice(-4),
  }));
  return id;
}

/** Shows a message that stays until it is dismissed, though nothing is wrong. */
export function tell(text: string, testId: string): void {
  const id = next++;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.filter((toast) => toast.stays !== testId), { id, kind: "plain" as const, text, stays: testId }].slice(-4) }));
}

/** Runs what the user asked for and shows what went wrong. Answers whether it worked. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (reason) {
    say(asCommandError(reason).detail, "trouble");
    return false;
  }
}
