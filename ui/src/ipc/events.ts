/** What the host tells every window without being asked. */
import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import type { AppState } from "./generated";

/** Files dragged over the window from the desktop. */
export type FileDrag = { state: "over" } | { state: "left" } | { state: "dropped"; paths: string[] };

type Stop = () => void;

function stopper(listening: Promise<Stop>): Stop {
  return () => {
    void listening.then((stop) => {
      stop();
    });
  };
}

/** Calls back with each new state of the app. Answers how to stop. */
export function onAppState(callback: (state: AppState) => void): Stop {
  return stopper(
    listen<AppState>("app-state", (event) => {
      callback(event.payload);
    }),
  );
}

/** Calls back while files are dragged over this window, and with their paths when they are dropped. */
export function onFilesDragged(callback: (drag: FileDrag) => void): Stop {
  return stopper(
    getCurrentWebview().onDragDropEvent(({ payload }) => {
      switch (payload.type) {
        case "enter":
        case "over":
          callback({ state: "over" });
          break;
        case "leave":
          callback({ state: "left" });
          break;
        case "drop":
          callback({ state: "dropped", paths: payload.paths });
          break;
      }
    }),
  );
}
