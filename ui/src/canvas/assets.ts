/**
 * Where the drawing part finds its fonts: beside the app. Imported before it, because it reads the path on load.
 *
 * It also names a public server as a fallback for each font. The webview may not reach it (C07), and each attempt
 * would be a violation of the content policy, so those sources are taken out.
 */
declare global {
  interface Window {
    EXCALIDRAW_ASSET_PATH?: string | string[];
  }
}

window.EXCALIDRAW_ASSET_PATH = "/";

const NativeFontFace = window.FontFace as typeof FontFace | undefined;

/** Keeps of a font's `src` list what comes from the app itself. */
export function localSources(source: string): string {
  const local = source.split(",").filter((part) => !/url\(\s*["']?https?:\/\/(?!localhost|127\.0\.0\.1|tauri\.localhost)/i.test(part));
  return local.length > 0 ? local.join(",") : source;
}

if (NativeFontFace !== undefined) {
  window.FontFace = class extends NativeFontFace {
    constructor(family: string, source: string | BufferSource, descriptors?: FontFaceDescriptors) {
      super(family, typeof source === "string" ? localSources(source) : source, descriptors);
    }
  };
}
