import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { canvasFonts } from "./build/canvasFonts.ts";

export default defineConfig({
  plugins: [react(), canvasFonts()],
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  build: {
    target: "safari16",
    // Excalidraw is one large chunk, loaded only where a drawing is shown.
    chunkSizeWarningLimit: 4000,
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/ipc/testing/setup.ts"],
    server: { deps: { inline: ["@excalidraw/excalidraw"] } },
  },
});
