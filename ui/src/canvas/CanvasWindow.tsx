import "./canvas.css";
import { useCallback, useEffect, useRef, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { ConflictDialog } from "../conflict/ConflictDialog";
import { HistoryPanel } from "../history/HistoryPanel";
import { LockBars } from "../lock/LockBars";
import { inputSeen, pointerAt } from "../presence/presenceOut";
import { Button } from "../shared/Button";
import { t } from "../text";
import { CanvasBar } from "./CanvasBar";
import { link } from "./canvasLink";
import { useCanvas } from "./canvasStore";
import { ExcalidrawAdapter } from "./ExcalidrawAdapter";
import { guardInput } from "./guardInput";

let started = false;

function useLink(): void {
  useEffect(() => {
    if (!started) {
      started = true;
      void link.start();
    }
    const handOver = () => link.edits.handOver();
    const left = () => pointerAt(null);
    window.addEventListener("pagehide", handOver);
    document.addEventListener("pointerleave", left);
    for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) {
      window.addEventListener(kind, inputSeen, { capture: true, passive: true });
    }
    const unguard = guardInput();
    return () => {
      window.removeEventListener("pagehide", handOver);
      document.removeEventListener("pointerleave", left);
      for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) {
        window.removeEventListener(kind, inputSeen, { capture: true });
      }
      unguard();
    };
  }, []);
}

function NotOpened({ failure }: { failure: string }) {
  return (
    <main className="crash" role="alert">
      <h1>{t.canvas.loadFailed}</h1>
      <p className="selectable">{failure}</p>
      <Button kind="primary" icon="refresh" onClick={() => void link.start()}>
        {t.common.tryAgain}
      </Button>
    </main>
  );
}

/** The window of one canvas: a thin bar, what the lock says, and the drawing. */
export function CanvasWindow({ theme }: { theme: "light" | "dark" }) {
  const { state, content, failure, version } = useCanvas(useShallow(({ state, content, failure, version }) => ({ state, content, failure, version })));
  const [ready, setReady] = useState(false);
  const [history, setHistory] = useState(false);
  const stage = useRef<HTMLDivElement>(null);
  useLink();

  const onReady = useCallback(() => setReady(true), []);
  // Past React, because it comes with each change of the view.
  const onCount = useCallback((live: number) => {
    const count = String(live);
    if (stage.current !== null && stage.current.dataset["elements"] !== count) stage.current.dataset["elements"] = count;
  }, []);

  if (failure !== null && content === null) {
    return <NotOpened failure={failure} />;
  }
  const editable = state?.editable === true && ready;
  return (
    <div className="canvas-window">
      {state === null ? <header className="canvas-bar" data-testid="canvas-bar" /> : <CanvasBar state={state} onHistory={() => setHistory((open) => !open)} />}
      <main ref={stage} className="stage" data-testid="canvas" data-editable={editable} data-ready={ready} data-version={version} aria-label={state?.name} aria-busy={!ready}>
        {content !== null && state !== null && (
          <ExcalidrawAdapter content={content} name={state.name} editable={state.editable} theme={theme} onReady={onReady} onCount={onCount} />
        )}
        {!ready && (
          <div className="stage-loading" role="status">
            {t.canvas.loading}
          </div>
        )}
        {state !== null && <LockBars state={state} />}
      </main>
      {state !== null && history && (
        <HistoryPanel
          server={state.server}
          documentId={state.document_id}
          name={state.name}
          latest={version}
          mayEdit={state.role === "owner" || state.role === "editor"}
          onClose={() => setHistory(false)}
        />
      )}
      {state?.conflict != null && <ConflictDialog key={state.conflict.id} state={state} conflict={state.conflict} />}
    </div>
  );
}
