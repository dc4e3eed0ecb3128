/** States as the host would send them. */
import type { AppState, CanvasState, DocumentCard, HolderView, ServerView, User } from "../generated";

export const ada: User = { id: "00000000-0000-4000-8000-0000000000a1", name: "Ada Lindqvist" };
export const ben: User = { id: "00000000-0000-4000-8b00-0000000000b7", name: "Ben Okafor" };
export const mei: User = { id: "00000000-0000-4000-8c4d-0000000000c3", name: "Mei Tanaka" };

export const device: ServerView = { id: "device", label: "On this device", embedded: true, user: ada, connection: { state: "online" }, workspaces: [] };

export const team: ServerView = {
  id: "https://holdfast.northyard.example",
  label: "holdfast.northyard.example",
  embedded: false,
  user: ada,
  connection: { state: "online" },
  workspaces: [
    { id: "w1", name: "Platform team", role: "owner", projects: [{ id: "p1", name: "Billing rework" }, { id: "p2", name: "Data centre move" }] },
    { id: "w2", name: "Customer research", role: "viewer", projects: [] },
  ],
};

export const app: AppState = {
  servers: [device, team],
  settings: { device_name: "ada-thinkpad", display_name: "Ada Lindqvist", notifications: true, theme: "system", close_to_tray: true, stop_editing_when_lapsed: false },
  notices: [],
  waiting: [],
  drafts: [],
  version: "0.1.0",
};

export function holder(user: User, changes: Partial<HolderView> = {}): HolderView {
  return { user, device_name: "ben-macbook", since: new Date(Date.now() - 23 * 60_000).toISOString(), same_user: user.id === ada.id, window: null, ...changes };
}

let cards = 0;

export function card(name: string, changes: Partial<DocumentCard> = {}, by = ada): DocumentCard {
  const id = `d${++cards}`;
  const at = new Date(Date.now() - cards * 47 * 60_000).toISOString();
  return {
    document: {
      id,
      name,
      kind: "canvas",
      workspace_id: null,
      project_id: null,
      version: 4,
      created_at: at,
      created_by: by,
      updated_at: at,
      updated_by: by,
      lock: null,
    },
    holder: null,
    windows: [],
    notify_me: false,
    importing: false,
    ...changes,
  };
}

export const canvasState: CanvasState = {
  server: team.id,
  server_label: team.label,
  document_id: "d1",
  name: "Order flow",
  kind: "canvas",
  workspace: "Platform team",
  role: "owner",
  user: ada,
  session_id: "s1",
  editable: true,
  lock: { state: "held", since: new Date(Date.now() - 4 * 60_000).toISOString(), remaining_ms: 38_000 },
  save: { state: "saved", version: 4 },
  connection: { state: "online" },
  notify_me: false,
  conflict: null,
};
