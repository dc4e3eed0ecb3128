import { useEffect, useState } from "react";

/**
 * Counts `ms` down from when it was handed in, a step each second. The host sends a new number whenever it
 * knows better; this only makes the seconds visible.
 */
export function useCountdown(ms: number | null): number | null {
  const [left, setLeft] = useState(ms);
  useEffect(() => {
    setLeft(ms);
    if (ms === null) {
      return;
    }
    const end = performance.now() + ms;
    const timer = setInterval(() => setLeft(Math.max(0, end - performance.now())), 1000);
    return () => clearInterval(timer);
  }, [ms]);
  return left;
}
