// Imported before Excalidraw, which reads this when it is loaded: fonts come from the page's own folder.
(window as { EXCALIDRAW_ASSET_PATH?: string }).EXCALIDRAW_ASSET_PATH = "/";

export {};
