import { commands, type ConnectionView } from "../ipc";
import { attempt } from "../shared/toasts";
import { t } from "../text";
import { useCanvas } from "./canvasStore";
import { useCountdown } from "../shared/useCountdown";

/** The link to the server: a dot while all is well, words as soon as it is not. A click tries at once. */
export function Connection({ connection, label, server }: { connection: ConnectionView; label: string; server: string }) {
  const { state } = connection;
  const left = useCountdown(connection.state === "offline" ? connection.retry_in_ms : null, useCanvas((store) => store.told));
  const detail = "detail" in connection ? connection.detail : "";
  const next = left === null ? "" : t.canvas.connection.retryIn(Math.ceil(left / 1000));
  return (
    <button
      type="button"
      className="connection"
      data-testid="connection"
      data-state={state}
      aria-label={`${t.canvas.connection.to(label)}: ${t.connection[state]}`}
      title={[label, t.connection[state], detail, next].filter((part) => part !== "").join("\n")}
      onClick={() => {
        if (state === "offline") void attempt(() => commands.retryConnection(server));
      }}
    >
      <span className="connection-dot" aria-hidden="true" />
      {state !== "online" && t.connection[state]}
    </button>
  );
}
