import { t } from "../text";

/** The server's limit, counted in characters as people see code points. */
const NAME_CHARS = 200;

/** What is wrong with a name; null where nothing is. */
export function nameProblem(name: string): string | null {
  const trimmed = name.trim();
  if (trimmed === "") {
    return t.dialogs.nameMissing;
  }
  return Array.from(trimmed).length > NAME_CHARS ? t.dialogs.nameTooLong : null;
}
