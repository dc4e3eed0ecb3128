//! Saving, history and going back.

use std::collections::HashSet;

use axum::{Json, extract::State};
use holdfast_protocol::{
    Code, CommitId, DocumentId, SessionId,
    account::Page,
    document::{Change, CommitAnswer, CommitEntry, CommitRequest, FlatChange, NameVersion, RestoreRequest},
    limits::{COMMIT_BYTES, ELEMENT_BYTES},
};
use serde::Deserialize;

use crate::{
    app::Shared,
    http::{
        check,
        extract::{As, AtVersion, Body, Id, Params},
    },
    refusal::Refusal,
    store::Commit,
};

/// Deepest nesting of an element's data: with the levels that frames and answers put around it, it stays within what
/// JSON readers commonly take (128).
const DATA_DEPTH: usize = 100;

/// A [`CommitRequest`] before its changes are known to be any.
#[derive(Debug, Deserialize)]
pub(crate) struct FlatCommit {
    commit_id: CommitId,
    session_id: SessionId,
    fence: i64,
    base_version: i64,
    changes: Vec<FlatChange>,
}

/// One atomic save.
#[utoipa::path(post, path = "/v1/documents/{id}/commits", tag = "documents",
    params(("id" = DocumentId, Path)), request_body = CommitRequest,
    responses((status = 200, description = "Written", body = CommitAnswer)))]
pub(crate) async fn commit(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<DocumentId>,
    Body(request): Body<FlatCommit, COMMIT_BYTES>,
) -> Result<Json<CommitAnswer>, Refusal> {
    let commit = checked(id, request)?;
    Ok(Json(
        app.documents.commit(&caller, commit, app.engine.guard()).await?,
    ))
}

/// The history, newest first; `before` is exclusive.
#[utoipa::path(get, path = "/v1/documents/{id}/commits", tag = "documents",
    params(("id" = DocumentId, Path), ("before" = Option<i64>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, description = "Versions", body = Page<CommitEntry>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<DocumentId>,
    params: Params,
) -> Result<Json<Page<CommitEntry>>, Refusal> {
    // The `next` of a page is the `before` of the one after it, so it may come back under either name.
    let before = params
        .read("before")?
        .map_or_else(|| params.read("cursor"), |before| Ok(Some(before)))?;
    before.map_or(Ok(()), |before| check::integer("before", before))?;
    Ok(Json(
        app.documents
            .commits(&caller, id, before, params.limit()?)
            .await?,
    ))
}

/// Gives a version a name, or takes it away.
#[utoipa::path(patch, path = "/v1/documents/{id}/commits/{version}", tag = "documents",
    params(("id" = DocumentId, Path), ("version" = i64, Path)), request_body = NameVersion,
    responses((status = 200, description = "As it is now", body = CommitEntry)))]
pub(crate) async fn name(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<DocumentId>,
    AtVersion(version): AtVersion,
    Body(request): Body<NameVersion>,
) -> Result<Json<CommitEntry>, Refusal> {
    if let Some(name) = &request.name {
        check::name("name", name)?;
    }
    let named = app
        .documents
        .name_version(&caller, id, version, request.name.as_deref())
        .await?;
    Ok(Json(named))
}

/// Makes the content what it was at a version, as a commit.
#[utoipa::path(post, path = "/v1/documents/{id}/restore", tag = "documents",
    params(("id" = DocumentId, Path)), request_body = RestoreRequest,
    responses((status = 200, description = "Written", body = CommitAnswer)))]
pub(crate) async fn restore(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<DocumentId>,
    Body(request): Body<RestoreRequest>,
) -> Result<Json<CommitAnswer>, Refusal> {
    check::integer("version", request.version)?;
    check::integer("fence", request.fence)?;
    let commit = (request.commit_id, request.session_id, request.fence);
    let answer = app
        .documents
        .restore(&caller, id, request.version, commit, app.engine.guard())
        .await?;
    Ok(Json(answer))
}

/// The shape of a commit (D05): at least one change, nothing named twice, every field where it belongs.
fn checked(document: DocumentId, flat: FlatCommit) -> Result<Commit, Refusal> {
    check::integer("fence", flat.fence)?;
    check::integer("base_version", flat.base_version)?;
    if flat.changes.is_empty() {
        return Err(Refusal::invalid("changes", "is empty"));
    }
    let mut named = HashSet::new();
    let mut changes = Vec::with_capacity(flat.changes.len());
    for (index, flat) in flat.changes.into_iter().enumerate() {
        let at = |field: &str| format!("changes[{index}].{field}");
        let change = Change::try_from(flat).map_err(|no| Refusal::invalid(at(no.field), no.detail))?;
        check_change(&change, &at)?;
        if !named.insert(subject(&change)) {
            return Err(Refusal::invalid(at("id"), "is named twice in this commit"));
        }
        changes.push(change);
    }
    Ok(Commit {
        document,
        commit_id: flat.commit_id,
        session: flat.session_id,
        fence: flat.fence,
        base_version: flat.base_version,
        changes,
    })
}

/// What a change is about: elements, files and the scene are named apart.
fn subject(change: &Change) -> (u8, String) {
    match change {
        Change::Put { id, .. } | Change::Delete { id, .. } => (0, id.clone()),
        Change::File { id, .. } => (1, id.clone()),
        Change::Scene { .. } => (2, String::new()),
    }
}

fn check_change(change: &Change, at: &impl Fn(&str) -> String) -> Result<(), Refusal> {
    match change {
        Change::Put {
            id,
            base_version,
            data,
        } => {
            check::element_id(&at("id"), id)?;
            check::integer(&at("base_version"), *base_version)?;
            check_data(data.get(), at)?;
            same_id(id, data.get(), at)
        }
        Change::Delete { id, base_version } => {
            check::element_id(&at("id"), id)?;
            check::integer(&at("base_version"), *base_version)
        }
        Change::Scene { base_version, data } => {
            check::integer(&at("base_version"), *base_version)?;
            check_data(data.get(), at)
        }
        Change::File {
            id,
            base_version,
            sha256,
            data,
        } => {
            check::element_id(&at("id"), id)?;
            check::integer(&at("base_version"), *base_version)?;
            check::sha256(&at("sha256"), sha256)?;
            check_data(data.get(), at)
        }
    }
}

/// Data is a JSON object, within the limits of size and nesting.
fn check_data(data: &str, at: &impl Fn(&str) -> String) -> Result<(), Refusal> {
    if !data.starts_with('{') {
        return Err(Refusal::invalid(at("data"), "is not an object"));
    }
    if data.len() > ELEMENT_BYTES {
        let detail = format!(
            "{} has {} bytes; {ELEMENT_BYTES} are allowed",
            at("data"),
            data.len()
        );
        return Err(Refusal::new(Code::TooLarge, detail));
    }
    if depth(data) > DATA_DEPTH {
        return Err(Refusal::invalid(
            at("data"),
            format!("is nested deeper than {DATA_DEPTH} levels"),
        ));
    }
    Ok(())
}

fn same_id(id: &str, data: &str, at: &impl Fn(&str) -> String) -> Result<(), Refusal> {
    #[derive(Deserialize)]
    struct Named {
        id: Option<String>,
    }
    let named: Named =
        serde_json::from_str(data).map_err(|error| Refusal::invalid(at("data.id"), error.to_string()))?;
    if named.id.as_deref() == Some(id) {
        Ok(())
    } else {
        Err(Refusal::invalid(at("data.id"), "is not the id of the change"))
    }
}

/// How deep JSON text is nested. The text is known to be JSON: brackets match, strings end.
fn depth(json: &str) -> usize {
    let (mut now, mut most, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                now += 1;
                most = most.max(now);
            }
            b'}' | b']' if !in_text => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::parse;

    fn refused(changes: &str) -> String {
        let text = format!(
            r#"{{"commit_id":"00000000-0000-4000-8000-000000000001","session_id":"00000000-0000-4000-8000-000000000002",
                "fence":1,"base_version":0,"changes":{changes}}}"#
        );
        let commit =
            parse::<FlatCommit>(text.as_bytes()).and_then(|flat| checked(DocumentId::random(), flat));
        commit.unwrap_err().detail().to_owned()
    }

    #[test]
    fn d05_a_malformed_commit_is_refused_by_field() {
        assert!(refused("[]").starts_with("changes: "));
        assert!(refused(r#"[{"op":"paint","base_version":0}]"#).starts_with("changes[0].op: "));
        assert!(refused(r#"[{"op":"put","id":"a","base_version":0}]"#).starts_with("changes[0].data: "));
        assert!(
            refused(r#"[{"op":"put","id":"a","base_version":0,"data":[]}]"#).starts_with("changes[0].data: ")
        );
        let other = r#"[{"op":"put","id":"a","base_version":0,"data":{"id":"b"}}]"#;
        assert!(refused(other).starts_with("changes[0].data.id: "));
        let twice = r#"[{"op":"put","id":"a","base_version":0,"data":{"id":"a"}},{"op":"delete","id":"a","base_version":1}]"#;
        assert!(refused(twice).starts_with("changes[1].id: "));
        assert!(
            refused(r#"[{"op":"delete","id":"a","base_version":9007199254740992}]"#).contains("base_version")
        );
        assert!(refused(r#"[{"op":"delete","id":7,"base_version":0}]"#).starts_with("changes[0].id: "));
    }

    #[test]
    fn nesting_is_counted_outside_of_strings() {
        assert_eq!(depth(r#"{"a":"[[[\"[[","b":[{}]}"#), 3);
    }
}
