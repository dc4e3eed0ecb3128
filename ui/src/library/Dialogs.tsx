import { MembersDialog } from "../account/MembersDialog";
import { SettingsDialog } from "../account/SettingsDialog";
import { SignInDialog } from "../account/SignInDialog";
import { HistoryPanel } from "../history/HistoryPanel";
import { commands, type AppState, type CommandError, type Document } from "../ipc";
import { t } from "../text";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { ask, goTo, useLibrary } from "./libraryStore";
import { MoveDialog } from "./MoveDialog";
import { NameDialog } from "./NameDialog";
import { mayEdit, type Place } from "./place";

const close = () => ask(null);

/** What creating a canvas does: makes it, and opens it for editing. */
async function createCanvas(place: Place, name: string): Promise<void> {
  if (place.kind === "documents") {
    const document = await commands.createDocument(place.server, place.scope, name);
    await commands.openDocument(place.server, document.id, "edit");
  }
}

/** Only an owner may go ahead over somebody's lock, and only over a lock (D10). */
const forceFor = (role: string) => (error: CommandError) => role === "owner" && error.code === "lock_held";

/** The list follows the document live; the history grows with it. */
function DocumentHistory({ server, document, mayEdit }: { server: string; document: Document; mayEdit: boolean }) {
  const now = useLibrary(({ list }) => (list.state === "ready" ? list.cards.find((card) => card.document.id === document.id)?.document : undefined)) ?? document;
  return <HistoryPanel server={server} documentId={document.id} name={now.name} latest={now.version} mayEdit={mayEdit} onClose={close} />;
}

/** The dialog that is open, if any. */
export function Dialogs({ app, place }: { app: AppState; place: Place }) {
  const dialog = useLibrary((state) => state.dialog);
  if (dialog === null) {
    return null;
  }
  switch (dialog.kind) {
    case "new_canvas":
      return <NameDialog title={t.dialogs.newCanvas} initial={t.grid.untitled} submit={t.common.create} onClose={close} onSubmit={(name) => createCanvas(place, name)} />;
    case "rename_canvas":
      return (
        <NameDialog
          title={t.dialogs.renameCanvas}
          initial={dialog.document.name}
          submit={t.common.rename}
          onClose={close}
          onSubmit={(name) => commands.renameDocument(dialog.server, dialog.document.id, name)}
        />
      );
    case "move_canvas": {
      const server = app.servers.find((each) => each.id === dialog.server);
      return server === undefined ? null : <MoveDialog server={server} document={dialog.document} onClose={close} />;
    }
    case "delete_canvas":
      return (
        <ConfirmDialog
          {...t.dialogs.deleteCanvas(dialog.document.name)}
          submit={t.common.delete}
          canForce={forceFor(dialog.role)}
          onClose={close}
          onConfirm={(force) => commands.deleteDocument(dialog.server, dialog.document.id, force)}
        />
      );
    case "history": {
      const { document, server, role } = dialog;
      return <DocumentHistory key={document.id} server={server} document={document} mayEdit={mayEdit(role)} />;
    }
    case "new_workspace":
      return (
        <NameDialog
          {...t.dialogs.newWorkspace}
          initial=""
          submit={t.common.create}
          onClose={close}
          onSubmit={async (name) => {
            const { id } = await commands.createWorkspace(dialog.server, name);
            goTo({ kind: "documents", server: dialog.server, scope: { kind: "workspace", id } });
          }}
        />
      );
    case "rename_workspace":
      return (
        <NameDialog title={t.dialogs.renameWorkspace} initial={dialog.name} submit={t.common.rename} onClose={close} onSubmit={(name) => commands.renameWorkspace(dialog.server, dialog.id, name)} />
      );
    case "delete_workspace":
      return (
        <ConfirmDialog
          {...t.dialogs.deleteWorkspace(dialog.name)}
          submit={t.common.delete}
          canForce={forceFor(dialog.role)}
          onClose={close}
          onConfirm={(force) => commands.deleteWorkspace(dialog.server, dialog.id, force)}
        />
      );
    case "new_project":
      return (
        <NameDialog
          {...t.dialogs.newProject}
          initial=""
          submit={t.common.create}
          onClose={close}
          onSubmit={async (name) => {
            await commands.createProject(dialog.server, dialog.workspaceId, name);
          }}
        />
      );
    case "rename_project":
      return <NameDialog title={t.dialogs.renameProject} initial={dialog.name} submit={t.common.rename} onClose={close} onSubmit={(name) => commands.renameProject(dialog.server, dialog.id, name)} />;
    case "delete_project":
      return (
        <ConfirmDialog
          {...t.dialogs.deleteProject(dialog.name)}
          submit={t.common.delete}
          canForce={forceFor(dialog.role)}
          onClose={close}
          onConfirm={(force) => commands.deleteProject(dialog.server, dialog.id, force)}
        />
      );
    case "members":
      return <MembersDialog server={dialog.server} id={dialog.id} name={dialog.name} role={dialog.role} userId={app.servers.find((each) => each.id === dialog.server)?.user?.id ?? null} onClose={close} />;
    case "sign_in":
      return (
        <SignInDialog
          url={dialog.url}
          onClose={close}
          onSignedIn={(server) => goTo({ kind: "documents", server: server.id, scope: { kind: "personal" } })}
        />
      );
    case "sign_out":
      return <ConfirmDialog {...t.dialogs.signOut(dialog.label)} submit={t.sidebar.signOut} onClose={close} onConfirm={() => commands.signOut(dialog.server)} />;
    case "forget":
      return <ConfirmDialog {...t.dialogs.forget(dialog.label)} submit={t.sidebar.forget} onClose={close} onConfirm={() => commands.forgetServer(dialog.server)} />;
    case "settings":
      return <SettingsDialog settings={app.settings} version={app.version} onClose={close} />;
  }
}
