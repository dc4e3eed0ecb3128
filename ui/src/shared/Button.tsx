import type { ComponentProps } from "react";
import { Icon, type IconName } from "./Icon";

interface ButtonProps extends ComponentProps<"button"> {
  kind?: "plain" | "primary" | "danger" | "quiet";
  size?: "normal" | "small";
  icon?: IconName;
}

/** A button with words, and an icon where it helps. */
export function Button({ kind = "plain", size = "normal", icon, children, type = "button", className = "", ...rest }: ButtonProps) {
  return (
    <button type={type} className={`button ${className}`} data-kind={kind} data-size={size} {...rest}>
      {icon !== undefined && <Icon name={icon} size={size === "small" ? 14 : 16} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  icon: IconName;
  label: string;
}

/** A button that is an icon; its name is spoken and shown as a tooltip. */
export function IconButton({ icon, label, type = "button", className = "", ...rest }: IconButtonProps) {
  return (
    <button type={type} className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
