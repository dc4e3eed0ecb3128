import { useState } from "react";
import { asCommandError, commands, type CommandError, type Document, type ScopeView, type ServerView } from "../ipc";
import { Button } from "../shared/Button";
import { Dialog } from "../shared/Dialog";
import { Icon, type IconName } from "../shared/Icon";
import { t } from "../text";
import { mayEdit, scopeKey } from "./place";
import { Refusal } from "../shared/Refusal";

interface Target {
  scope: ScopeView;
  name: string;
  icon: IconName;
  inside: boolean;
}

/** Where a canvas of this server may go. */
function targets(server: ServerView): Target[] {
  const list: Target[] = [{ scope: { kind: "personal" }, name: t.sidebar.personal, icon: server.embedded ? "device" : "server", inside: false }];
  for (const workspace of server.workspaces) {
    if (mayEdit(workspace.role)) {
      list.push({ scope: { kind: "workspace", id: workspace.id }, name: workspace.name, icon: "people", inside: false });
      for (const { id, name } of workspace.projects) {
        list.push({ scope: { kind: "project", id, workspace_id: workspace.id }, name, icon: "folder", inside: true });
      }
    }
  }
  return list;
}

function keyOf({ workspace_id: workspace, project_id: project }: Document): string {
  if (project !== null) {
    return `project:${project}`;
  }
  return workspace === null ? "personal" : `workspace:${workspace}`;
}

/** Moves a canvas to another place of the same server. */
export function MoveDialog({ server, document, onClose }: { server: ServerView; document: Document; onClose: () => void }) {
  const here = keyOf(document);
  const [chosen, setChosen] = useState(here);
  const [error, setError] = useState<CommandError | null>(null);
  const list = targets(server);
  const target = list.find(({ scope }) => scopeKey(scope) === chosen);

  const move = async (scope: ScopeView) => {
    try {
      await commands.moveDocument(server.id, document.id, scope);
      onClose();
    } catch (reason) {
      setError(asCommandError(reason));
    }
  };

  return (
    <Dialog {...t.dialogs.move(document.name)} testId="move-dialog" onClose={onClose}>
      <fieldset className="targets">
        <legend className="visually-hidden">{t.dialogs.move(document.name).title}</legend>
        {list.map(({ scope, name, icon, inside }) => (
          <label key={scopeKey(scope)} className="target" data-inside={inside}>
            <input type="radio" name="target" checked={chosen === scopeKey(scope)} onChange={() => setChosen(scopeKey(scope))} />
            <Icon name={icon} />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
      <Refusal error={error} />
      <div className="dialog-actions">
        <Button data-testid="cancel" onClick={onClose}>
          {t.common.cancel}
        </Button>
        <Button kind="primary" data-testid="confirm" disabled={target === undefined || chosen === here} onClick={() => target !== undefined && void move(target.scope)}>
          {t.common.move}
        </Button>
      </div>
    </Dialog>
  );
}
