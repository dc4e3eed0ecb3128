//! D09: files.

use holdfast_testkit::{Answer, Client};
use reqwest::Method;
use serde_json::json;

use crate::stage::Team;

/// The smallest PNG: one transparent pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa75\x81\x84\0\0\0\0IEND\xaeB`\x82";

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn put(client: &Client, document: &str, hash: &str, bytes: &[u8]) -> Answer {
    let path = format!("/v1/documents/{document}/files/{hash}");
    client
        .raw(Method::PUT, &path, "application/octet-stream", bytes.to_vec())
        .await
}

#[tokio::test]
async fn d09_a_file_is_kept_once_under_its_hash() {
    let team = Team::start().await;
    let (document, other) = (team.canvas("a").await, team.canvas("b").await);
    let hash = sha256(PNG);
    put(&team.bo, &document, &hash, PNG).await.ok(201);
    put(&team.bo, &document, &hash, PNG).await.ok(200);
    let got = team
        .ada
        .get(&format!("/v1/documents/{document}/files/{hash}"))
        .await
        .ok(200);
    assert_eq!(got.bytes, PNG);
    assert_eq!(got.header("content-type"), "image/png");
    assert_eq!(got.header("x-content-type-options"), "nosniff");
    assert!(got.header("content-security-policy").contains("sandbox"));
    team.ada
        .get(&format!("/v1/documents/{other}/files/{hash}"))
        .await
        .expect(404, "not_found");
}

#[tokio::test]
async fn d09_bytes_are_checked_on_arrival() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let wrong = sha256(b"something else");
    put(&team.bo, &document, &wrong, PNG)
        .await
        .expect(422, "hash_mismatch");
    let html = b"<html><script>alert(1)</script></html>";
    put(&team.bo, &document, &sha256(html), html)
        .await
        .invalid("body");
    put(&team.bo, &document, &sha256(b""), b"")
        .await
        .expect(422, "invalid");
    put(&team.bo, &document, "ABC", PNG).await.invalid("sha256");
    put(&team.bo, &document, &sha256(PNG).to_uppercase(), PNG)
        .await
        .invalid("sha256");
    let large = [PNG, &vec![0; 16 << 20]].concat();
    put(&team.bo, &document, &sha256(&large), &large)
        .await
        .expect(413, "too_large");
    team.ada
        .get(&format!("/v1/documents/{document}/files/{wrong}"))
        .await
        .expect(404, "not_found");
}

#[tokio::test]
async fn d09_a_file_is_only_read_through_a_document_that_the_reader_may_see() {
    let team = Team::start().await;
    let document = team.canvas("a").await;
    let hash = sha256(PNG);
    put(&team.bo, &document, &hash, PNG).await.ok(201);
    let stranger = team.server.user("Cy").await;
    stranger
        .get(&format!("/v1/documents/{document}/files/{hash}"))
        .await
        .expect(404, "not_found");
    put(&stranger, &document, &hash, PNG)
        .await
        .expect(404, "not_found");
    let own = stranger.canvas("own").await;
    stranger
        .get(&format!("/v1/documents/{own}/files/{hash}"))
        .await
        .expect(404, "not_found");
    let viewer = team.member("Di", "viewer").await;
    viewer
        .get(&format!("/v1/documents/{document}/files/{hash}"))
        .await
        .ok(200);
    put(&viewer, &document, &hash, PNG).await.expect(403, "forbidden");
}

#[tokio::test]
async fn d09_a_commit_refers_to_files_that_are_there() {
    let team = Team::start().await;
    let (session, document) = (team.session(&team.bo).await, team.canvas("a").await);
    let fence = session.lock(&document).await;
    let hash = sha256(PNG);
    let file = |base: i64| json!({"op": "file", "id": "f1", "base_version": base, "sha256": hash, "data": {"mimeType": "image/png"}});
    session
        .commit(&document, fence, &[file(0)])
        .await
        .invalid("changes[0].sha256");
    put(&team.bo, &document, &hash, PNG).await.ok(201);
    let answer = session.commit(&document, fence, &[file(0)]).await.ok(200);
    assert_eq!(answer["files"], json!([{"id": "f1", "version": 1}]));
    let content = team
        .ada
        .get(&format!("/v1/documents/{document}/content"))
        .await
        .ok(200);
    assert_eq!(
        content["files"],
        json!([{"id": "f1", "version": 1, "sha256": hash, "data": {"mimeType": "image/png"}}])
    );
    let refused = session
        .commit(&document, fence, &[file(0)])
        .await
        .expect(409, "version_conflict");
    assert_eq!(refused["conflicts"][0]["element_id"], "file:f1");
}
