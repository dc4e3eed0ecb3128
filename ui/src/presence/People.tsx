import type { PersonView } from "../ipc";
import { t } from "../text";
import { Avatar } from "./Avatar";

const SHOWN = 5;

function words({ user, own, editing }: PersonView): string {
  if (own) return t.canvas.people.you(user.name);
  return editing ? t.canvas.people.editing(user.name) : t.canvas.people.watching(user.name);
}

/** Who else is at this canvas; who edits comes first and wears a ring. */
export function People({ people }: { people: PersonView[] }) {
  const sorted = [...people].sort((a, b) => Number(b.editing) - Number(a.editing));
  const more = sorted.length - SHOWN;
  return (
    <ul className="people" data-testid="people" aria-label={t.canvas.people.label}>
      {sorted.slice(0, SHOWN).map((person) => (
        <li key={person.session_id} data-testid="person" data-name={person.user.name} data-editing={person.editing} title={words(person)}>
          <Avatar user={person.user} />
          <span className="visually-hidden">{words(person)}</span>
        </li>
      ))}
      {more > 0 && (
        <li className="people-more" title={sorted.slice(SHOWN).map(words).join("\n")}>
          <span aria-hidden="true">+{more}</span>
          <span className="visually-hidden">{t.canvas.people.more(more)}</span>
        </li>
      )}
    </ul>
  );
}
