/**
 * Pictures of versions and drafts in small. The host's cache keeps those of the latest versions only, so these are drawn
 * here, one at a time and when the window is idle, and kept while the window is open.
 */

/** What a picture is drawn of. */
export interface SmallSubject {
  /** The same for the same drawing. */
  key: string;
  /** A `CanvasContent` as raw JSON bytes. */
  fetchContent: () => Promise<ArrayBuffer>;
  fetchFile: (id: string) => Promise<ArrayBuffer>;
}

/** A few sittings' worth. */
const KEPT = 120;

const drawn = new Map<string, Promise<Blob | null>>();
let turn: Promise<unknown> = Promise.resolve();

function idle(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(() => resolve(), { timeout: 1000 });
    else setTimeout(resolve, 30);
  });
}

async function draw({ fetchContent, fetchFile }: SmallSubject): Promise<Blob | null> {
  await idle();
  const [{ drawThumbnail }, content] = await Promise.all([import("../canvas/thumbnail"), fetchContent()]);
  return drawThumbnail(content, fetchFile);
}

/** The picture; null where nothing is drawn. One that failed is tried anew the next time it is asked for. */
export function smallPicture(subject: SmallSubject): Promise<Blob | null> {
  const known = drawn.get(subject.key);
  if (known !== undefined) {
    return known;
  }
  const picture = turn.then(() => draw(subject));
  turn = picture.catch(() => drawn.delete(subject.key));
  drawn.set(subject.key, picture);
  for (const oldest of [...drawn.keys()].slice(0, Math.max(0, drawn.size - KEPT))) drawn.delete(oldest);
  return picture;
}
