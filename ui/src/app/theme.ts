import { useEffect, useSyncExternalStore } from "react";
import { useApp } from "./appStore";

const desktop = window.matchMedia("(prefers-color-scheme: dark)");

function subscribe(onChange: () => void): () => void {
  desktop.addEventListener("change", onChange);
  return () => desktop.removeEventListener("change", onChange);
}

/** Light or dark, as the settings or the desktop say; puts it on the page too. */
export function useTheme(): "light" | "dark" {
  const setting = useApp((state) => state.app?.settings.theme ?? "system");
  const desktopDark = useSyncExternalStore(subscribe, () => desktop.matches);
  const theme = setting === "system" ? (desktopDark ? "dark" : "light") : setting;
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  return theme;
}
