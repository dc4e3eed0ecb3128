import { commands, type ScopeView } from "../ipc";
import { attempt } from "../shared/toasts";
import { noteJob } from "./libraryStore";

/** Imports files into a scope; without paths the host asks which. */
export function importInto(server: string, scope: ScopeView, paths: string[] | null): void {
  void attempt(() => commands.importFiles(server, scope, paths, noteJob));
}

/** Exports a document; the host asks where to. */
export function exportFrom(server: string, id: string): void {
  void attempt(() => commands.exportDocument(server, id, noteJob));
}
