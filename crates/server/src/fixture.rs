//! What the contract suites work on: a database in a folder of its own, a clock that is moved by hand, people, and a
//! record of everything that was told.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use holdfast_protocol::{
    CommitId, DocumentId, SessionId, Timestamp, WorkspaceId,
    account::{Role, Workspace},
    document::{Change, CommitAnswer, CreateDocument, DocumentKind},
    lock::{Lock, LockMode, ReleaseReason, Resource},
    room::Event,
    session::OpenSession,
};
use serde_json::value::RawValue;
use tempfile::TempDir;

use crate::{
    caller::Caller,
    clock::ManualClock,
    database::{Database, DatabaseConfig},
    engine::{Acquired, LeaseTimes, LockEngine, LockError, Space, Target},
    happening::{Happening, Publisher},
    store::{
        Accounts as _, Commit, CommitError, Documents as _, SignInOutcome, StorageError,
        sql::{PasswordCost, SqlStore, StoreConfig},
    },
};

/// The lease that sessions get here.
pub(crate) const TTL: Duration = Duration::from_secs(45);
/// What an unclean close leaves of it.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse";

/// Keeps what was told.
#[derive(Default)]
pub(crate) struct Record(Mutex<Vec<Happening>>);

impl Publisher for Record {
    fn publish(&self, happenings: Vec<Happening>) {
        self.0.lock().unwrap().extend(happenings);
    }
}

impl Record {
    /// All that was told since the last call.
    pub(crate) fn take(&self) -> Vec<Happening> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The events among it, in short: what happened to locks and documents, in order.
    pub(crate) fn take_short(&self) -> Vec<String> {
        self.take().iter().filter_map(short).collect()
    }
}

fn short(happening: &Happening) -> Option<String> {
    let Happening::Event { event, .. } = happening else {
        return None;
    };
    let reason_name = |reason: &ReleaseReason| {
        let name = serde_json::to_value(reason).unwrap();
        name.as_str().unwrap().to_owned()
    };
    Some(match event {
        Event::DocumentLocked { lock } => format!("locked {}", lock.fence),
        Event::DocumentUnlocked { reason, .. } => format!("unlocked {}", reason_name(reason)),
        Event::DocumentForceTaken { lock, previous, .. } => {
            format!("force_taken {} from {}", lock.fence, previous.len())
        }
        Event::WorkspaceLocked { lock } => format!("workspace locked {}", lock.fence),
        Event::WorkspaceUnlocked { reason, .. } => format!("workspace unlocked {}", reason_name(reason)),
        Event::WorkspaceForceTaken { lock, previous, .. } => {
            format!("workspace force_taken {} from {}", lock.fence, previous.len())
        }
        Event::DocumentCommitted { version, .. } => format!("committed {version}"),
        Event::DocumentCreated { .. } => "created".to_owned(),
        Event::DocumentChanged { .. } => "changed".to_owned(),
        Event::DocumentDeleted { .. } => "deleted".to_owned(),
        _ => return None,
    })
}

/// Makes the engine under test on a database.
pub(crate) type MakeEngine = fn(Database, LeaseTimes) -> Arc<dyn LockEngine>;

/// A server's core in a folder of its own.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) told: Arc<Record>,
    pub(crate) db: Database,
    pub(crate) store: Arc<SqlStore>,
    pub(crate) engine: Arc<dyn LockEngine>,
    make: MakeEngine,
}

/// A workspace with one member of each role, a second editor, and a document.
pub(crate) struct Team {
    pub(crate) workspace: WorkspaceId,
    pub(crate) owner: Caller,
    pub(crate) editor: Caller,
    pub(crate) colleague: Caller,
    pub(crate) annotator: Caller,
    pub(crate) viewer: Caller,
    pub(crate) document: DocumentId,
}

async fn open(folder: &TempDir, clock: &Arc<ManualClock>, told: &Arc<Record>) -> Database {
    let config = DatabaseConfig {
        data_dir: folder.path().to_owned(),
    };
    Database::open(&config, clock.clone(), told.clone())
        .await
        .unwrap()
}

fn times() -> LeaseTimes {
    LeaseTimes {
        ttl: TTL,
        grace: GRACE,
    }
}

fn store(db: &Database) -> Arc<SqlStore> {
    let config = StoreConfig {
        password_cost: PasswordCost::Trivial,
    };
    Arc::new(SqlStore::new(db.clone(), &config))
}

impl World {
    pub(crate) async fn new(make: MakeEngine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp(1_800_000_000_000)));
        let told = Arc::new(Record::default());
        let db = open(&folder, &clock, &told).await;
        Self {
            store: store(&db),
            engine: make(db.clone(), times()),
            folder,
            clock,
            told,
            db,
            make,
        }
    }

    /// The server ends and starts again on the same file.
    pub(crate) async fn restart(&mut self) {
        self.db.close().await;
        self.db = open(&self.folder, &self.clock, &self.told).await;
        self.store = store(&self.db);
        self.engine = (self.make)(self.db.clone(), times());
        self.engine.process_started().await.unwrap();
    }

    /// A new user, signed in.
    pub(crate) async fn user(&self, name: &str) -> Caller {
        let email = format!("{name}@example.org");
        self.store.add_user(&email, name, PASSWORD).await.unwrap();
        self.sign_in(name).await
    }

    /// Another device of a user.
    pub(crate) async fn sign_in(&self, name: &str) -> Caller {
        let email = format!("{name}@example.org");
        match self
            .store
            .sign_in(&email, PASSWORD, "bench", "127.0.0.1")
            .await
            .unwrap()
        {
            SignInOutcome::In(sign_in) => Caller {
                user: sign_in.user,
                sign_in: sign_in.id,
                device_name: "bench".into(),
            },
            other => panic!("{name} could not sign in: {other:?}"),
        }
    }

    pub(crate) async fn team(&self) -> Team {
        let owner = self.user("Olga").await;
        let Workspace { id: workspace, .. } = self.store.create_workspace(&owner, "Atelier").await.unwrap();
        let mut members = Vec::new();
        for (name, role) in [
            ("Edda", Role::Editor),
            ("Colin", Role::Editor),
            ("Anna", Role::Annotator),
            ("Vera", Role::Viewer),
        ] {
            members.push(self.user(name).await);
            let email = format!("{name}@example.org");
            self.store
                .add_member(&owner, workspace, &email, role)
                .await
                .unwrap();
        }
        let document = self.document(&owner, Some(workspace)).await;
        self.told.take();
        let mut members = members.into_iter();
        let mut next = || members.next().unwrap();
        Team {
            workspace,
            owner,
            editor: next(),
            colleague: next(),
            annotator: next(),
            viewer: next(),
            document,
        }
    }

    pub(crate) async fn document(&self, by: &Caller, workspace_id: Option<WorkspaceId>) -> DocumentId {
        let request = CreateDocument {
            name: "Sketch".into(),
            kind: DocumentKind::Canvas,
            workspace_id,
            project_id: None,
        };
        self.store.create(by, &request).await.unwrap().id
    }

    /// A new session with the usual lease.
    pub(crate) async fn session(&self, of: &Caller, workspace_id: Option<WorkspaceId>) -> SessionId {
        let session_id = SessionId::random();
        self.open(of, session_id, workspace_id).await.unwrap();
        session_id
    }

    pub(crate) async fn open(
        &self,
        caller: &Caller,
        session_id: SessionId,
        workspace_id: Option<WorkspaceId>,
    ) -> Result<crate::engine::Opened, LockError> {
        let request = OpenSession {
            session_id,
            workspace_id,
            device_name: caller.device_name.clone(),
            ttl_ms: None,
        };
        self.engine.open(caller, &request).await
    }

    /// A document as its owner sees it.
    pub(crate) async fn target(&self, by: &Caller, document: DocumentId) -> Target {
        self.store.target(by, document).await.unwrap()
    }

    pub(crate) async fn acquire(
        &self,
        caller: &Caller,
        document: DocumentId,
        session: SessionId,
        mode: LockMode,
    ) -> Result<Acquired, LockError> {
        let target = self.target(caller, document).await;
        self.engine.acquire(caller, &target, session, mode).await
    }

    /// A session that holds the document exclusively.
    pub(crate) async fn holder(
        &self,
        caller: &Caller,
        workspace: Option<WorkspaceId>,
        document: DocumentId,
    ) -> Lock {
        let session = self.session(caller, workspace).await;
        self.acquire(caller, document, session, LockMode::Exclusive)
            .await
            .unwrap()
            .lock
    }

    /// A personal document held again by a session whose lease may have ended.
    pub(crate) async fn holder_again(
        &self,
        caller: &Caller,
        document: DocumentId,
        session: SessionId,
    ) -> Lock {
        self.open(caller, session, None).await.unwrap();
        self.acquire(caller, document, session, LockMode::Exclusive)
            .await
            .unwrap()
            .lock
    }

    /// Rows that the writer has changed so far.
    pub(crate) async fn rows_changed(&self) -> i64 {
        let count = self.db.write((), |tx, ()| {
            Box::pin(async move {
                let count = sqlx::query_scalar("SELECT total_changes()")
                    .fetch_one(&mut *tx.conn)
                    .await?;
                Ok::<i64, StorageError>(count)
            })
        });
        count.await.unwrap()
    }

    /// A commit under a lock.
    pub(crate) async fn commit(
        &self,
        caller: &Caller,
        lock: &Lock,
        changes: Vec<Change>,
    ) -> Result<CommitAnswer, CommitError> {
        let commit = commit(lock, changes);
        self.store.commit(caller, commit, self.engine.guard()).await
    }
}

/// A new commit under a lock on a document.
pub(crate) fn commit(lock: &Lock, changes: Vec<Change>) -> Commit {
    Commit {
        document: lock.resource.document_id().unwrap(),
        commit_id: CommitId::random(),
        session: lock.session_id,
        fence: lock.fence,
        base_version: 0,
        changes,
    }
}

/// An element put on a version.
pub(crate) fn put(id: &str, base_version: i64, text: &str) -> Change {
    Change::Put {
        id: id.into(),
        base_version,
        data: RawValue::from_string(format!(r#"{{"id":"{id}","text":"{text}"}}"#)).unwrap(),
    }
}

/// An element deleted on a version.
pub(crate) fn delete(id: &str, base_version: i64) -> Change {
    Change::Delete {
        id: id.into(),
        base_version,
    }
}

/// A workspace as something to be locked.
pub(crate) fn workspace_target(id: WorkspaceId) -> Target {
    Target {
        resource: Resource::Workspace { id },
        space: Space::Workspace(id),
        project: None,
    }
}
