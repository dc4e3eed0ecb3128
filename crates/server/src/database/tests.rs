//! The database from outside: what it refuses to open, and what the writer promises.

use std::{fs, sync::Arc, time::Duration};

use holdfast_protocol::{Timestamp, WorkspaceId};
use tokio::sync::Notify;

use super::{Columns as _, Database, DatabaseConfig, OpenError, Tx};
use crate::{clock::ManualClock, fixture::Record, happening::Happening, store::StorageError};

async fn open_at(folder: &std::path::Path) -> Result<(Database, Arc<Record>), OpenError> {
    let told = Arc::new(Record::default());
    let clock = Arc::new(ManualClock::at(Timestamp(0)));
    let config = DatabaseConfig {
        data_dir: folder.to_owned(),
    };
    Ok((Database::open(&config, clock, told.clone()).await?, told))
}

/// Writes a workspace of this name, and tells it.
async fn insert(tx: &mut Tx<'_>, name: &str) -> Result<(), StorageError> {
    let id = WorkspaceId::random();
    sqlx::query("INSERT INTO workspaces (id, name, created_at, fence) VALUES ($1, $2, 0, 0)")
        .bind(id.to_string())
        .bind(name)
        .execute(&mut *tx.conn)
        .await?;
    tx.tell(Happening::Event {
        rooms: vec![],
        event: holdfast_protocol::room::Event::WorkspaceChanged {
            workspace_id: id,
            name: name.to_owned(),
            by: holdfast_protocol::room::Actor {
                id: holdfast_protocol::UserId::random(),
                name: String::new(),
                session_id: None,
            },
        },
    });
    Ok(())
}

async fn names(db: &Database) -> Vec<String> {
    let mut reader = db.reader().await.unwrap();
    let rows = sqlx::query("SELECT name FROM workspaces ORDER BY name")
        .fetch_all(&mut *reader)
        .await
        .unwrap();
    rows.iter().map(|row| row.text("name").unwrap()).collect()
}

fn told_names(told: &Record) -> Vec<String> {
    let name = |happening| match happening {
        Happening::Event {
            event: holdfast_protocol::room::Event::WorkspaceChanged { name, .. },
            ..
        } => name,
        other => panic!("{other:?}"),
    };
    told.take().into_iter().map(name).collect()
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let nested = folder.path().join("a % strange#folder?").join("data");
    let (db, _) = open_at(&nested).await.unwrap();
    db.write((), |tx, ()| Box::pin(insert(tx, "x"))).await.unwrap();
    for file in fs::read_dir(&nested).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.path());
    }
    assert!(nested.join("holdfast.db").exists());
}

#[tokio::test]
async fn a_folder_that_can_not_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("file");
    fs::write(&in_the_way, "not a folder").unwrap();
    let refused = open_at(&in_the_way.join("data")).await.err().unwrap();
    assert!(
        matches!(&refused, OpenError::Folder { path, .. } if path.ends_with("data")),
        "{refused}"
    );
}

#[tokio::test]
async fn other_programs_files_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("holdfast.db");
    let text = "This is a letter to my grandmother. ".repeat(400);
    fs::write(&path, &text).unwrap();
    let refused = open_at(folder.path()).await.err().unwrap();
    assert!(matches!(refused, OpenError::Foreign(_)), "{refused}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    fs::remove_file(&path).unwrap();
    let url = format!("sqlite:{}?mode=rwc", path.display());
    let mut other = <sqlx::AnyConnection as sqlx::Connection>::connect(&url)
        .await
        .unwrap();
    sqlx::raw_sql("CREATE TABLE recipes (name TEXT)")
        .execute(&mut other)
        .await
        .unwrap();
    sqlx::Connection::close(other).await.unwrap();
    let before = fs::read(&path).unwrap();
    let refused = open_at(folder.path()).await.err().unwrap();
    assert!(matches!(refused, OpenError::Foreign(_)), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_newer_database_is_refused_with_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let (db, _) = open_at(folder.path()).await.unwrap();
    db.write((), |tx, ()| {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (99, 'of the future', true, x'00', 0)",
            )
            .execute(&mut *tx.conn)
            .await?;
            Ok::<_, StorageError>(())
        })
    })
    .await
    .unwrap();
    db.close().await;
    let refused = open_at(folder.path()).await.err().unwrap();
    assert!(
        matches!(
            refused,
            OpenError::Newer {
                found: 99,
                known: 2,
                ..
            }
        ),
        "{refused}"
    );
}

/// Keeps the writer busy until it is let go, so that what comes meanwhile shares one transaction.
async fn hold(db: &Database) -> (Arc<Notify>, tokio::task::JoinHandle<Result<(), StorageError>>) {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let task = tokio::spawn({
        let (db, arguments) = (db.clone(), (Arc::clone(&begun), Arc::clone(&go)));
        async move {
            db.write(arguments, |_, (begun, go)| {
                Box::pin(async move {
                    begun.notify_one();
                    go.notified().await;
                    Ok(())
                })
            })
            .await
        }
    });
    begun.notified().await;
    (go, task)
}

#[tokio::test]
async fn jobs_that_wait_share_a_transaction_and_fail_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (db, told) = open_at(folder.path()).await.unwrap();
    let (go, held) = hold(&db).await;
    let mut jobs = Vec::new();
    for number in 0..20 {
        let job = db.write(number, |tx, number| {
            Box::pin(async move {
                insert(tx, &format!("{number:02}")).await?;
                match number % 5 {
                    3 => Err(StorageError::Broken("refused".into())),
                    4 => panic!("a defect"),
                    _ => Ok(()),
                }
            })
        });
        // Polled once, a write is in the queue: the order of the answers is the order of the questions.
        let mut job = Box::pin(job);
        assert!(futures_util::poll!(&mut job).is_pending());
        jobs.push(job);
    }
    go.notify_one();
    held.await.unwrap().unwrap();
    let mut expected = Vec::new();
    for (number, job) in jobs.into_iter().enumerate() {
        let kept = job.await.is_ok();
        assert_eq!(kept, number % 5 < 3, "{number}");
        expected.extend(kept.then(|| format!("{number:02}")));
    }
    assert_eq!(names(&db).await, expected);
    assert_eq!(
        told_names(&told),
        expected,
        "told in order, and only what was kept"
    );
}

#[tokio::test]
async fn a_full_queue_says_so_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (db, _) = open_at(folder.path()).await.unwrap();
    let (go, held) = hold(&db).await;
    let mut waiting = Vec::new();
    let refused = loop {
        let mut job = Box::pin(db.write((), |_, ()| Box::pin(async { Ok::<_, StorageError>(()) })));
        match futures_util::poll!(&mut job) {
            std::task::Poll::Pending => waiting.push(job),
            std::task::Poll::Ready(answer) => break answer,
        }
        assert!(waiting.len() < 100_000, "the queue has no end");
    };
    assert!(
        matches!(refused, Err(StorageError::Unavailable(_))),
        "{refused:?}"
    );
    go.notify_one();
    held.await.unwrap().unwrap();
    for job in waiting {
        job.await.unwrap();
    }
}

#[tokio::test]
async fn a_full_disk_undoes_all_and_passes_again() {
    let folder = tempfile::tempdir().unwrap();
    let (db, told) = open_at(folder.path()).await.unwrap();
    let limit = |pages: i64| {
        db.write(pages, |tx, pages| {
            Box::pin(async move {
                let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
                sqlx::raw_sql(sql).execute(&mut *tx.conn).await?;
                Ok::<_, StorageError>(())
            })
        })
    };
    limit(1).await.unwrap();
    let large = "x".repeat(1 << 20);
    let refused = db.write(large, |tx, large| Box::pin(insert(tx, large))).await;
    assert!(
        matches!(refused, Err(StorageError::Unavailable(_))),
        "{refused:?}"
    );
    assert!(told.take().is_empty());
    assert!(names(&db).await.is_empty());
    limit(1 << 30).await.unwrap();
    db.write((), |tx, ()| Box::pin(insert(tx, "after")))
        .await
        .unwrap();
    assert_eq!(names(&db).await, ["after"]);
}

#[tokio::test]
async fn a_closed_database_answers_and_has_written_everything() {
    let folder = tempfile::tempdir().unwrap();
    let (db, _) = open_at(folder.path()).await.unwrap();
    let late = db.write((), |tx, ()| Box::pin(insert(tx, "late")));
    let (written, ()) = tokio::join!(late, db.close());
    written.unwrap();
    let refused = db.write((), |tx, ()| Box::pin(insert(tx, "too late"))).await;
    assert!(matches!(refused, Err(StorageError::Unavailable(_))));
    let refused = tokio::time::timeout(Duration::from_secs(10), db.reader())
        .await
        .unwrap();
    assert!(matches!(refused, Err(StorageError::Unavailable(_))));
    let (again, _) = open_at(folder.path()).await.unwrap();
    assert_eq!(names(&again).await, ["late"]);
}
