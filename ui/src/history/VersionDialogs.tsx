import { useCallback, useState, type SyntheticEvent } from "react";
import { CompareDialog, type Compared } from "../conflict/CompareDialog";
import { readJson } from "../conflict/useConflictContent";
import { asCommandError, commands, type CanvasContent, type CommandError, type VersionView } from "../ipc";
import { Button } from "../shared/Button";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { Dialog } from "../shared/Dialog";
import { Field } from "../shared/Field";
import { moment } from "../shared/moment";
import { Refusal } from "../shared/Refusal";
import { say } from "../shared/toasts";
import { t } from "../text";

const { history: text } = t;

/** Of which document. */
export interface Of {
  server: string;
  documentId: string;
}

async function contentOf({ server, documentId }: Of, { version }: VersionView): Promise<CanvasContent> {
  return readJson(await commands.versionContent(server, documentId, version)) as CanvasContent;
}

function useFetchFile({ server, documentId }: Of) {
  return useCallback((fileId: string) => commands.documentFile(server, documentId, fileId), [server, documentId]);
}

const wordsOf = ({ version, name, by, device_name: device, at }: VersionView) => ({
  title: name ?? text.version(version),
  detail: [...(name === null ? [] : [text.version(version)]), t.conflict.by(by.name, device), moment(at)].join(" · "),
});

/** Two versions side by side; the older one is on the left. */
export function CompareVersions({ of, older, newer, onClose }: { of: Of; older: VersionView; newer: VersionView; onClose: () => void }) {
  const fetchFile = useFetchFile(of);
  const load = useCallback(async (): Promise<Compared> => {
    const [mine, theirs] = await Promise.all([contentOf(of, older), contentOf(of, newer)]);
    return { base: mine, mine, theirs, words: { mine: wordsOf(older), theirs: wordsOf(newer) } };
  }, [of, older, newer]);
  return <CompareDialog title={text.compareTitle(older.version, newer.version)} detail={text.compareDetail} testId="version-compare-dialog" load={load} fetchFile={fetchFile} onClose={onClose} />;
}

interface LookProps {
  of: Of;
  version: VersionView;
  mayRestore: boolean;
  onRestore: () => void;
  onCopy: () => void;
  onClose: () => void;
}

/** One version, to look at. */
export function LookAtVersion({ of, version, mayRestore, onRestore, onCopy, onClose }: LookProps) {
  const fetchFile = useFetchFile(of);
  const load = useCallback(async (): Promise<Compared> => {
    const mine = await contentOf(of, version);
    return { base: mine, mine, theirs: null, words: { mine: wordsOf(version), theirs: null } };
  }, [of, version]);
  const { name, by, device_name: device, at } = version;
  return (
    <CompareDialog
      title={name === null ? text.version(version.version) : text.named(version.version, name)}
      detail={text.viewDetail(by.name, device, moment(at))}
      testId="version-dialog"
      load={load}
      fetchFile={fetchFile}
      onClose={onClose}
      actions={
        <div className="full-dialog-actions">
          <Button icon="copy" onClick={onCopy}>
            {text.copy}
          </Button>
          {mayRestore && (
            <Button kind="primary" icon="restore" onClick={onRestore}>
              {text.restore}
            </Button>
          )}
        </div>
      }
    />
  );
}

/** Says that restoring makes a new version, then does it (D07). */
export function RestoreVersion({ of, version, onClose }: { of: Of; version: VersionView; onClose: () => void }) {
  const restore = async () => {
    await commands.restoreVersion(of.server, of.documentId, version.version);
    say(text.wasRestored(version.version));
  };
  return <ConfirmDialog title={text.restoreTitle(version.version)} detail={text.restoreDetail} submit={text.restoreConfirm} kind="primary" onClose={onClose} onConfirm={restore} />;
}

/** Gives a version a name, or takes it away. */
export function NameVersion({ of, version, onNamed, onClose }: { of: Of; version: VersionView; onNamed: (version: VersionView) => void; onClose: () => void }) {
  const [name, setName] = useState(version.name ?? "");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CommandError | null>(null);
  const tooLong = Array.from(name.trim()).length > 200;
  const send = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (busy || tooLong) {
      return;
    }
    setBusy(true);
    const named = name.trim() === "" ? null : name.trim();
    try {
      await commands.nameVersion(of.server, of.documentId, version.version, named);
      onNamed({ ...version, name: named });
      onClose();
    } catch (reason) {
      setError(asCommandError(reason));
      setBusy(false);
    }
  };
  return (
    <Dialog title={text.nameTitle(version.version)} detail={text.nameDetail} testId="name-dialog" onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        <Field label={t.common.name} hint={text.nameHint} data-testid="name-input" value={name} autoFocus error={tooLong ? t.dialogs.nameTooLong : undefined} onChange={(event) => setName(event.target.value)} />
        <Refusal error={error} />
        <div className="dialog-actions">
          <Button data-testid="cancel" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button kind="primary" type="submit" data-testid="confirm" disabled={busy || tooLong}>
            {t.common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
