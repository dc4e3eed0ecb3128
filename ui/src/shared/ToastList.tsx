import { useEffect } from "react";
import { t } from "../text";
import { Button, IconButton } from "./Button";
import { Icon } from "./Icon";
import { dismissToast, useToasts, type Toast } from "./toasts";

const SHOWN_MS = 6000;

function ToastItem({ toast }: { toast: Toast }) {
  useEffect(() => {
    if (toast.kind === "trouble" || toast.stays !== undefined) {
      return;
    }
    const timer = setTimeout(() => dismissToast(toast.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <li className="toast" data-kind={toast.kind} data-testid={toast.stays ?? "toast"} role={toast.kind === "trouble" ? "alert" : "status"}>
      <Icon name={toast.kind === "trouble" ? "warning" : "check"} />
      <span className="toast-text selectable">{toast.text}</span>
      {toast.action !== undefined && (
        <Button
          kind="quiet"
          size="small"
          onClick={() => {
            toast.action?.run();
            dismissToast(toast.id);
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <IconButton icon="close" label={t.common.dismiss} onClick={() => dismissToast(toast.id)} />
    </li>
  );
}

/** All messages, newest below. */
export function ToastList() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <ul className="toasts" aria-label={t.toast.label}>
      {toasts.map((toast) => (
        <ToastItem key={toast.id} toast={toast} />
      ))}
    </ul>
  );
}
