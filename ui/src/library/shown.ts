import type { DocumentCard } from "../ipc";
import { t } from "../text";

/** How the grid is narrowed and ordered. */
export interface View {
  search: string;
  sort: "changed" | "name";
  filter: "all" | "locked" | "mine";
}

const byName = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** The cards that the grid shows, in order. */
export function shown(cards: readonly DocumentCard[], view: View, userId: string | null): DocumentCard[] {
  const wanted = view.search.trim().toLocaleLowerCase();
  const kept = cards.filter((card) => {
    if (!card.document.name.toLocaleLowerCase().includes(wanted)) return false;
    if (view.filter === "locked") return card.holder !== null;
    if (view.filter === "mine") return card.document.created_by.id === userId;
    return true;
  });
  return kept.sort((a, b) =>
    view.sort === "name"
      ? byName.compare(a.document.name, b.document.name)
      : b.document.updated_at.localeCompare(a.document.updated_at),
  );
}

/** Whose lock it is, from where this window stands. */
export interface Badge {
  whose: "here" | "own" | "other";
  text: string;
  since: string;
}

/** The lock badge of a card: who holds it, and where. */
export function badge(card: DocumentCard): Badge | null {
  const { holder } = card;
  if (holder === null) {
    return null;
  }
  if (!holder.same_user) {
    return { whose: "other", text: t.grid.heldBy(holder.user.name, holder.device_name), since: holder.since };
  }
  return { whose: holder.window === null ? "own" : "here", text: holder.window === null ? t.grid.youElsewhere : t.grid.youHere, since: holder.since };
}
