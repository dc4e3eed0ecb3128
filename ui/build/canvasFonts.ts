import { cpSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const from = fileURLToPath(new URL("../node_modules/@excalidraw/excalidraw/dist/prod/fonts", import.meta.url));
const to = fileURLToPath(new URL("../public/fonts", import.meta.url));

/**
 * Puts the drawing fonts beside the app, because the webview may load nothing from the network (C07).
 * They are 14 MB and come with the package, so they are copied at build time and not committed.
 */
export function canvasFonts(): Plugin {
  return {
    name: "holdfast-canvas-fonts",
    config() {
      if (!existsSync(to)) {
        cpSync(from, to, { recursive: true });
      }
    },
  };
}
