import { useEffect, useRef, useState } from "react";
import type { Document } from "../ipc";
import { Mark } from "../shared/Icon";
import { useNear } from "../shared/useNear";
import { t } from "../text";
import { wantThumbnail } from "./thumbnails";

type Picture = { state: "waiting" } | { state: "blank" } | { state: "ready"; url: string };

/** A canvas in small. Asked for only once the card comes into view; keeps the last one while a newer is drawn. */
export function Thumbnail({ server, document }: { server: string; document: Document }) {
  const frame = useRef<HTMLSpanElement>(null);
  const near = useNear(frame);
  const [picture, setPicture] = useState<Picture>({ state: "waiting" });

  const { id, version } = document;
  useEffect(() => {
    if (!near || version === 0) {
      return;
    }
    return wantThumbnail({ server, id, version }, (png) => {
      setPicture(png === null ? { state: "blank" } : { state: "ready", url: URL.createObjectURL(png) });
    });
  }, [near, server, id, version]);

  const url = picture.state === "ready" ? picture.url : null;
  useEffect(() => (url === null ? undefined : () => URL.revokeObjectURL(url)), [url]);

  const blank = version === 0 || picture.state === "blank";
  return (
    <span ref={frame} className="thumbnail" data-testid="card-thumbnail" data-state={blank ? "blank" : picture.state}>
      {url !== null && <img src={url} alt="" draggable={false} />}
      {blank && url === null && <span className="thumbnail-blank">{t.grid.blank}</span>}
      {!blank && url === null && <Mark size={30} />}
    </span>
  );
}
