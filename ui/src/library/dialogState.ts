import type { Document, Role } from "../ipc";

/** The dialog that the library window shows. */
export type DialogState =
  | { kind: "new_canvas" }
  | { kind: "rename_canvas"; server: string; document: Document }
  | { kind: "move_canvas"; server: string; document: Document }
  | { kind: "delete_canvas"; server: string; document: Document; role: Role }
  | { kind: "history"; server: string; document: Document; role: Role }
  | { kind: "new_workspace"; server: string }
  | { kind: "rename_workspace"; server: string; id: string; name: string }
  | { kind: "delete_workspace"; server: string; id: string; name: string; role: Role }
  | { kind: "new_project"; server: string; workspaceId: string }
  | { kind: "rename_project"; server: string; id: string; name: string }
  | { kind: "delete_project"; server: string; id: string; name: string; role: Role }
  | { kind: "members"; server: string; id: string; name: string; role: Role }
  | { kind: "sign_in"; url: string | null }
  | { kind: "sign_out"; server: string; label: string }
  | { kind: "forget"; server: string; label: string }
  | { kind: "settings" };
