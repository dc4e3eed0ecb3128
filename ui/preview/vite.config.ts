import { fileURLToPath } from "node:url";
import { mergeConfig } from "vite";
import app from "../vite.config.ts";

/** The preview built once, for looking at many screens: `npx vite build -c preview/vite.config.ts`. */
export default mergeConfig(app, {
  build: {
    outDir: process.env["PREVIEW_OUT"] ?? "preview/dist",
    rollupOptions: { input: fileURLToPath(new URL("index.html", import.meta.url)) },
  },
});
