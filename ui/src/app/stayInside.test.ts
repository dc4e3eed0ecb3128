import { beforeEach, describe, expect, it } from "vitest";
import { localSources } from "../canvas/assets";
import { useToasts } from "../shared/toasts";
import { offerLink, stayInside } from "./stayInside";

describe("the webview stays on the app", () => {
  beforeEach(() => useToasts.setState({ toasts: [] }));

  it("c07 a click on a link neither navigates nor opens a window", () => {
    stayInside();
    document.body.innerHTML = `<a href="https://example.com/x">x</a>`;
    const click = new MouseEvent("click", { bubbles: true, cancelable: true });
    document.querySelector("a")?.dispatchEvent(click);
    expect(click.defaultPrevented).toBe(true);
    expect(useToasts.getState().toasts[0]?.action?.label).toBe("Copy link");
    expect(window.open("https://example.com")).toBeNull();
  });

  it("c07 a link that carries a script is refused outright", () => {
    for (const link of ["javascript:alert(1)", " data:text/html,x", "file:///etc/passwd", "holdfast"]) {
      useToasts.setState({ toasts: [] });
      offerLink(link);
      expect(useToasts.getState().toasts[0]).toMatchObject({ kind: "trouble", action: undefined });
    }
  });

  it("c07 fonts come from the app alone", () => {
    expect(localSources(`url(/fonts/a.woff2) format("woff2"), url(https://esm.sh/a.woff2) format("woff2")`)).toBe(`url(/fonts/a.woff2) format("woff2")`);
  });
});
