import type { DifferenceView } from "../ipc";
import { Button } from "../shared/Button";
import { t } from "../text";
import { contested } from "./differences";
import type { Side } from "./scene";

const { conflict: text } = t;

interface MergeBarProps {
  differences: readonly DifferenceView[];
  /** What is still to be chosen. */
  left: readonly string[];
  busy: boolean;
  mayWrite: boolean;
  onNext: (id: string) => void;
  onAll: (side: Side) => void;
  onCommit: () => void;
}

/** How far the merge is, all at once, and the save that ends it. */
export function MergeBar({ differences, left, busy, mayWrite, onNext, onAll, onCommit }: MergeBarProps) {
  const all = differences.filter(contested).length;
  const [next] = left;
  return (
    <div className="merge-bar">
      <span className="merge-state" role="status">
        {all === 0 ? text.nothingToChoose : text.toChoose(left.length, all)}
      </span>
      {next !== undefined && (
        <Button size="small" kind="quiet" data-testid="pick-next" onClick={() => onNext(next)}>
          {text.nextToChoose}
        </Button>
      )}
      <span className="bar-space" />
      {all > 0 && (
        <>
          <Button size="small" data-testid="pick-all-mine" disabled={busy} onClick={() => onAll("mine")}>
            {text.allMine}
          </Button>
          <Button size="small" data-testid="pick-all-theirs" disabled={busy} onClick={() => onAll("theirs")}>
            {text.allTheirs}
          </Button>
        </>
      )}
      <Button kind="primary" icon="check" data-testid="merge-commit" disabled={busy || !mayWrite || left.length > 0} onClick={onCommit}>
        {busy ? text.working : text.commit}
      </Button>
    </div>
  );
}
