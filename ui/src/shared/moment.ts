/** How moments and spans are written. Moments come from a server and are shown, never reckoned with (X10). */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/** `14:32` today, `3 Feb, 14:32` this year, else the date. */
export function moment(timestamp: string, today = new Date()): string {
  const date = new Date(timestamp);
  if (date.toDateString() === today.toDateString()) {
    return clock.format(date);
  }
  if (date.getFullYear() === today.getFullYear()) {
    return `${day.format(date)}, ${clock.format(date)}`;
  }
  return dayOfYear.format(date);
}

/** `2:05`, or `1:02:05` from an hour on. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
