import { Button } from "../shared/Button";
import { t } from "../text";

/** In the place of the pictures: why there are none, and the way on. */
export function CompareFailed({ failure, onRetry }: { failure: string; onRetry: () => void }) {
  return (
    <div className="compare-failed">
      <p>{t.conflict.loadFailed}</p>
      <p className="selectable">{failure}</p>
      <Button icon="refresh" onClick={onRetry}>
        {t.common.tryAgain}
      </Button>
    </div>
  );
}
