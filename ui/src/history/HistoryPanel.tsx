import "./history.css";
import { Dialog as Radix } from "radix-ui";
import { useMemo, useState, type KeyboardEvent } from "react";
import { commands, type VersionView } from "../ipc";
import { Button, IconButton } from "../shared/Button";
import { moment } from "../shared/moment";
import { attempt, say } from "../shared/toasts";
import { t } from "../text";
import { inShort, sittings, type Sitting } from "./sittings";
import { useHistory } from "./useHistory";
import { CompareVersions, LookAtVersion, NameVersion, RestoreVersion, type Of } from "./VersionDialogs";
import { VersionRow, type VersionActions } from "./VersionRow";

const { history: text } = t;

interface HistoryPanelProps {
  server: string;
  documentId: string;
  name: string;
  /** The document's version: when it grows, so does the history. */
  latest: number;
  mayEdit: boolean;
  onClose: () => void;
}

type Open = { kind: "view" | "restore" | "name"; version: VersionView } | { kind: "compare"; older: VersionView; newer: VersionView };

interface ListProps {
  of: Of;
  newest: number;
  mayEdit: boolean;
  comparing: number | null;
  actions: VersionActions;
}

/** One sitting: who, where, from when to when, and its versions. */
function SittingSection({ sitting, of, newest, mayEdit, comparing, actions }: ListProps & { sitting: Sitting }) {
  const [all, setAll] = useState(false);
  const { versions, changes } = sitting;
  const [last, first] = [versions[0], versions.at(-1)];
  if (last === undefined || first === undefined) {
    return null;
  }
  const shown = all ? versions : inShort(sitting);
  const [from, to] = [moment(first.at), moment(last.at)];
  return (
    <section className="sitting" data-testid="sitting">
      <header className="sitting-head">
        <h3>{last.by.name}</h3>
        <p>{[last.device_name, from === to ? from : `${from} – ${to}`].join(" · ")}</p>
        <p>{text.sitting(versions.length, changes)}</p>
      </header>
      <ol className="versions">
        {shown.map((version) => (
          <VersionRow key={version.version} server={of.server} documentId={of.documentId} version={version} newest={version.version === newest} mayEdit={mayEdit} comparing={comparing} actions={actions} />
        ))}
      </ol>
      {shown.length < versions.length && (
        <Button kind="quiet" size="small" data-testid="sitting-more" onClick={() => setAll(true)}>
          {text.more(versions.length - shown.length)}
        </Button>
      )}
    </section>
  );
}

interface OpenedProps {
  open: Open | null;
  of: Of;
  newest: number;
  mayEdit: boolean;
  onOpen: (open: Open | null) => void;
  onNamed: (version: VersionView) => void;
  onCopy: (version: VersionView) => void;
}

function Opened({ open, of, newest, mayEdit, onOpen, onNamed, onCopy }: OpenedProps) {
  const close = () => onOpen(null);
  switch (open?.kind) {
    case undefined:
      return null;
    case "view":
      return (
        <LookAtVersion
          of={of}
          version={open.version}
          mayRestore={mayEdit && open.version.version !== newest}
          onRestore={() => onOpen({ kind: "restore", version: open.version })}
          onCopy={() => onCopy(open.version)}
          onClose={close}
        />
      );
    case "compare":
      return <CompareVersions of={of} older={open.older} newer={open.newer} onClose={close} />;
    case "restore":
      return <RestoreVersion of={of} version={open.version} onClose={close} />;
    case "name":
      return <NameVersion of={of} version={open.version} onNamed={onNamed} onClose={close} />;
  }
}

// The canvas beside it listens to keys everywhere; those pressed in here are not meant for it.
const keep = (event: KeyboardEvent) => event.stopPropagation();

/** A canvas's versions, by sitting: to look at, compare, restore, copy and name (D07). */
export function HistoryPanel({ server, documentId, name, latest, mayEdit, onClose }: HistoryPanelProps) {
  const { versions, next, failure, busy, more, again, put } = useHistory(server, documentId, latest);
  const [open, setOpen] = useState<Open | null>(null);
  const [first, setFirst] = useState<VersionView | null>(null);
  const of = useMemo(() => ({ server, documentId }), [server, documentId]);
  const groups = useMemo(() => sittings(versions ?? []), [versions]);
  const newest = versions?.[0]?.version ?? latest;

  const copy = async ({ version }: VersionView) => {
    if (await attempt(() => commands.copyVersion(server, documentId, version))) say(text.copied(version));
  };
  const compare = (version: VersionView) => {
    if (first === null || first.version === version.version) {
      setFirst(first === null ? version : null);
      return;
    }
    const [older, newer] = first.version < version.version ? [first, version] : [version, first];
    setFirst(null);
    setOpen({ kind: "compare", older, newer });
  };
  const actions: VersionActions = {
    view: (version) => setOpen({ kind: "view", version }),
    compare,
    restore: (version) => setOpen({ kind: "restore", version }),
    copy: (version) => void copy(version),
    name: (version) => setOpen({ kind: "name", version }),
  };
  return (
    <Radix.Root
      open
      modal={false}
      onOpenChange={(stays) => {
        if (!stays) onClose();
      }}
    >
      <Radix.Portal>
        <Radix.Content className="history" data-testid="history-panel" aria-describedby={undefined} onKeyDown={keep} onKeyUp={keep} onInteractOutside={(event) => event.preventDefault()}>
          <header className="history-head">
            <div>
              <Radix.Title className="history-title">{text.title}</Radix.Title>
              <p className="history-name">{name}</p>
            </div>
            <Radix.Close asChild>
              <IconButton icon="close" label={t.common.close} />
            </Radix.Close>
          </header>
          <div role="status">
            {first !== null && (
              <p className="history-hint">
                <span>{text.compareHint(first.version)}</span>
                <Button size="small" kind="quiet" onClick={() => setFirst(null)}>
                  {t.common.cancel}
                </Button>
              </p>
            )}
          </div>
          <div className="history-scroll" aria-busy={busy}>
            {versions === null && failure === null && <p className="history-note">{text.loading}</p>}
            {failure !== null && (
              <div className="history-note" role="alert">
                <p className="selectable">{failure}</p>
                <Button size="small" icon="refresh" onClick={again}>
                  {t.common.tryAgain}
                </Button>
              </div>
            )}
            {versions?.length === 0 && <p className="history-note">{text.empty}</p>}
            {groups.map((sitting) => (
              <SittingSection key={sitting.key} sitting={sitting} of={of} newest={newest} mayEdit={mayEdit} comparing={first?.version ?? null} actions={actions} />
            ))}
            {next !== null && (
              <Button className="history-older" data-testid="history-older" disabled={busy} onClick={more}>
                {text.older}
              </Button>
            )}
            {next === null && groups.length > 0 && <p className="history-note">{text.beginning}</p>}
          </div>
          <Opened open={open} of={of} newest={newest} mayEdit={mayEdit} onOpen={setOpen} onNamed={put} onCopy={(version) => void copy(version)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
