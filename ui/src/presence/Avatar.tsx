import "./presence.css";
import type { User } from "../ipc";
import { hueOf, initials } from "./identity";

/** A person as a disc with initials, in the person's own colour. Decoration: names stand beside it or in its title. */
export function Avatar({ user, size = 26 }: { user: User; size?: number }) {
  return (
    <span className="avatar" aria-hidden="true" style={{ "--hue": hueOf(user.id), width: size, height: size, fontSize: size * 0.4 } as React.CSSProperties}>
      {initials(user.name)}
    </span>
  );
}
