import type { ReactNode } from "react";
import { Icon, type IconName } from "../shared/Icon";

interface BarProps {
  testId: string;
  tone: "calm" | "held" | "warning" | "trouble";
  icon: IconName;
  /** A whole sentence, or one that the detail ends. */
  title: string;
  detail: ReactNode;
  /** Out of the way of the drawing tools, where the canvas is still edited. */
  low?: boolean;
  children?: ReactNode;
}

/** A message about the lock. It lies over the canvas, so that the drawing does not move when it comes or goes. */
export function Bar({ testId, tone, icon, title, detail, low = false, children }: BarProps) {
  return (
    <section className="lock-bar" data-testid={testId} data-tone={tone} data-low={low} role={tone === "trouble" ? "alert" : "status"}>
      <span className="lock-bar-icon">
        <Icon name={icon} />
      </span>
      <div className="lock-bar-words">
        <strong>{title}</strong> <span className="lock-bar-detail">{detail}</span>
      </div>
      {children !== undefined && <div className="lock-bar-actions">{children}</div>}
    </section>
  );
}
