/**
 * Screens without the app: `npm run dev`, then `/preview/?screen=NAME` (and `&theme=dark`). A canvas screen draws the
 * `.excalidraw` file given with `&file=/PATH`. Only for looking; the app's build does not know this folder.
 */
import { FakeHost } from "../src/ipc/testing/fakeHost";
import { setScreen } from "./screens";

const query = new URLSearchParams(window.location.search);
const screen = query.get("screen") ?? "library";
const host = new FakeHost().install(screen.startsWith("canvas") ? "canvas-1" : "library");
if (screen.startsWith("canvas")) window.location.hash = "#/canvas";
Object.assign(window, { fakeHost: host });
await setScreen(host, screen, query);
await import("../src/app/main");
