/**
 * Excalidraw as this window uses it: no files, no network, no links of its own; read-only or editable as the lock
 * says. With `drawing.ts`, `thumbnail.ts`, `picture.ts` and `assets.ts` the only place that knows
 * it.
 */
import "./assets";
import { Excalidraw, MainMenu } from "@excalidraw/excalidraw";
import "@excalidraw/excalidraw/index.css";
import type { AppState, BinaryFiles, ExcalidrawImperativeAPI, ExcalidrawInitialDataState, ExcalidrawProps } from "@excalidraw/excalidraw/types";
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { offerLink } from "../app/stayInside";
import { canvasCommands, type CanvasContent } from "../ipc";
import { collaborators } from "../presence/collaborators";
import { pointerAt, selectedAre } from "../presence/presenceOut";
import { say } from "../shared/toasts";
import { t } from "../text";
import { link } from "./canvasLink";
import { useCanvas } from "./canvasStore";
import { originals } from "./content";
import { Drawing, pickDocumentFields, restored } from "./drawing";
import type { Fields } from "./outgoing";

/** What would read or write files past the host is off. */
const uiOptions: ExcalidrawProps["UIOptions"] = {
  canvasActions: { changeViewBackgroundColor: true, clearCanvas: true, export: false, loadScene: false, saveToActiveFile: false, saveAsImage: false, toggleTheme: false },
};

interface AdapterProps {
  content: CanvasContent;
  name: string;
  editable: boolean;
  theme: "light" | "dark";
  /** Painted for the first time. */
  onReady: () => void;
  /** How many elements there are now. */
  onCount: (live: number) => void;
}

function onLinkOpen(element: { link: string | null }, event: Event): void {
  event.preventDefault();
  if (element.link !== null) offerLink(element.link);
}

function onPointerUpdate({ pointer: { x, y } }: { pointer: { x: number; y: number } }): void {
  pointerAt({ x, y });
}

function noPictures(): void {
  say(t.canvas.fileFailed, "trouble");
}

/** Shows others' cursors and selections, past React and once a frame at most. */
function usePeople(drawing: Drawing | null): void {
  useEffect(() => {
    if (drawing === null) {
      return;
    }
    let frame = 0;
    const show = () => {
      frame = 0;
      drawing.showPeople(collaborators(useCanvas.getState().people));
    };
    show();
    const stop = useCanvas.subscribe((now, before) => {
      if (now.people !== before.people && frame === 0) frame = requestAnimationFrame(show);
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [drawing]);
}

/** Makes the lock's word the drawing's: strokes are accepted only while `editable`. */
function useEditable(drawing: Drawing | null, editable: boolean): boolean {
  const [synced, setSynced] = useState(false);
  useEffect(() => {
    if (drawing === null) {
      return;
    }
    if (!editable) {
      drawing.endGesture();
      if (drawing.strayed()) void link.reload();
      return;
    }
    let current = true;
    // Editing starts from the document, never from something that this window alone shows.
    void (drawing.strayed() ? link.reload() : Promise.resolve()).then(() => {
      if (current) setSynced(true);
    });
    return () => {
      current = false;
      setSynced(false);
    };
  }, [drawing, editable]);
  return editable && synced;
}

/** Memoised: others' cursors and the save state change many times a second and are none of its business. */
export const ExcalidrawAdapter = memo(function ExcalidrawAdapter({ content, name, editable, theme, onReady, onCount }: AdapterProps) {
  const [api, setApi] = useState<ExcalidrawImperativeAPI | null>(null);
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const accepted = useEditable(drawing, editable);
  // The same drawing for the callback below, which comes many times between two renders.
  const painted = useRef<Drawing | null>(null);

  const initialData = useMemo<ExcalidrawInitialDataState>(
    () => ({
      elements: restored(originals(content).values()),
      appState: pickDocumentFields(content.app_state as Fields),
      scrollToContent: true,
    }),
    [content],
  );

  const onChange = useCallback(
    (elements: Parameters<NonNullable<ExcalidrawProps["onChange"]>>[0], appState: AppState, files: BinaryFiles) => {
      if (api === null || appState.isLoading) {
        return;
      }
      if (painted.current === null) {
        // The first report after loading is the document as the drawing part took it in.
        painted.current = new Drawing(api, canvasCommands.file, noPictures);
        painted.current.takeOver(content);
        onCount(painted.current.live);
        setDrawing(painted.current);
        requestAnimationFrame(() => requestAnimationFrame(onReady));
        return;
      }
      const dirty = painted.current.dirty(elements, appState, files);
      onCount(painted.current.live);
      if (dirty) link.edits.touch();
      selectedAre(appState.selectedElementIds);
    },
    [api, content, onCount, onReady],
  );

  useEffect(() => {
    if (drawing === null) {
      return;
    }
    link.attach(drawing);
    return () => link.detach();
  }, [drawing]);
  usePeople(drawing);

  return (
    <Excalidraw
      excalidrawAPI={setApi}
      initialData={initialData}
      onChange={onChange}
      onPointerUpdate={onPointerUpdate}
      onLinkOpen={onLinkOpen}
      viewModeEnabled={!accepted}
      theme={theme}
      name={name}
      langCode="en"
      UIOptions={uiOptions}
      validateEmbeddable={false}
      aiEnabled={false}
      autoFocus
      handleKeyboardGlobally
    >
      <MainMenu>
        <MainMenu.DefaultItems.SearchMenu />
        <MainMenu.DefaultItems.Help />
        {accepted && <MainMenu.DefaultItems.ClearCanvas />}
        {accepted && <MainMenu.Separator />}
        {accepted && <MainMenu.DefaultItems.ChangeCanvasBackground />}
      </MainMenu>
    </Excalidraw>
  );
});
