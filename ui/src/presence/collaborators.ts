import type { Collaborator } from "@excalidraw/excalidraw/types";
import type { PersonView } from "../ipc";

/** Others as the drawing shows them: a cursor with the name, and outlines round what they selected. */
export function collaborators(people: readonly PersonView[]): Map<string, Collaborator> {
  return new Map(
    people.map(({ session_id: session, user, pointer, selected }) => [
      session,
      {
        id: user.id,
        username: user.name,
        ...(pointer !== null && { pointer: { x: pointer.x, y: pointer.y, tool: "pointer" as const } }),
        selectedElementIds: Object.fromEntries(selected.map((id) => [id, true as const])),
      },
    ]),
  );
}
