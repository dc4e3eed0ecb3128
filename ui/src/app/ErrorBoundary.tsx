import { Component, type ReactNode } from "react";
import { Button } from "../shared/Button";
import { t } from "../text";

/** Catches a view that broke. Edits are the host's, so loading the page again loses nothing (S01). */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: string | null }> {
  override state: { broken: string | null } = { broken: null };

  static getDerivedStateFromError(error: unknown) {
    return { broken: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    if (this.state.broken === null) {
      return this.props.children;
    }
    return (
      <main className="crash" role="alert">
        <h1>{t.crash.title}</h1>
        <p>{t.crash.detail}</p>
        <p className="crash-cause selectable">{this.state.broken}</p>
        <Button kind="primary" icon="refresh" onClick={() => window.location.reload()}>
          {t.crash.reload}
        </Button>
      </main>
    );
  }
}
