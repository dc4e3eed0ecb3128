import { useEffect, useState } from "react";

/**
 * Counts `ms` down from when it was handed in, a step each second. The host sends a new number whenever it
 * knows better; this only makes the seconds visible.
 */
export function useCountdown(ms: number | null): number | null {
  const [gone, setGone] = useState({ from: ms, passed: 0 });
  useEffect(() => {
    if (ms === null) {
      return;
    }
    const start = performance.now();
    const timer = setInterval(() => setGone({ from: ms, passed: performance.now() - start }), 1000);
    return () => clearInterval(timer);
  }, [ms]);
  // A new number counts from its own start, also in the moment before the first second is over.
  return ms === null ? null : Math.max(0, ms - (gone.from === ms ? gone.passed : 0));
}
