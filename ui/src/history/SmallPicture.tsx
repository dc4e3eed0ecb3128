import "./smallPicture.css";
import { useEffect, useRef, useState } from "react";
import { Mark } from "../shared/Icon";
import { useNear } from "../shared/useNear";
import { t } from "../text";
import { smallPicture, type SmallSubject } from "./smallPictures";

type Shown = { state: "waiting" } | { state: "blank" } | { state: "ready"; url: string };

/** A version or a draft in small, drawn once it comes into view. `subject` has to stay the same while its key does. */
export function SmallPicture({ subject }: { subject: SmallSubject }) {
  const frame = useRef<HTMLSpanElement>(null);
  const near = useNear(frame);
  const [shown, setShown] = useState<Shown>({ state: "waiting" });
  useEffect(() => {
    if (!near) {
      return;
    }
    let url: string | null = null;
    let current = true;
    smallPicture(subject).then(
      (picture) => {
        if (!current) return;
        if (picture !== null) url = URL.createObjectURL(picture);
        setShown(url === null ? { state: "blank" } : { state: "ready", url });
      },
      () => {
        // The words beside it say what it is; the place stays empty.
      },
    );
    return () => {
      current = false;
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [near, subject]);
  return (
    <span ref={frame} className="small-picture thumbnail" data-state={shown.state}>
      {shown.state === "ready" && <img src={shown.url} alt="" draggable={false} />}
      {shown.state === "blank" && <span className="thumbnail-blank">{t.grid.blank}</span>}
      {shown.state === "waiting" && <Mark size={20} />}
    </span>
  );
}
