//! Longer pieces of work that show progress and can be cancelled.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use holdfast_protocol::DocumentId;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    api::{Api, ApiError},
    canvas::Picture,
    copying::{self, Place},
    file::{self, ExportFile},
    view::{CommandError, Progress, ProgressStep, disk_refusal},
};

/// A piece of work under way. Dropping it lets it go on.
#[derive(Debug, Clone)]
pub struct Job {
    progress: watch::Receiver<Progress>,
    cancel: CancellationToken,
}

/// Tells how far a job is, and whether it shall stop.
#[derive(Debug)]
pub(crate) struct Reporter {
    progress: watch::Sender<Progress>,
    cancel: CancellationToken,
}

impl Reporter {
    fn tell(&self, step: ProgressStep) {
        self.progress.send_modify(|progress| progress.step = step);
    }
}

impl Job {
    pub(crate) fn start<F>(name: &str, work: impl FnOnce(std::sync::Arc<Reporter>) -> F) -> Self
    where
        F: Future<Output = Result<ProgressStep, CommandError>> + Send + 'static,
    {
        let first = Progress {
            job: Uuid::new_v4().to_string(),
            name: name.to_owned(),
            step: ProgressStep::Reading,
        };
        let (progress, receiver) = watch::channel(first);
        let cancel = CancellationToken::new();
        let reporter = std::sync::Arc::new(Reporter {
            progress,
            cancel: cancel.clone(),
        });
        let work = work(std::sync::Arc::clone(&reporter));
        tokio::spawn(async move {
            let step = work
                .await
                .unwrap_or_else(|error| ProgressStep::Failed { detail: error.detail });
            reporter.tell(step);
        });
        Self {
            progress: receiver,
            cancel,
        }
    }

    /// What to cancel it by.
    #[must_use]
    pub fn id(&self) -> String {
        self.progress.borrow().job.clone()
    }

    /// How far it is; `Done`, `Cancelled` and `Failed` are the last ones.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Waits for its end: `Done`, `Cancelled` or `Failed`.
    pub async fn finished(&self) -> ProgressStep {
        let mut progress = self.progress();
        let is_over = |progress: &Progress| {
            matches!(
                progress.step,
                ProgressStep::Done { .. } | ProgressStep::Cancelled | ProgressStep::Failed { .. }
            )
        };
        match progress.wait_for(is_over).await {
            Ok(last) => last.step.clone(),
            Err(_) => ProgressStep::Cancelled,
        }
    }

    /// Stops it; nothing half-made is left behind.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

/// Reads, checks and sends a file.
pub(crate) async fn import(
    api: &Api,
    path: &Path,
    place: Place,
    reporter: std::sync::Arc<Reporter>,
) -> Result<ProgressStep, CommandError> {
    let path: PathBuf = path.to_owned();
    let read = tokio::task::spawn_blocking(move || file::read(&path)).await;
    let drawing = match read {
        Ok(Ok(drawing)) => drawing,
        Ok(Err(error)) => return Err(CommandError::of("bad_file", error.to_string())),
        Err(error) => {
            tracing::error!(%error, "reading a file ended early");
            return Err(CommandError::of(
                "bad_file",
                "The file could not be read. Nothing was changed.",
            ));
        }
    };
    if reporter.cancel.is_cancelled() {
        return Ok(ProgressStep::Cancelled);
    }
    let tell = |done, total| reporter.tell(ProgressStep::Sending { done, total });
    let created = copying::create(api, &place, &drawing, &reporter.cancel, tell).await?;
    Ok(match created {
        Some(document) => ProgressStep::Done {
            document_id: Some(document.id),
        },
        None => ProgressStep::Cancelled,
    })
}

/// Fetches what is missing and writes the file: beside its place first, then there, so that no half of it replaces a whole
/// one.
pub(crate) async fn export(
    api: &Api,
    document: DocumentId,
    picture: Picture,
    path: &Path,
    reporter: std::sync::Arc<Reporter>,
) -> Result<ProgressStep, CommandError> {
    let fetched = tokio::select! {
        biased;
        () = reporter.cancel.cancelled() => return Ok(ProgressStep::Cancelled),
        fetched = fetch(api, document, &picture, &reporter) => fetched,
    };
    let files = fetched?;
    let (path, shown) = (path.to_owned(), path.display().to_string());
    let written = tokio::task::spawn_blocking(move || write_whole(&path, &picture, &files)).await;
    match written {
        Ok(Ok(())) => Ok(ProgressStep::Done { document_id: None }),
        Ok(Err(error)) => {
            tracing::warn!(path = shown, %error, "an export can't be written");
            let detail = format!("“{shown}” can't be written: {}.", disk_refusal(&error));
            Err(CommandError::of("disk", detail))
        }
        Err(error) => {
            tracing::error!(path = shown, %error, "writing a file ended early");
            Err(CommandError::of(
                "disk",
                format!("“{shown}” could not be written."),
            ))
        }
    }
}

async fn fetch(
    api: &Api,
    document: DocumentId,
    picture: &Picture,
    reporter: &Reporter,
) -> Result<Vec<ExportFile>, ApiError> {
    let total = u32::try_from(picture.files.len()).unwrap_or(u32::MAX);
    let mut files = Vec::with_capacity(picture.files.len());
    for (done, (id, sha256, data, bytes)) in (0_u32..).zip(&picture.files) {
        reporter.tell(ProgressStep::Sending { done, total });
        let bytes = match bytes {
            Some(bytes) => bytes.clone(),
            None => api.file(document, sha256).await?,
        };
        files.push(ExportFile {
            id: id.clone(),
            data: data.clone(),
            bytes,
        });
    }
    Ok(files)
}

fn write_whole(path: &Path, picture: &Picture, files: &[ExportFile]) -> std::io::Result<()> {
    let beside = path.with_extension(format!("{}.part", Uuid::new_v4().simple()));
    let written = std::fs::File::create(&beside).and_then(|out| {
        let mut out = std::io::BufWriter::new(out);
        file::write(&mut out, &picture.scene, &picture.elements, files)?;
        out.flush()?;
        out.get_ref().sync_data()?;
        std::fs::rename(&beside, path)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}
