/** The host's types, generated from Rust, and the one that no answer carries. */
export type * from "./generated";

/** Where documents are looked for; the host's `ScopeView`, which only arguments have. */
export type ScopeView = { kind: "personal" } | { kind: "workspace"; id: string } | { kind: "project"; id: string; workspace_id: string };
