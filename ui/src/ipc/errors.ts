import type { CommandError } from "./generated";

/** What a rejected command says. Anything that is not one of the host's own errors becomes `internal`. */
export function asCommandError(reason: unknown): CommandError {
  if (isCommandError(reason)) {
    return reason;
  }
  const detail = reason instanceof Error ? reason.message : String(reason);
  return { code: "internal", detail, holder: null, retry_after_secs: null };
}

function isCommandError(reason: unknown): reason is CommandError {
  return typeof reason === "object" && reason !== null && "code" in reason && "detail" in reason;
}
