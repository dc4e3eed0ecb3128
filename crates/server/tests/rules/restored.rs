//! A server whose data folder was replaced by an older copy of it.

use std::{collections::BTreeMap, fs, path::Path};

use crate::stage::Team;

/// The files of a database that nobody has open.
fn copy_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).expect("a data folder can be read").flatten();
    let files = files.map(|file| (file.file_name().to_string_lossy().into_owned(), file.path()));
    files
        .filter(|(name, _)| name.contains(".db"))
        .map(|(name, path)| (name, fs::read(path).expect("a database can be read")))
        .collect()
}

fn put_back(folder: &Path, copy: &BTreeMap<String, Vec<u8>>) {
    for name in copy_of(folder).keys() {
        fs::remove_file(folder.join(name)).expect("a database can be removed");
    }
    for (name, bytes) in copy {
        fs::write(folder.join(name), bytes).expect("a database can be written");
    }
}

#[tokio::test]
async fn l07_no_fence_is_given_out_again_after_an_older_copy_was_restored() {
    let mut team = Team::start().await;
    let document = team.canvas("a").await;
    team.server.terminate().await;
    let older = copy_of(team.server.data_dir());
    assert!(!older.is_empty(), "there is a database to copy");
    team.server.restart().await;

    let mut fences = Vec::new();
    let session = team.session(&team.bo).await;
    for _ in 0..5 {
        fences.push(session.lock(&document).await);
        session.release(&document).await.ok(204);
    }
    team.server.terminate().await;
    put_back(team.server.data_dir(), &older);
    team.server.restart().await;

    let lost = team.bo.get(&format!("/v1/sessions/{}", session.id())).await;
    lost.expect(404, "session_not_found");
    let session = team.session(&team.bo).await;
    for _ in 0..5 {
        fences.push(session.lock(&document).await);
        session.release(&document).await.ok(204);
    }
    assert!(fences.is_sorted_by(|a, b| a < b), "{fences:?}");
}
