import { useMemo } from "react";
import { commands, type VersionView } from "../ipc";
import { IconButton } from "../shared/Button";
import { Icon } from "../shared/Icon";
import { moment } from "../shared/moment";
import { t } from "../text";
import { SmallPicture } from "./SmallPicture";

const { history: text } = t;

/** What one can do with a version. */
export interface VersionActions {
  view: (version: VersionView) => void;
  compare: (version: VersionView) => void;
  restore: (version: VersionView) => void;
  copy: (version: VersionView) => void;
  name: (version: VersionView) => void;
}

interface VersionRowProps {
  server: string;
  documentId: string;
  version: VersionView;
  newest: boolean;
  mayEdit: boolean;
  /** The version that another is chosen to be compared with. */
  comparing: number | null;
  actions: VersionActions;
}

/** The picture's key and how it is fetched; old versions never change. */
export function useSubject(server: string, documentId: string, version: number) {
  return useMemo(
    () => ({
      key: `${server} ${documentId} ${version}`,
      fetchContent: () => commands.versionContent(server, documentId, version),
      fetchFile: (fileId: string) => commands.documentFile(server, documentId, fileId),
    }),
    [server, documentId, version],
  );
}

/** One version, with its picture. */
export function VersionRow({ server, documentId, version: entry, newest, mayEdit, comparing, actions }: VersionRowProps) {
  const { version, at, changes, name, restored_version: restored } = entry;
  const subject = useSubject(server, documentId, version);
  const label = name === null ? text.version(version) : text.named(version, name);
  const detail = [moment(at), text.changes(changes), restored === null ? "" : text.restored(restored)].filter((part) => part !== "").join(" · ");
  return (
    <li className="version" data-testid="version" data-version={version} data-comparing={comparing === version}>
      <button type="button" className="version-open" aria-label={`${label}, ${text.view}`} onClick={() => actions.view(entry)}>
        <SmallPicture subject={subject} />
      </button>
      <div className="version-words">
        <p className="version-title">
          {name !== null && <Icon name="tag" size={13} />}
          <span className="version-label">{name ?? text.version(version)}</span>
          {newest && <span className="version-newest">{text.newest}</span>}
        </p>
        <p className="version-detail">{name === null ? detail : `${text.version(version)} · ${detail}`}</p>
        <div className="version-actions" role="group" aria-label={text.actionsOf(label)}>
          <IconButton icon="eye" label={text.view} data-testid="version-view" onClick={() => actions.view(entry)} />
          <IconButton icon="compare" label={text.compareFirst(label)} aria-pressed={comparing === version} data-testid="version-compare" onClick={() => actions.compare(entry)} />
          {mayEdit && !newest && <IconButton icon="restore" label={text.restore} data-testid="version-restore" onClick={() => actions.restore(entry)} />}
          <IconButton icon="copy" label={text.copy} data-testid="version-copy" onClick={() => actions.copy(entry)} />
          {mayEdit && <IconButton icon="tag" label={text.name} data-testid="version-name" onClick={() => actions.name(entry)} />}
        </div>
      </div>
    </li>
  );
}
