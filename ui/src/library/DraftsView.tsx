import { useCallback, useMemo, useState } from "react";
import { CompareDialog, type Compared } from "../conflict/CompareDialog";
import { readJson } from "../conflict/useConflictContent";
import { SmallPicture } from "../history/SmallPicture";
import { commands, type DraftContent, type DraftView } from "../ipc";
import { Button } from "../shared/Button";
import { ConfirmDialog } from "../shared/ConfirmDialog";
import { moment } from "../shared/moment";
import { attempt, say } from "../shared/toasts";
import { t } from "../text";
import { Empty } from "./Empty";

const { drafts: text } = t;

const readDraft = async (id: string) => readJson(await commands.draftContent(id)) as DraftContent;

/** The draft and the latest version side by side. */
function CompareDraft({ draft, onClose }: { draft: DraftView; onClose: () => void }) {
  const { id } = draft;
  const fetchFile = useCallback((fileId: string) => commands.draftFile(id, fileId), [id]);
  const load = useCallback(async (): Promise<Compared> => {
    const { base, mine, theirs } = await readDraft(id);
    const other = theirs === null ? { title: text.base, version: base.version } : { title: text.latest, version: theirs.version };
    return {
      base,
      mine,
      theirs: theirs ?? base,
      note: theirs === null ? text.compareWithBase : undefined,
      words: { mine: { title: text.draft, detail: t.conflict.madeOn(base.version) }, theirs: { title: other.title, detail: t.conflict.version(other.version) } },
    };
  }, [id]);
  return <CompareDialog title={text.compareTitle(draft.name)} detail={text.compareDetail} testId="draft-compare-dialog" load={load} fetchFile={fetchFile} onClose={onClose} />;
}

function DraftRow({ draft, place, onCompare, onDiscard }: { draft: DraftView; place: string; onCompare: () => void; onDiscard: () => void }) {
  const { id, name, changes, base_version: base, at, why } = draft;
  const subject = useMemo(
    () => ({
      key: `draft ${id} ${changes} ${at ?? ""}`,
      fetchContent: async () => new TextEncoder().encode(JSON.stringify((await readDraft(id)).mine)).buffer,
      fetchFile: (fileId: string) => commands.draftFile(id, fileId),
    }),
    [id, changes, at],
  );
  const copy = async () => {
    if (await attempt(() => commands.draftSaveCopy(id))) say(text.copied(name));
  };
  return (
    <li className="draft" data-testid="draft" data-name={name} data-why={why}>
      <SmallPicture subject={subject} />
      <div className="draft-words">
        <h2 className="draft-name" title={name}>
          {name}
        </h2>
        <p className="draft-what">{[text.changes(changes), ...(at === null ? [] : [moment(at)]), text.madeOn(base), place].join(" · ")}</p>
        <p className="draft-why">{text.reasons[why]}.</p>
        <div className="draft-actions">
          {why !== "gone" && (
            <>
              <Button size="small" kind="primary" icon="open" title={text.openHint} data-testid="draft-open" onClick={() => void attempt(() => commands.draftOpen(id))}>
                {text.open}
              </Button>
              <Button size="small" icon="compare" data-testid="draft-compare" onClick={onCompare}>
                {text.compare}
              </Button>
            </>
          )}
          <Button size="small" icon="copy" data-testid="draft-copy" onClick={() => void copy()}>
            {text.copy}
          </Button>
          <Button size="small" kind="quiet" icon="trash" data-testid="draft-discard" onClick={onDiscard}>
            {text.discard}
          </Button>
        </div>
      </div>
    </li>
  );
}

/** The shelf: edits on this device that are in no canvas. Only the user's word removes one (X06). */
export function DraftsView({ drafts, labelOf }: { drafts: DraftView[]; labelOf: (server: string) => string }) {
  const [open, setOpen] = useState<{ kind: "compare" | "discard"; draft: DraftView } | null>(null);
  const close = () => setOpen(null);
  return (
    <div className="drop-area" data-testid="drafts">
      <header className="view-head">
        <div className="view-title">
          <h1>{text.title}</h1>
          <p className="view-intro">{text.intro}</p>
        </div>
      </header>
      <div className="view-scroll">
        {drafts.length === 0 && <Empty icon="drafts" {...t.empty.drafts} />}
        <ul className="drafts">
          {drafts.map((draft) => (
            <DraftRow key={draft.id} draft={draft} place={labelOf(draft.server)} onCompare={() => setOpen({ kind: "compare", draft })} onDiscard={() => setOpen({ kind: "discard", draft })} />
          ))}
        </ul>
      </div>
      {open?.kind === "compare" && <CompareDraft draft={open.draft} onClose={close} />}
      {open?.kind === "discard" && (
        <ConfirmDialog
          title={text.discardTitle(open.draft.name)}
          detail={text.discardDetail(open.draft.changes)}
          submit={text.discardConfirm}
          onClose={close}
          onConfirm={() => commands.draftDiscard(open.draft.id)}
        />
      )}
    </div>
  );
}
