import { useCallback, useEffect, useState } from "react";
import { asCommandError, commands, type HistoryPage, type VersionView } from "../ipc";

export interface History {
  /** Newest first; null until the first page is there. */
  versions: VersionView[] | null;
  /** Where older ones begin; null where there are none. */
  next: number | null;
  failure: string | null;
  busy: boolean;
  more: () => void;
  again: () => void;
  /** Puts in what is known to have changed. */
  put: (version: VersionView) => void;
}

function merge(known: readonly VersionView[], fetched: readonly VersionView[]): VersionView[] {
  const byNumber = new Map([...known, ...fetched].map((version) => [version.version, version]));
  return [...byNumber.values()].sort((a, b) => b.version - a.version);
}

export interface Pages {
  versions: VersionView[];
  /** Where the oldest page fetched ends. */
  next: number | null;
}

/** What is known with a page in it. Where the newest page leaves a gap to what is known, that is asked for again. */
export function joined(known: Pages | null, page: HistoryPage, before: number | null): Pages {
  const newest = known?.versions[0]?.version ?? 0;
  const meets = known !== null && (before !== null || page.entries.some(({ version }) => version <= newest));
  if (!meets) {
    return { versions: page.entries, next: page.next };
  }
  return { versions: merge(known.versions, page.entries), next: before === null ? known.next : page.next };
}

/** A document's versions, page by page; the newest are fetched anew when `latest` grows. */
export function useHistory(server: string, id: string, latest: number): History {
  const [pages, setPages] = useState<Pages | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const fetchPage = useCallback(
    (before: number | null) =>
      commands.history(server, id, before).then(
        (page) => {
          setFailure(null);
          setPages((known) => joined(known, page, before));
        },
        (reason: unknown) => setFailure(asCommandError(reason).detail),
      ),
    [server, id],
  );
  useEffect(() => {
    void fetchPage(null);
  }, [fetchPage, latest]);
  const ask = useCallback(
    (before: number | null) => {
      setBusy(true);
      void fetchPage(before).then(() => setBusy(false));
    },
    [fetchPage],
  );
  const next = pages?.next ?? null;
  return {
    versions: pages?.versions ?? null,
    next,
    failure,
    busy: busy || (pages === null && failure === null),
    more: useCallback(() => ask(next), [ask, next]),
    again: useCallback(() => ask(null), [ask]),
    put: useCallback((version) => setPages((known) => known && { ...known, versions: merge(known.versions, [version]) }), []),
  };
}
