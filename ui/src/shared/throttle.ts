/** Calls at most once each `ms`: the first at once, the last one always. */
export function throttle<A extends unknown[]>(ms: number, call: (...args: A) => void): (...args: A) => void {
  let latest: A | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tick = () => {
    if (latest === null) {
      timer = undefined;
      return;
    }
    const args = latest;
    latest = null;
    timer = setTimeout(tick, ms);
    call(...args);
  };
  return (...args) => {
    latest = args;
    if (timer === undefined) tick();
  };
}
