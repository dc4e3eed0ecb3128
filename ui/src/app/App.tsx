import { lazy, Suspense, useEffect } from "react";
import { ToastList } from "../shared/ToastList";
import { LibraryWindow } from "../library/LibraryWindow";
import { followApp } from "./appStore";
import { ErrorBoundary } from "./ErrorBoundary";
import { useTheme } from "./theme";

// The drawing part is large: the library window does without it until a thumbnail has to be drawn.
const CanvasWindow = lazy(() => import("../canvas/CanvasWindow").then((module) => ({ default: module.CanvasWindow })));

/** The one page: which window it is says the address. */
export function App() {
  useEffect(followApp, []);
  const theme = useTheme();
  const canvas = window.location.hash.startsWith("#/canvas");
  return (
    <ErrorBoundary>
      {canvas ? (
        <Suspense fallback={null}>
          <CanvasWindow theme={theme} />
        </Suspense>
      ) : (
        <LibraryWindow />
      )}
      <ToastList />
    </ErrorBoundary>
  );
}
