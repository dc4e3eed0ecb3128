import "@fontsource-variable/instrument-sans";
import "../shared/tokens.css";
import "../shared/base.css";
import "../shared/controls.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { stayInside } from "./stayInside";

stayInside();

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
