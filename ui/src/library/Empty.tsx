import type { ReactNode } from "react";
import { Icon, type IconName } from "../shared/Icon";

/** Nothing here: why, and what to do next. */
export function Empty({ icon, title, detail, children }: { icon: IconName; title: string; detail: string; children?: ReactNode }) {
  return (
    <section className="empty" data-testid="empty">
      <span className="empty-icon">
        <Icon name={icon} size={22} />
      </span>
      <h2>{title}</h2>
      <p>{detail}</p>
      {children !== undefined && <div className="empty-actions">{children}</div>}
    </section>
  );
}
