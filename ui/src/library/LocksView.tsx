import { useCallback, useEffect, useState } from "react";
import { asCommandError, commands, type AppState, type OwnLockView } from "../ipc";
import { Button } from "../shared/Button";
import { Icon } from "../shared/Icon";
import { moment } from "../shared/moment";
import { attempt, say } from "../shared/toasts";
import { t } from "../text";
import { Empty } from "./Empty";

function LockRow({ lock, onChanged }: { lock: OwnLockView; onChanged: () => void }) {
  const { server, resource, window } = lock;
  const whole = resource.kind === "workspace";
  const release = async () => {
    if (await attempt(() => commands.releaseOwnLock(server, resource))) {
      say(t.toast.released(lock.name));
      onChanged();
    }
  };
  return (
    <li className="row" data-testid="own-lock" data-name={lock.name}>
      <Icon name={whole ? "people" : "lock"} />
      <span className="row-words">
        <span className="row-name">{lock.name}</span>
        <span className="row-detail">
          {whole && `${t.locks.workspaceLock} · `}
          {t.locks.where(lock.device_name, moment(lock.since))}
        </span>
      </span>
      {window !== null && (
        <Button size="small" onClick={() => void attempt(() => commands.focusWindow(window))}>
          {t.locks.show}
        </Button>
      )}
      <Button size="small" kind="quiet" onClick={() => void release()}>
        {t.locks.release}
      </Button>
    </li>
  );
}

/** The user's locks, on this device and others. Asked for anew with each change of the app and on coming back. */
export function LocksView({ app }: { app: AppState }) {
  const [locks, setLocks] = useState<OwnLockView[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const fetchLocks = useCallback(() => {
    commands.ownLocks().then(
      (fetched) => {
        setLocks(fetched);
        setFailure(null);
      },
      (reason: unknown) => setFailure(asCommandError(reason).detail),
    );
  }, []);
  useEffect(() => {
    fetchLocks();
    window.addEventListener("focus", fetchLocks);
    return () => window.removeEventListener("focus", fetchLocks);
  }, [app, fetchLocks]);
  return (
    <div className="drop-area" data-testid="locks">
      <header className="view-head">
        <div className="view-title">
          <h1>{t.locks.title}</h1>
          <p className="view-intro">{t.locks.intro}</p>
        </div>
      </header>
      <div className="view-scroll">
        {failure !== null && (
          <Empty icon="warning" title={t.empty.failed.title} detail={failure}>
            <Button icon="refresh" onClick={fetchLocks}>
              {t.common.tryAgain}
            </Button>
          </Empty>
        )}
        {failure === null && locks?.length === 0 && <Empty icon="lock" {...t.empty.locks} />}
        <ul className="rows">
          {locks?.map((lock) => <LockRow key={`${lock.server} ${lock.resource.kind} ${lock.resource.id} ${lock.since}`} lock={lock} onChanged={fetchLocks} />)}
        </ul>
      </div>
    </div>
  );
}
