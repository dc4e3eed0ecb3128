/** A hue for each user, the same in every window: the one that the drawing part gives the user's cursor. */
export function hueOf(id: string): number {
  let hash = 0;
  for (let at = 0; at < id.length; at++) {
    hash = (hash << 5) - hash + id.charCodeAt(at);
  }
  return (Math.abs(hash) % 37) * 10;
}

/** One or two letters of a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const first = Array.from(words[0] ?? "")[0] ?? "?";
  const last = words.length > 1 ? (Array.from(words.at(-1) ?? "")[0] ?? "") : "";
  return (first + last).toLocaleUpperCase();
}
