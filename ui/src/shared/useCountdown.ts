import { useEffect, useState } from "react";

/** A moment on both of the page's clocks. */
export interface Reading {
  steady: number;
  wall: number;
}

/** Now, on both clocks. */
export function reading(): Reading {
  return { steady: performance.now(), wall: Date.now() };
}

/**
 * How long it is from one reading to another. The steady clock may stand still while the machine sleeps, and the wall
 * clock may be set: the longer of the two is taken, so that what is left of a lock is never shown too long (X10).
 */
export function between(from: Reading, to: Reading): number {
  return Math.max(0, to.steady - from.steady, to.wall - from.wall);
}

/** Now, a step each second while `running`. */
export function useClock(running = true): Reading {
  const [now, setNow] = useState(reading);
  useEffect(() => {
    if (!running) {
      return;
    }
    const timer = setInterval(() => setNow(reading()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** What is left of `ms`, as the host told it at `from`; counted a step each second until the host tells anew. */
export function useCountdown(ms: number | null, from: Reading): number | null {
  const now = useClock(ms !== null);
  return ms === null ? null : Math.max(0, ms - between(from, now));
}
