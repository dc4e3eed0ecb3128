import { commands, type DocumentCard, type Role, type ServerView } from "../ipc";
import type { MenuEntry } from "../shared/Menu";
import { attempt, say } from "../shared/toasts";
import { t } from "../text";
import { exportFrom } from "./jobs";
import { ask } from "./libraryStore";
import { mayEdit } from "./place";

/** What one can do with a canvas, as the role allows. */
export function cardEntries(card: DocumentCard, server: ServerView, role: Role): MenuEntry[] {
  const { document, holder } = card;
  const { id } = server;
  const open = (mode: "edit" | "read_only" | "new_window") => void attempt(() => commands.openDocument(id, document.id, mode));
  const notify = async () => {
    const on = !card.notify_me;
    if ((await attempt(() => commands.notifyMe(id, document.id, on))) && on) {
      say(t.toast.willNotify(document.name));
    }
  };
  const entries: MenuEntry[] = [
    { label: t.menu.open, icon: "open", testId: "menu-open", onSelect: () => open("edit") },
    { label: t.menu.openReadOnly, icon: "eye", testId: "menu-open-read-only", onSelect: () => open("read_only") },
    { label: t.menu.openNewWindow, icon: "window", testId: "menu-open-new-window", onSelect: () => open("new_window") },
  ];
  if (card.notify_me || (holder !== null && !holder.same_user && role !== "viewer")) {
    entries.push({ label: card.notify_me ? t.menu.stopNotify : t.menu.notify, icon: "bell", testId: "menu-notify", onSelect: () => void notify() });
  }
  const editable = mayEdit(role);
  if (editable) {
    entries.push(
      { label: t.menu.rename, icon: "pen", testId: "menu-rename", line: true, onSelect: () => ask({ kind: "rename_canvas", server: id, document }) },
      { label: t.menu.duplicate, icon: "copy", testId: "menu-duplicate", onSelect: () => void attempt(() => commands.duplicateDocument(id, document.id)) },
      { label: t.menu.move, icon: "move", testId: "menu-move", onSelect: () => ask({ kind: "move_canvas", server: id, document }) },
    );
  }
  entries.push({ label: t.menu.history, icon: "clock", testId: "history-open", line: !editable, onSelect: () => ask({ kind: "history", server: id, document, role }) });
  entries.push({ label: t.menu.export, icon: "export", testId: "menu-export", onSelect: () => exportFrom(id, document.id) });
  if (editable) {
    entries.push({
      label: t.menu.delete,
      icon: "trash",
      testId: "menu-delete",
      danger: true,
      line: true,
      onSelect: () => ask({ kind: "delete_canvas", server: id, document, role }),
    });
  }
  return entries;
}
