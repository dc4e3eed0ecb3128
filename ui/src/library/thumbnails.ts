import { commands } from "../ipc";

/**
 * Thumbnails: the host's cache first; what is missing is drawn here, one at a time and only while the window is
 * idle, then cached. Drawing needs the drawing part, which is loaded with the first picture that is missing.
 */

/** A canvas at a version. */
export interface Wanted {
  server: string;
  id: string;
  version: number;
}

type Deliver = (png: Blob | null) => void;

interface Job {
  wanted: Wanted;
  deliver: Deliver;
}

const queue: Job[] = [];
let drawing = false;

// A new version arrives with every commit while somebody draws: wait until it has settled.
const SETTLE_MS = 600;

/** Calls back with the picture, or null where nothing is drawn. Answers how to withdraw the wish. */
export function wantThumbnail(wanted: Wanted, deliver: Deliver): () => void {
  let withdrawn = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const job: Job = {
    wanted,
    deliver: (png) => {
      if (!withdrawn) deliver(png);
    },
  };
  void cached(wanted).then((png) => {
    if (withdrawn) {
      return;
    }
    if (png !== null) {
      job.deliver(png);
      return;
    }
    timer = setTimeout(() => {
      queue.push(job);
      void drawNext();
    }, SETTLE_MS);
  });
  return () => {
    withdrawn = true;
    clearTimeout(timer);
    const at = queue.indexOf(job);
    if (at >= 0) queue.splice(at, 1);
  };
}

async function cached({ server, id, version }: Wanted): Promise<Blob | null> {
  try {
    const bytes = await commands.thumbnail(server, id, version);
    return bytes.byteLength === 0 ? null : new Blob([bytes], { type: "image/png" });
  } catch {
    // A cache that can't be read is an empty cache.
    return null;
  }
}

function idle(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") {
      requestIdleCallback(() => resolve(), { timeout: 2000 });
    } else {
      setTimeout(resolve, 60);
    }
  });
}

async function drawNext(): Promise<void> {
  if (drawing) {
    return;
  }
  drawing = true;
  try {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      await idle();
      await draw(job);
    }
  } finally {
    drawing = false;
  }
}

async function draw({ wanted, deliver }: Job): Promise<void> {
  const { server, id, version } = wanted;
  try {
    const { drawThumbnail } = await import("../canvas/thumbnail");
    const content = await commands.documentContent(server, id);
    const png = await drawThumbnail(content, (fileId) => commands.documentFile(server, id, fileId));
    deliver(png);
    if (png !== null) {
      await commands.putThumbnail(server, id, version, new Uint8Array(await png.arrayBuffer()));
    }
  } catch (reason) {
    // The card keeps its placeholder; the next version is a new attempt.
    console.warn("a thumbnail could not be drawn", id, reason);
  }
}
