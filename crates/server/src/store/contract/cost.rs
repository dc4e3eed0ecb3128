//! What a commit costs (D06), and how large it may be.

use holdfast_protocol::limits::{COMMIT_BYTES, ELEMENT_BYTES};

use crate::{
    fixture::{World, delete, put},
    store::{CommitError, Documents as _, StorageError, StoreError},
};

/// Rows are counted here; that each is reached by its key, the query plans say below.
pub(super) async fn d06_a_commit_touches_rows_by_its_own_size_only(world: World) {
    let ada = world.user("Ada").await;
    let mut costs = Vec::new();
    for size in [1, 500] {
        let document = world.document(&ada, None).await;
        let lock = world.holder(&ada, None, document).await;
        let all = (0..size)
            .map(|number| put(&format!("e{number}"), 0, "x"))
            .collect();
        world.commit(&ada, &lock, all).await.unwrap();
        let before = world.rows_changed().await;
        world.commit(&ada, &lock, vec![put("e0", 1, "y")]).await.unwrap();
        costs.push(world.rows_changed().await - before);
    }
    assert_eq!(costs, [4, 4], "the entry, its history, the commit, the document");
    let plans = world.db.write((), |tx, ()| {
        Box::pin(async move {
            let mut plans = Vec::new();
            for sql in [
                "EXPLAIN QUERY PLAN SELECT version FROM entries WHERE document_id = $1 AND kind = $2 AND entry_id IN ($3)",
                "EXPLAIN QUERY PLAN SELECT version FROM commits WHERE document_id = $1 AND commit_id = $2",
                "EXPLAIN QUERY PLAN SELECT sha256 FROM document_files WHERE document_id = $1 AND sha256 IN ($2)",
                "EXPLAIN QUERY PLAN SELECT mode FROM sessions s LEFT JOIN locks l ON l.kind = 'document' \
                 AND l.document_id = $2 AND l.resource_id = $2 AND l.session_id = s.id WHERE s.id = $1",
            ] {
                for row in sqlx::query(sql).fetch_all(&mut *tx.conn).await? {
                    plans.push(crate::database::Columns::text(&row, "detail")?);
                }
            }
            Ok::<_, StorageError>(plans)
        })
    });
    for plan in plans.await.unwrap() {
        assert!(plan.starts_with("SEARCH"), "{plan}");
    }
}

pub(super) async fn d02_limits_are_kept_and_nothing_is_written(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    let mib = "x".repeat(ELEMENT_BYTES);
    let refused = world.commit(&ada, &lock, vec![put("a", 0, &mib)]).await;
    assert!(matches!(
        refused,
        Err(CommitError::Store(StoreError::TooLarge(_)))
    ));
    let nearly = "x".repeat(ELEMENT_BYTES - 64);
    let count = COMMIT_BYTES / nearly.len() + 1;
    let many = (0..count)
        .map(|number| put(&format!("e{number}"), 0, &nearly))
        .collect();
    let refused = world.commit(&ada, &lock, many).await;
    assert!(matches!(
        refused,
        Err(CommitError::Store(StoreError::TooLarge(_)))
    ));
    // As if the document had as many elements as it may: the count is kept, not taken.
    world
        .db
        .write(document, |tx, document| {
            Box::pin(async move {
                sqlx::query("UPDATE documents SET elements = 99999 WHERE id = $1")
                    .bind(document.to_string())
                    .execute(&mut *tx.conn)
                    .await?;
                Ok::<_, StorageError>(())
            })
        })
        .await
        .unwrap();
    let refused = world
        .commit(&ada, &lock, vec![put("a", 0, "x"), put("b", 0, "x")])
        .await;
    assert!(matches!(
        refused,
        Err(CommitError::Store(StoreError::TooLarge(_)))
    ));
    assert_eq!(
        world
            .store
            .content(&ada, document, None)
            .await
            .unwrap()
            .elements
            .len(),
        0
    );
    world.commit(&ada, &lock, vec![put("a", 0, "x")]).await.unwrap();
    let refused = world.commit(&ada, &lock, vec![put("b", 0, "x")]).await;
    assert!(matches!(
        refused,
        Err(CommitError::Store(StoreError::TooLarge(_)))
    ));
    world
        .commit(&ada, &lock, vec![delete("a", 1), put("b", 0, "x")])
        .await
        .unwrap();
}
