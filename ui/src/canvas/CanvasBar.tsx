import { useState } from "react";
import { canvasCommands, commands, type CanvasState } from "../ipc";
import { LockChip } from "../lock/LockChip";
import { People } from "../presence/People";
import { Button, IconButton } from "../shared/Button";
import { nameProblem } from "../shared/names";
import { attempt } from "../shared/toasts";
import { t } from "../text";
import { useCanvas } from "./canvasStore";
import { Connection } from "./Connection";
import { exportCanvas } from "./exportCanvas";
import { SaveState } from "./SaveState";

/** The name; a click makes it a field. Enter and leaving the field rename, Escape does not. */
function Name({ state }: { state: CanvasState }) {
  const [draft, setDraft] = useState<string | null>(null);
  const mayRename = state.role === "owner" || state.role === "editor";
  const finish = () => {
    if (draft !== null && nameProblem(draft) === null && draft.trim() !== state.name) {
      void attempt(() => commands.renameDocument(state.server, state.document_id, draft.trim()));
    }
    setDraft(null);
  };
  if (draft !== null) {
    return (
      <input
        className="canvas-name-input"
        data-testid="canvas-name"
        aria-label={t.canvas.rename}
        autoFocus
        value={draft}
        aria-invalid={nameProblem(draft) !== null}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Enter") finish();
          if (event.key === "Escape") setDraft(null);
        }}
      />
    );
  }
  return (
    <button
      type="button"
      className="canvas-name"
      data-testid="canvas-name"
      title={mayRename ? t.canvas.rename : state.name}
      aria-disabled={!mayRename}
      onClick={() => {
        if (mayRename) setDraft(state.name);
      }}
    >
      {state.name}
    </button>
  );
}

/** The thin bar above the drawing. */
export function CanvasBar({ state, onHistory }: { state: CanvasState; onHistory: () => void }) {
  const people = useCanvas((store) => store.people);
  return (
    <header className="canvas-bar" data-testid="canvas-bar">
      <IconButton icon="arrowLeft" label={t.canvas.library} data-testid="open-library" onClick={() => void attempt(canvasCommands.showLibrary)} />
      <div className="canvas-title">
        <Name state={state} />
        <span className="canvas-place">{t.canvas.place(state.server_label, state.workspace)}</span>
      </div>
      <SaveState save={state.save} server={state.server} />
      <span className="bar-space" />
      <LockChip state={state} />
      <People people={people} />
      <Connection connection={state.connection} label={state.server_label} server={state.server} />
      <Button kind="quiet" size="small" icon="clock" data-testid="history-open" onClick={onHistory}>
        {t.history.open}
      </Button>
      <Button kind="quiet" size="small" icon="export" data-testid="export" onClick={exportCanvas}>
        {t.canvas.export}
      </Button>
    </header>
  );
}
