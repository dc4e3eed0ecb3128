import { create } from "zustand";
import { commands, asCommandError, type DocumentList, type Progress } from "../ipc";
import type { DialogState } from "./dialogState";
import type { Place } from "./place";
import { scopeKey } from "./place";

interface LibraryStore {
  place: Place | null;
  list: DocumentList;
  search: string;
  sort: "changed" | "name";
  filter: "all" | "locked" | "mine";
  dialog: DialogState | null;
  /** Imports and exports under way or just finished, oldest first. */
  jobs: Progress[];
}

export const useLibrary = create<LibraryStore>(() => ({
  place: null,
  list: { state: "loading" },
  search: "",
  sort: "changed",
  filter: "all",
  dialog: null,
  jobs: [],
}));

function samePlace(a: Place | null, b: Place): boolean {
  if (a?.kind !== b.kind) {
    return false;
  }
  return a.kind !== "documents" || b.kind !== "documents" || (a.server === b.server && scopeKey(a.scope) === scopeKey(b.scope));
}

/** Shows another place. */
export function goTo(place: Place): void {
  if (!samePlace(useLibrary.getState().place, place)) {
    useLibrary.setState({ place, list: { state: "loading" }, search: "", filter: "all" });
  }
}

/** Follows a place's documents. What arrives after the user went elsewhere is dropped. Answers how to stop. */
export function follow(place: Place): () => void {
  if (place.kind !== "documents") {
    return () => undefined;
  }
  let current = true;
  const show = (list: DocumentList) => {
    if (current) useLibrary.setState({ list });
  };
  commands.watchDocuments(place.server, place.scope, show).catch((reason: unknown) => {
    show({ state: "failed", detail: asCommandError(reason).detail });
  });
  return () => {
    current = false;
  };
}

/** Opens a dialog, in place of the one that is open. */
export function ask(dialog: DialogState | null): void {
  useLibrary.setState({ dialog });
}

/** Notes how far a job is; one that was cancelled or done leaves by itself. */
export function noteJob(progress: Progress): void {
  useLibrary.setState(({ jobs }) => {
    const known = jobs.some((job) => job.job === progress.job);
    return { jobs: known ? jobs.map((job) => (job.job === progress.job ? progress : job)) : [...jobs, progress] };
  });
  if (progress.step.state === "done" || progress.step.state === "cancelled") {
    setTimeout(() => dropJob(progress.job), 5000);
  }
}

/** Takes a job from the list. */
export function dropJob(job: string): void {
  useLibrary.setState(({ jobs }) => ({ jobs: jobs.filter((each) => each.job !== job) }));
}
