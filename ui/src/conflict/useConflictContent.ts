import { useCallback, useEffect, useState } from "react";
import { asCommandError, canvasCommands, type ConflictContent, type ConflictView } from "../ipc";

interface Fetched {
  contents: ConflictContent | null;
  failure: string | null;
  retry: () => void;
}

/** Reads what a command answered as raw JSON. */
export function readJson(bytes: ArrayBuffer): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** The conflict's drawings, fetched anew with each update; the last ones stay until then. */
export function useConflictContent({ id, revision }: ConflictView): Fetched {
  const [contents, setContents] = useState<ConflictContent | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    canvasCommands.conflictContent().then(
      (bytes) => {
        if (!current) return;
        setContents(readJson(bytes) as ConflictContent);
        setFailure(null);
      },
      (reason: unknown) => {
        if (current) setFailure(asCommandError(reason).detail);
      },
    );
    return () => {
      current = false;
    };
  }, [id, revision, attempt]);
  const retry = useCallback(() => setAttempt((before) => before + 1), []);
  return { contents, failure, retry };
}
