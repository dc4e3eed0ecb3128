import { commands, type Progress, type ProgressStep } from "../ipc";
import { IconButton } from "../shared/Button";
import { Icon } from "../shared/Icon";
import { attempt } from "../shared/toasts";
import { t } from "../text";
import { dropJob, useLibrary } from "./libraryStore";

function words(step: ProgressStep): string {
  switch (step.state) {
    case "reading":
      return t.progress.reading;
    case "sending":
      return t.progress.sending(step.done, step.total);
    case "done":
      return t.progress.done;
    case "cancelled":
      return t.progress.cancelled;
    case "failed":
      return step.detail;
  }
}

function Job({ progress: { job, name, step } }: { progress: Progress }) {
  const running = step.state === "reading" || step.state === "sending";
  return (
    <li className="job" data-testid="progress" data-state={step.state}>
      {step.state === "failed" && <Icon name="warning" />}
      {step.state === "done" && <Icon name="check" />}
      <div className="job-words" role={step.state === "failed" ? "alert" : "status"}>
        <span className="job-name">{name}</span>
        <span className="job-step selectable">{words(step)}</span>
        {running && (
          <progress aria-label={name} max={step.state === "sending" ? Math.max(1, step.total) : 1} {...(step.state === "sending" && { value: step.done })} />
        )}
      </div>
      <IconButton
        icon="close"
        label={running ? t.progress.cancel(name) : t.common.dismiss}
        onClick={() => {
          if (running) {
            void attempt(() => commands.cancelJob(job));
          } else {
            dropJob(job);
          }
        }}
      />
    </li>
  );
}

/** Imports and exports: how far they are, with a way to stop them. */
export function ProgressList() {
  const jobs = useLibrary((state) => state.jobs);
  return (
    <ul className="jobs" aria-label={t.progress.label}>
      {jobs.map((progress) => (
        <Job key={progress.job} progress={progress} />
      ))}
    </ul>
  );
}
