import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

interface WindowedRows {
  list: RefObject<HTMLDivElement | null>;
  /** The first row in the page, and the one after the last. */
  first: number;
  end: number;
  /** Scrolls until a row is in sight. */
  reveal: (row: number) => void;
}

/** Rows above and below those in sight, so that scrolling and the next key find them there. */
const SPARE = 6;

/** Of many rows of one height only those in sight are in the page, and a few around them. */
export function useWindowedRows(count: number, height: number): WindowedRows {
  const list = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ top: 0, height: 600 });
  useEffect(() => {
    const element = list.current;
    if (element === null) {
      return;
    }
    const look = () => setSight({ top: element.scrollTop, height: element.clientHeight > 0 ? element.clientHeight : 600 });
    look();
    element.addEventListener("scroll", look, { passive: true });
    const resized = new ResizeObserver(look);
    resized.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      resized.disconnect();
    };
  }, []);
  const reveal = useCallback(
    (row: number) => {
      const element = list.current;
      if (element === null) {
        return;
      }
      const [top, bottom] = [row * height, (row + 1) * height];
      if (top < element.scrollTop) element.scrollTop = top;
      else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
    },
    [height],
  );
  const first = Math.max(0, Math.floor(sight.top / height) - SPARE);
  const end = Math.min(count, Math.ceil((sight.top + sight.height) / height) + SPARE);
  return { list, first, end, reveal };
}
