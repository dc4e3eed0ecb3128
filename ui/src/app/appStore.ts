import { create } from "zustand";
import { asCommandError, commands, onAppState, type AppState } from "../ipc";

interface AppStore {
  /** The host's state; null until it has answered. */
  app: AppState | null;
  /** Why it has not. */
  failure: string | null;
}

/** What all windows share, as the host last told it. Only the host changes it. */
export const useApp = create<AppStore>(() => ({ app: null, failure: null }));

/** Follows the host's state. Listens before it asks, so that no change falls between. Answers how to stop. */
export function followApp(): () => void {
  let told = false;
  const stop = onAppState((app) => {
    told = true;
    useApp.setState({ app, failure: null });
  });
  commands.appState().then(
    (app) => {
      if (!told) useApp.setState({ app, failure: null });
    },
    (reason: unknown) => useApp.setState({ failure: asCommandError(reason).detail }),
  );
  return stop;
}
