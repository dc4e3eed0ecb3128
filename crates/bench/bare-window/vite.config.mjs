// Builds the bare window's page into `target/bare-window` with the packages of `ui`, so that both show the very same
// Excalidraw. Run by `cargo xtask bench`.
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const page = path("page");
const ui = path("../../../ui");
const outDir = path("../../../target/bare-window");

/** Looks for the page's packages where the app's are. */
const packagesOfUi = {
  name: "packages-of-ui",
  enforce: "pre",
  resolveId(source, importer) {
    const isPackage = !source.startsWith(".") && !source.startsWith("/");
    return isPackage && importer?.startsWith(page) ? this.resolve(source, `${ui}/index.html`) : null;
  },
};

/** The drawing fonts, which come with Excalidraw's package. */
const fonts = {
  name: "fonts",
  closeBundle() {
    const from = `${ui}/node_modules/@excalidraw/excalidraw/dist/prod/fonts`;
    cpSync(from, `${outDir}/fonts`, { recursive: true });
  },
};

export default {
  root: page,
  publicDir: false,
  clearScreen: false,
  build: { outDir, emptyOutDir: true, target: "safari16", chunkSizeWarningLimit: 4000 },
  plugins: [packagesOfUi, fonts],
};
