/** A busy day makes hundreds of versions. People remember sittings: one person at one device, without a long pause. */
import type { VersionView } from "../ipc";

export interface Sitting {
  /** The newest version's number. */
  key: number;
  /** Newest first. */
  versions: VersionView[];
  changes: number;
}

const PAUSE_MS = 30 * 60_000;

/** Whether a version was made in the same sitting as the one after it. */
function together(older: VersionView, newer: VersionView): boolean {
  // Both moments are the server's.
  const pause = new Date(newer.at).getTime() - new Date(older.at).getTime();
  return older.by.id === newer.by.id && older.device_name === newer.device_name && pause < PAUSE_MS;
}

/** Versions, newest first, as sittings, newest first. */
export function sittings(versions: readonly VersionView[]): Sitting[] {
  const found: Sitting[] = [];
  for (const version of versions) {
    const sitting = found.at(-1);
    const newer = sitting?.versions.at(-1);
    if (sitting !== undefined && newer !== undefined && together(version, newer)) {
      sitting.versions.push(version);
      sitting.changes += version.changes;
    } else {
      found.push({ key: version.version, versions: [version], changes: version.changes });
    }
  }
  return found;
}

/** Of a long sitting the first few are shown, and those that somebody named. */
const SHOWN = 4;

/** What is shown of a sitting before all of it is asked for. */
export function inShort({ versions }: Sitting): VersionView[] {
  return versions.length <= SHOWN + 1 ? versions : versions.filter(({ name }, at) => at < SHOWN || name !== null);
}
