import { useCallback, useEffect, useState } from "react";
import { asCommandError, commands, type VersionView } from "../ipc";

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

interface Pages {
  versions: VersionView[];
  /** Where the oldest page fetched ends. */
  next: number | null;
}

/** A document's versions, page by page; the newest are fetched anew when `latest` grows. */
export function useHistory(server: string, id: string, latest: number): History {
  const [pages, setPages] = useState<Pages | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const fetchPage = useCallback(
    async (before: number | null) => {
      setBusy(true);
      try {
        const page = await commands.history(server, id, before);
        setFailure(null);
        setPages((known) => {
          const overlaps = known !== null && (before !== null || page.entries.some((entry) => entry.version <= (known.versions[0]?.version ?? 0)));
          // Where the new page leaves a gap to what is known, that is forgotten and asked for again.
          if (!overlaps) return { versions: page.entries, next: page.next };
          return { versions: merge(known.versions, page.entries), next: before === null ? known.next : page.next };
        });
      } catch (reason) {
        setFailure(asCommandError(reason).detail);
      } finally {
        setBusy(false);
      }
    },
    [server, id],
  );
  useEffect(() => {
    void fetchPage(null);
  }, [fetchPage, latest]);
  const next = pages?.next ?? null;
  return {
    versions: pages?.versions ?? null,
    next,
    failure,
    busy,
    more: useCallback(() => void fetchPage(next), [fetchPage, next]),
    again: useCallback(() => void fetchPage(null), [fetchPage]),
    put: useCallback((version) => setPages((known) => known && { ...known, versions: merge(known.versions, [version]) }), []),
  };
}
