import { useEffect, type RefObject } from "react";
import type { SharedView } from "./sharedView";

/** How much a step of the wheel zooms. */
const WHEEL = 0.0016;
const LINE = 16;

/** Dragging moves what is shown, the wheel moves it too, and zooms with Ctrl or a pinch. */
export function useGestures(box: RefObject<HTMLElement | null>, view: SharedView): void {
  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return;
    }
    let last: { x: number; y: number } | null = null;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
      if (event.ctrlKey || event.metaKey) {
        const { left, top, width, height } = element.getBoundingClientRect();
        const pointer = { x: event.clientX - left - width / 2, y: event.clientY - top - height / 2 };
        view.zoomBy(Math.exp(-event.deltaY * unit * WHEEL * 4), pointer);
      } else {
        const [dx, dy] = event.shiftKey && event.deltaX === 0 ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
        view.pan(dx * unit, dy * unit);
      }
    };
    const onDown = (event: PointerEvent) => {
      last = { x: event.clientX, y: event.clientY };
      element.setPointerCapture(event.pointerId);
    };
    const onMove = (event: PointerEvent) => {
      if (last === null) {
        return;
      }
      view.pan(last.x - event.clientX, last.y - event.clientY);
      last = { x: event.clientX, y: event.clientY };
    };
    const onUp = () => {
      last = null;
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    element.addEventListener("pointerdown", onDown);
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerup", onUp);
    element.addEventListener("pointercancel", onUp);
    return () => {
      element.removeEventListener("wheel", onWheel);
      element.removeEventListener("pointerdown", onDown);
      element.removeEventListener("pointermove", onMove);
      element.removeEventListener("pointerup", onUp);
      element.removeEventListener("pointercancel", onUp);
    };
  }, [box, view]);
}
