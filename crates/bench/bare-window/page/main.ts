// The drawing is part of the page, so that showing it waits for nothing.
import "./assets";
import "@excalidraw/excalidraw/index.css";
import { Excalidraw } from "@excalidraw/excalidraw";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import text from "../../../../tests/samples/landing-page.excalidraw?raw";

const canvas = document.getElementById("canvas")!;
const drawing = JSON.parse(text);

/** Says that the drawing is on the screen: two frames after Excalidraw has taken it. */
function onChange(elements: readonly unknown[]) {
  if (elements.length > 0) {
    requestAnimationFrame(() => requestAnimationFrame(() => (canvas.dataset.ready = "true")));
  }
}

createRoot(canvas).render(createElement(Excalidraw, { initialData: drawing, onChange }));
