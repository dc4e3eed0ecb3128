import "./conflict.css";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { asCommandError, type CanvasContent } from "../ipc";
import { FullDialog } from "../shared/FullDialog";
import { t } from "../text";
import { CompareFailed } from "./CompareFailed";
import { CompareView, type PaneView } from "./CompareView";
import { differencesOf } from "./differences";
import { DifferenceList } from "./DifferenceList";
import type { Scene, Side } from "./scene";
import { useComparison, useScenes, type Contents } from "./useComparison";

const { conflict: text } = t;

interface PaneWords {
  title: string;
  detail: string;
}

/** What is compared: two states of one drawing (`base` is `mine`), or two drawings made on one base. */
export interface Compared {
  base: CanvasContent;
  mine: CanvasContent;
  /** Null where there is one drawing to look at. */
  theirs: CanvasContent | null;
  words: { mine: PaneWords; theirs: PaneWords | null };
  /** What is to be known before the pictures are looked at. */
  note?: string | undefined;
}

interface CompareDialogProps {
  title: string;
  detail: string;
  testId: string;
  actions?: ReactNode;
  load: () => Promise<Compared>;
  fetchFile: (id: string) => Promise<ArrayBuffer>;
  onClose: () => void;
}

/** Fetches once; `load` has to stay the same. */
function useCompared(load: () => Promise<Compared>) {
  const [compared, setCompared] = useState<Compared | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    load().then(
      (loaded) => {
        if (!current) return;
        setCompared(loaded);
        setFailure(null);
      },
      (reason: unknown) => {
        if (current) setFailure(asCommandError(reason).detail);
      },
    );
    return () => {
      current = false;
    };
  }, [load, attempt]);
  return { compared, failure, retry: () => setAttempt((before) => before + 1) };
}

const paneOf = (side: Side, compared: Compared | null, scene: Scene | undefined): PaneView => ({
  testId: `compare-${side}`,
  title: compared?.words[side]?.title ?? "",
  detail: compared?.words[side]?.detail ?? "",
  scene: scene ?? null,
  content: compared?.[side] ?? null,
});

/** Two drawings side by side, to look at: versions of a canvas, or a draft and the latest. */
export function CompareDialog({ title, detail, testId, actions, load, fetchFile, onClose }: CompareDialogProps) {
  const { compared, failure, retry } = useCompared(load);
  const [current, setCurrent] = useState<string | null>(null);
  const contents = useMemo((): Contents | null => compared && { base: compared.base, mine: compared.mine, theirs: compared.theirs ?? compared.mine }, [compared]);
  const alone = compared !== null && compared.theirs === null;
  const scenes = useScenes(contents);
  const differences = useMemo(() => (scenes === null ? [] : differencesOf(scenes)), [scenes]);
  const twoStates = compared !== null && compared.base === compared.mine;
  const comparison = useComparison(scenes, differences, current, twoStates);
  return (
    <FullDialog title={title} detail={compared?.note ?? detail} testId={testId} actions={actions} onClose={onClose}>
      <div className="conflict-body" data-alone={alone}>
        {failure !== null ? (
          <CompareFailed failure={failure} onRetry={retry} />
        ) : (
          <CompareView
            comparison={comparison}
            panes={{
              mine: paneOf("mine", compared, scenes?.mine),
              theirs: alone ? null : paneOf("theirs", compared, scenes?.theirs),
            }}
            result={null}
            fetchFile={fetchFile}
          />
        )}
        {!alone && (
          <DifferenceList
            differences={differences}
            scenes={scenes}
            words={({ mine, theirs }) => (twoStates ? text.kinds[theirs] : text.sidesDid(mine, theirs))}
            picks={null}
            current={current}
            onCurrent={setCurrent}
          />
        )}
      </div>
    </FullDialog>
  );
}
