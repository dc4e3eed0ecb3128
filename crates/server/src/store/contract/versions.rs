//! Versions with names, versions that are let go of, and what history costs (D07).

use std::{collections::BTreeMap, time::Duration};

use holdfast_protocol::{CommitId, DocumentId, document::Change, lock::Lock};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use crate::{
    caller::Caller,
    fixture::{World, commit, delete, put},
    store::{CommitError, Documents as _, StorageError, StoreError},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Versions in the history, oldest first.
async fn kept(world: &World, by: &Caller, document: DocumentId) -> Vec<i64> {
    let (mut versions, mut before) = (Vec::new(), None);
    loop {
        let page = world.store.commits(by, document, before, 100).await.unwrap();
        versions.extend(page.items.iter().map(|entry| entry.version));
        match page.next {
            Some(next) => before = Some(next.parse().unwrap()),
            None => break,
        }
    }
    versions.reverse();
    versions
}

async fn content(world: &World, by: &Caller, document: DocumentId, version: i64) -> String {
    let content = world.store.content(by, document, Some(version)).await.unwrap();
    serde_json::to_string(&content).unwrap()
}

pub(super) async fn d07_a_version_has_a_name_and_loses_it_again(world: World) {
    let team = world.team().await;
    let lock = world
        .holder(&team.editor, Some(team.workspace), team.document)
        .await;
    let changes = vec![put("a", 0, "1"), put("b", 0, "1")];
    world.commit(&team.editor, &lock, changes).await.unwrap();
    let name = |caller: &Caller, version, name: Option<&'static str>| {
        let caller = caller.clone();
        let store = world.store.clone();
        async move { store.name_version(&caller, team.document, version, name).await }
    };
    let entry = name(&team.colleague, 1, Some("for review")).await.unwrap();
    assert_eq!(
        (entry.name.as_deref(), entry.change_count),
        (Some("for review"), 2)
    );
    assert_eq!(entry.device_name, "bench");
    let page = world
        .store
        .commits(&team.viewer, team.document, None, 1)
        .await
        .unwrap();
    assert_eq!(page.items[0].name.as_deref(), Some("for review"));
    for caller in [&team.viewer, &team.annotator] {
        assert!(matches!(
            name(caller, 1, None).await,
            Err(StoreError::Forbidden(_))
        ));
    }
    let stranger = world.user("Sten").await;
    assert!(matches!(
        name(&stranger, 1, None).await,
        Err(StoreError::NotFound)
    ));
    for never in [0, 2] {
        assert!(matches!(
            name(&team.owner, never, Some("x")).await,
            Err(StoreError::NotFound)
        ));
    }
    let blank = name(&team.owner, 1, Some(" ")).await;
    assert!(matches!(blank, Err(StoreError::Invalid { field, .. }) if field == "name"));
    assert_eq!(name(&team.owner, 1, None).await.unwrap().name, None);
}

/// A change to one of a few elements, on the version that it has.
fn any_change(rng: &mut StdRng, versions: &mut BTreeMap<String, (i64, bool)>) -> Change {
    let id = format!("e{}", rng.random_range(0..6));
    let (version, live) = versions.entry(id.clone()).or_insert((0, false));
    let base = *version;
    *version += 1;
    if *live && rng.random_bool(0.3) {
        *live = false;
        return delete(&id, base);
    }
    *live = true;
    put(&id, base, &rng.random::<u32>().to_string())
}

/// Commits through twelve days, several a day; one is named.
async fn busy_days(world: &World, ada: &Caller, lock: &Lock, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut versions = BTreeMap::new();
    for _ in 0..120 {
        world.clock.advance(HOUR * rng.random_range(0..6));
        // The lease may have ended in between.
        let changes = vec![any_change(&mut rng, &mut versions)];
        let renewed = reacquire(world, ada, lock).await;
        world.commit(ada, &renewed, changes).await.unwrap();
    }
}

async fn reacquire(world: &World, ada: &Caller, lock: &Lock) -> Lock {
    let document = lock.resource.document_id().unwrap();
    world.holder_again(ada, document, lock.session_id).await
}

pub(super) async fn d07_thinning_keeps_a_version_a_day_and_changes_none(world: World) {
    let ada = world.user("Ada").await;
    for seed in 0..4 {
        let document = world.document(&ada, None).await;
        let lock = world.holder(&ada, None, document).await;
        busy_days(&world, &ada, &lock, seed).await;
        let all = kept(&world, &ada, document).await;
        assert_eq!(all.len(), 120);
        world
            .store
            .name_version(&ada, document, 5, Some("first draft"))
            .await
            .unwrap();
        let mut contents = BTreeMap::new();
        for version in &all {
            contents.insert(*version, content(&world, &ada, document, *version).await);
        }
        let day_of = days(&world, document).await;
        let unchanged = async |left: &[i64]| {
            for version in left {
                assert_eq!(
                    &content(&world, &ada, document, *version).await,
                    &contents[version],
                    "{seed}: {version}"
                );
            }
        };

        // What is younger than 10 days stays; of what is older, the last of each day and what has a name.
        let cutoff = world.db.now().0 - i64::try_from((DAY * 10).as_millis()).unwrap();
        let gone = world.store.thin(DAY * 10).await.unwrap();
        let left = kept(&world, &ada, document).await;
        let stays = |version: &i64, named: i64| {
            let (at, day) = day_of[version];
            let last_of_day = day_of.get(&(version + 1)).is_none_or(|(_, next)| *next != day);
            at >= cutoff || last_of_day || *version == named
        };
        let expected: Vec<i64> = all.iter().copied().filter(|version| stays(version, 5)).collect();
        assert_eq!(left, expected, "{seed}");
        assert_eq!(usize::try_from(gone).unwrap(), all.len() - left.len());
        unchanged(&left).await;
        assert_eq!(world.store.thin(DAY * 10).await.unwrap(), 0, "once is enough");

        // Without its name, the version goes as any other; in the end the newest stays whatever its age.
        world.store.name_version(&ada, document, 5, None).await.unwrap();
        world.clock.advance(DAY * 400);
        world.store.thin(DAY).await.unwrap();
        let left = kept(&world, &ada, document).await;
        let last_of_day = |version: &i64| {
            day_of
                .get(&(version + 1))
                .is_none_or(|(_, next)| *next != day_of[version].1)
        };
        let expected: Vec<i64> = all.iter().copied().filter(last_of_day).collect();
        assert_eq!(left, expected, "{seed}");
        assert_eq!(left.last(), Some(&120));
        unchanged(&left).await;
    }
}

/// When each version was made, and on which day.
async fn days(world: &World, document: DocumentId) -> BTreeMap<i64, (i64, i64)> {
    let mut reader = world.db.reader().await.unwrap();
    let rows = sqlx::query("SELECT version, at FROM commits WHERE document_id = $1")
        .bind(document.to_string())
        .fetch_all(&mut *reader)
        .await
        .unwrap();
    let day = i64::try_from(DAY.as_millis()).unwrap();
    rows.iter()
        .map(|row| {
            let read = |column| crate::database::Columns::number(row, column).unwrap();
            (read("version"), (read("at"), read("at") / day))
        })
        .collect()
}

pub(super) async fn d05_a_thinned_commit_sent_again_gives_its_first_answer(world: World) {
    let ada = world.user("Ada").await;
    let document = world.document(&ada, None).await;
    let lock = world.holder(&ada, None, document).await;
    let first = commit(&lock, vec![put("a", 0, "1")]);
    let guard = world.engine.guard();
    let answer = world.store.commit(&ada, first.clone(), guard).await.unwrap();
    world.commit(&ada, &lock, vec![put("a", 1, "2")]).await.unwrap();
    world.clock.advance(DAY * 3);
    assert_eq!(world.store.thin(DAY).await.unwrap(), 1);
    assert_eq!(kept(&world, &ada, document).await, [2]);
    assert_eq!(world.store.commit(&ada, first, guard).await.unwrap(), answer);
    let refused = world.store.content(&ada, document, Some(1)).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { field, detail }) if field == "version" && detail.contains("kept"))
    );
    let lock = reacquire(&world, &ada, &lock).await;
    let again = (CommitId::random(), lock.session_id, lock.fence);
    let refused = world.store.restore(&ada, document, 1, again, guard).await;
    let Err(CommitError::Store(StoreError::Invalid { field, .. })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(field, "version");
}

/// Bytes that the database takes on disk.
async fn size(world: &World) -> i64 {
    let size = world.db.write((), |tx, ()| {
        Box::pin(async move {
            let sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
            let size = sqlx::query_scalar(sql).fetch_one(&mut *tx.conn).await?;
            Ok::<i64, StorageError>(size)
        })
    });
    size.await.unwrap()
}

/// What 2,000 commits of one element take, in a document of so many.
async fn growth(world: &World, ada: &Caller, elements: i64) -> i64 {
    let document = world.document(ada, None).await;
    let lock = world.holder(ada, None, document).await;
    let text = "x".repeat(400);
    let all = (0..elements)
        .map(|number| put(&format!("e{number}"), 0, &text))
        .collect();
    world.commit(ada, &lock, all).await.unwrap();
    let before = size(world).await;
    for batch in 0..40 {
        let commits =
            (0..50).map(|number| world.commit(ada, &lock, vec![put("e0", 1 + batch * 50 + number, &text)]));
        for answer in futures_util::future::join_all(commits).await {
            answer.unwrap();
        }
    }
    size(world).await - before
}

pub(super) async fn d07_storage_grows_with_the_changes(world: World) {
    let ada = world.user("Ada").await;
    let (small, large) = (growth(&world, &ada, 1).await, growth(&world, &ada, 5_000).await);
    let sum = 2_000 * 430;
    assert!(small < sum * 3, "{small} bytes for changes of {sum}");
    assert!(
        large < small + small / 10,
        "{large} bytes in a large document, {small} in a small one"
    );
}
