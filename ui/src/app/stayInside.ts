import { say } from "../shared/toasts";
import { t } from "../text";

/**
 * Keeps the webview on the app: no link, wherever it comes from, navigates it or opens another window.
 * A web or mail address can be copied instead.
 */
export function offerLink(link: string): void {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(link)?.[1]?.toLowerCase();
  if (scheme !== "http" && scheme !== "https" && scheme !== "mailto") {
    say(t.toast.linkBlocked, "trouble");
    return;
  }
  say(`${t.toast.linkNotOpened} ${link}`, "plain", {
    label: t.common.copyLink,
    run: () => {
      void navigator.clipboard.writeText(link).then(() => say(t.toast.linkCopied));
    },
  });
}

function onClick(event: MouseEvent): void {
  const anchor = event.target instanceof Element ? event.target.closest("a[href]") : null;
  const href = anchor?.getAttribute("href") ?? "";
  // Downloads made by the page itself (blob:, data:) are the only anchors that may act.
  if (anchor === null || anchor.hasAttribute("download") || href.startsWith("#")) {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  offerLink(href);
}

/** Starts keeping the webview on the app. */
export function stayInside(): void {
  document.addEventListener("click", onClick, true);
  document.addEventListener("auxclick", onClick, true);
  window.open = (url) => {
    if (url !== undefined) offerLink(String(url));
    return null;
  };
}
