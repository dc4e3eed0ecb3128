import { useEffect, useState, type ReactNode } from "react";
import { onFilesDragged, type ScopeView } from "../ipc";
import { Icon } from "../shared/Icon";
import { say } from "../shared/toasts";
import { t } from "../text";
import { importInto } from "./jobs";

interface DropTargetProps {
  server: string;
  scope: ScopeView;
  name: string;
  allowed: boolean;
  children: ReactNode;
}

/** Takes files dropped anywhere on the view, and shows while they are dragged that it would. */
export function DropTarget({ server, scope, name, allowed, children }: DropTargetProps) {
  const [over, setOver] = useState(false);
  useEffect(
    () =>
      onFilesDragged((drag) => {
        setOver(drag.state === "over");
        if (drag.state !== "dropped" || drag.paths.length === 0) {
          return;
        }
        if (allowed) {
          importInto(server, scope, drag.paths);
        } else {
          say(t.grid.readOnlyPlace, "trouble");
        }
      }),
    [server, scope, allowed],
  );
  return (
    <div className="drop-area">
      {children}
      {over && allowed && (
        <div className="drop-target" data-testid="drop-target">
          <Icon name="import" size={28} />
          <strong>{t.grid.drop(name)}</strong>
          <span>{t.grid.dropHint}</span>
        </div>
      )}
    </div>
  );
}
