//! Every type as it looks on the wire. A changed snapshot is a changed protocol: clients out there speak the old one.

use std::{collections::HashMap, fmt::Debug};

use holdfast_protocol::{
    Code, CommitId, DocumentId, Json, Problem, ProjectId, SessionId, SignInId, Timestamp, UserId,
    WorkspaceId,
    account::{
        AddMember, AuditEntry, ChangeMember, ChangePassword, Me, Member, Named, Page, Project, Role, SignIn,
        SignInRequest, SignedIn, User, Workspace,
    },
    document::{
        Change, ChangeSummary, CommitAnswer, CommitEntry, CommitRequest, CommittedChange, Content,
        CreateDocument, Document, DocumentKind, Element, ElementConflict, ElementVersion, FileEntry,
        HeldElement, NameVersion, RestoreRequest, Scene,
    },
    lock::{
        AcquireAnswer, AcquireRequest, AcquireStatus, ExpiresAt, ForceTakeRequest, Lock, LockAnswer,
        LockHeartbeatRequest, LockMode, LockState, Locks, Offer, ReleaseReason, Resource,
    },
    problem::FieldError,
    room::{Actor, Event, Presence, Room},
    session::{HeartbeatAnswer, HeartbeatRequest, HeldLock, OpenSession, OpenedSession, Session},
    socket::{
        ClientFrame, EventFrame, HeartbeatAck, Position, Program, RoomSnapshot, ServerFrame, ServerFrameHead,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

/// What it is called, and what it looks like; read back, it looks the same.
fn line<T: Serialize + DeserializeOwned + Debug>(name: &str, thing: &T) -> String {
    let text = serde_json::to_string(thing).expect("JSON");
    let read: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
    assert_eq!(serde_json::to_string(&read).expect("JSON"), text, "{name}");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    format!("{name} {}", serde_json::to_string_pretty(&value).expect("JSON"))
}

macro_rules! wire {
    ($snapshot:literal: $($thing:expr),+ $(,)?) => {
        let lines = [$({
            let written = stringify!($thing);
            let name = written.split(['(', '{', '&']).next().unwrap_or(written).trim();
            line(name, &$thing)
        }),+];
        insta::assert_snapshot!($snapshot, lines.join("\n\n"));
    };
}

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0000 + n)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(1_763_600_000_000 + seconds * 1_000)
}

fn user() -> User {
    User {
        id: UserId(uuid(1)),
        name: "Ada".to_owned(),
    }
}

fn data(text: &str) -> Json {
    Json::from(serde_json::value::RawValue::from_string(text.to_owned()).expect("JSON"))
}

fn session() -> SessionId {
    SessionId(uuid(2))
}

fn document_id() -> DocumentId {
    DocumentId(uuid(3))
}

fn workspace_id() -> WorkspaceId {
    WorkspaceId(uuid(4))
}

fn resource() -> Resource {
    Resource::Document { id: document_id() }
}

fn lock() -> Lock {
    Lock {
        resource: resource(),
        mode: LockMode::Exclusive,
        fence: 7,
        session_id: session(),
        user_id: UserId(uuid(1)),
        user_name: "Ada".to_owned(),
        device_name: "Ada's laptop".to_owned(),
        acquired_at: at(0),
        heartbeat_at: at(15),
        expires_at: at(60),
    }
}

fn actor() -> Actor {
    Actor {
        id: UserId(uuid(1)),
        name: "Ada".to_owned(),
        session_id: Some(session()),
    }
}

fn document() -> Document {
    Document {
        id: document_id(),
        name: "Plan".to_owned(),
        kind: DocumentKind::Canvas,
        workspace_id: Some(workspace_id()),
        project_id: None,
        version: 3,
        created_at: at(0),
        created_by: user(),
        updated_at: at(5),
        updated_by: user(),
        lock: None,
    }
}

fn project() -> Project {
    Project {
        id: ProjectId(uuid(5)),
        workspace_id: workspace_id(),
        name: "Site".to_owned(),
        created_at: at(0),
    }
}

fn held() -> HeldLock {
    HeldLock {
        resource: resource(),
        fence: 7,
    }
}

#[test]
fn account() {
    wire!("account":
        user(),
        [Role::Viewer, Role::Annotator, Role::Editor, Role::Owner],
        SignInRequest { email: "ada@example.org".to_owned(), password: "secret".to_owned(), device_name: "laptop".to_owned() },
        SignedIn { token: "0123".to_owned(), expires_at: at(0), user: user() },
        Me { id: UserId(uuid(1)), name: "Ada".to_owned(), email: "ada@example.org".to_owned(), sign_in_id: SignInId(uuid(6)) },
        ChangePassword { current: "old".to_owned(), new: "new".to_owned() },
        SignIn { id: SignInId(uuid(6)), device_name: "laptop".to_owned(), created_at: at(0), used_at: at(1), current: true },
        Workspace { id: workspace_id(), name: "Studio".to_owned(), role: Role::Owner, created_at: at(0) },
        Member { user: user(), email: "ada@example.org".to_owned(), role: Role::Editor, joined_at: at(0) },
        AddMember { email: "bo@example.org".to_owned(), role: Role::Viewer },
        ChangeMember { role: Role::Annotator },
        project(),
        Named { name: "Studio".to_owned() },
        AuditEntry { at: at(0), by: user(), action: "force_take".to_owned(), subject: "Plan".to_owned(), reason: Some("late".to_owned()) },
        Page { items: vec![project()], next: Some("cursor".to_owned()) },
    );
}

#[test]
fn secrets_are_not_in_debug_output() {
    let request = SignInRequest {
        email: "ada@example.org".to_owned(),
        password: "secret".to_owned(),
        device_name: "laptop".to_owned(),
    };
    let signed_in = SignedIn {
        token: "secret".to_owned(),
        expires_at: at(0),
        user: user(),
    };
    let change = ChangePassword {
        current: "secret".to_owned(),
        new: "secret".to_owned(),
    };
    let shown = format!("{request:?} {signed_in:?} {change:?}");
    assert!(!shown.contains("secret") && !shown.contains("ada@"), "{shown}");
}

#[test]
fn sessions() {
    wire!("session":
        OpenSession { session_id: session(), workspace_id: Some(workspace_id()), device_name: "laptop".to_owned(), ttl_ms: Some(20_000) },
        OpenSession { session_id: session(), workspace_id: None, device_name: "laptop".to_owned(), ttl_ms: None },
        OpenedSession { session_id: session(), ttl_ms: 45_000, heartbeat_ms: 15_000, grace_ms: 5_000, expires_at: at(45) },
        HeartbeatRequest { idle_ms: Some(1_000) },
        HeartbeatRequest::default(),
        HeartbeatAnswer { expires_at: at(45), locks: vec![held()] },
        Session {
            session_id: session(), workspace_id: None, device_name: "laptop".to_owned(), opened_at: at(0), heartbeat_at: at(15),
            ttl_ms: 45_000, expires_at: at(60), locks: vec![lock()],
        },
    );
}

#[test]
fn locks() {
    wire!("lock":
        lock(),
        [
            Resource::Workspace { id: workspace_id() }, resource(),
            Resource::Element { id: "shape".to_owned(), document_id: document_id() },
        ],
        [LockMode::Exclusive, LockMode::Shared],
        [AcquireStatus::Acquired, AcquireStatus::Refreshed],
        [
            ReleaseReason::Released, ReleaseReason::Expired, ReleaseReason::Disconnected, ReleaseReason::Idle,
            ReleaseReason::SignedOut, ReleaseReason::Forced, ReleaseReason::HandedOver, ReleaseReason::Revoked,
        ],
        AcquireRequest { session_id: session(), mode: LockMode::Shared, wait: true },
        AcquireAnswer { status: AcquireStatus::Acquired, lock: lock() },
        LockState { locked: true, lock: Some(lock()), holders: vec![lock()], offer: None },
        LockState {
            locked: false, lock: None, holders: Vec::new(),
            offer: Some(Offer { session_id: session(), user_id: UserId(uuid(1)), until: at(30) }),
        },
        LockHeartbeatRequest { session_id: session() },
        ExpiresAt { expires_at: at(45) },
        ForceTakeRequest { session_id: session(), reason: "late".to_owned() },
        LockAnswer { lock: lock() },
        Locks { locks: Vec::new() },
        held(),
    );
}

#[test]
fn a_short_lock_request_means_exclusive_and_now() {
    let text = json!({"session_id": session()}).to_string();
    let request: AcquireRequest = serde_json::from_str(&text).unwrap();
    assert_eq!((request.mode, request.wait), (LockMode::Exclusive, false));
}

#[test]
fn documents() {
    let change = |op: &str, data: Option<Json>| CommittedChange {
        op: op.to_owned(),
        id: Some("shape".to_owned()),
        version: 2,
        sha256: None,
        data,
    };
    wire!("document":
        document(),
        [DocumentKind::Canvas, DocumentKind::Image],
        CreateDocument { name: "Plan".to_owned(), kind: DocumentKind::Image, workspace_id: None, project_id: Some(ProjectId(uuid(5))) },
        Content {
            version: 3,
            scene: Scene { version: 1, data: data(r#"{"appState":{}}"#) },
            elements: vec![Element { id: "shape".to_owned(), version: 2, updated_at: at(0), updated_by: user(), data: data(r#"{"id":"shape"}"#) }],
            files: vec![FileEntry { id: "photo".to_owned(), version: 1, sha256: "00ff".to_owned(), data: data("{}") }],
        },
        CommitRequest {
            commit_id: CommitId(uuid(7)), session_id: session(), fence: 7, base_version: 2,
            changes: vec![
                Change::Put { id: "shape".to_owned(), base_version: 1, data: data(r#"{"id":"shape"}"#) },
                Change::Delete { id: "line".to_owned(), base_version: 2 },
                Change::Scene { base_version: 0, data: data("{}") },
                Change::File { id: "photo".to_owned(), base_version: 0, sha256: "00ff".to_owned(), data: data("{}") },
            ],
        },
        CommitAnswer {
            version: 3, elements: vec![ElementVersion { id: "shape".to_owned(), version: 2 }], scene_version: Some(1),
            files: vec![ElementVersion { id: "photo".to_owned(), version: 1 }],
        },
        CommitAnswer { version: 3, elements: Vec::new(), scene_version: None, files: Vec::new() },
        ElementConflict {
            element_id: "shape".to_owned(), your_version: 1, current_version: 2, updated_at: Some(at(0)), updated_by: Some(user()),
            data: Some(data("{}")), deleted: false,
        },
        HeldElement { element_id: "shape".to_owned(), holder: Some(lock()) },
        [change("put", Some(data("{}"))), change("delete", None)],
        CommitEntry {
            version: 3, commit_id: CommitId(uuid(7)), base_version: 2, at: at(0), by: user(), device_name: "laptop".to_owned(),
            restored_version: Some(1), name: Some("for review".to_owned()), change_count: 1,
            changes: vec![ChangeSummary { op: "scene".to_owned(), id: None, version: 2 }],
        },
        NameVersion { name: None },
        RestoreRequest { version: 1, session_id: session(), fence: 7, commit_id: CommitId(uuid(7)) },
    );
}

#[test]
fn rooms() {
    let (by, reason) = (actor(), ReleaseReason::Released);
    wire!("room":
        [Room::Document(document_id()), Room::Project(ProjectId(uuid(5))), Room::Workspace(workspace_id()), Room::User(UserId(uuid(1)))],
        Event::DocumentLocked { lock: lock() },
        Event::DocumentUnlocked { resource: resource(), reason, by: by.clone() },
        Event::DocumentForceTaken { lock: lock(), previous: vec![lock()], by: by.clone(), reason: "late".to_owned() },
        Event::ElementsLocked { locks: Vec::new() },
        Event::ElementsUnlocked { resources: Vec::new(), reason, by: by.clone() },
        Event::WorkspaceLocked { lock: lock() },
        Event::WorkspaceUnlocked { resource: resource(), reason, by: by.clone() },
        Event::WorkspaceForceTaken { lock: lock(), previous: Vec::new(), by: by.clone(), reason: "late".to_owned() },
        Event::DocumentCommitted {
            document_id: document_id(), version: 3, commit_id: CommitId(uuid(7)), by: by.clone(),
            changes: vec![CommittedChange { op: "put".to_owned(), id: Some("shape".to_owned()), version: 2, sha256: None, data: Some(data(r#"{"x":1.50}"#)) }],
        },
        Event::DocumentCreated { document: document(), by: by.clone() },
        Event::DocumentChanged { document: document(), by: by.clone() },
        Event::DocumentDeleted { document_id: document_id(), by: by.clone() },
        Event::WorkspaceChanged { workspace_id: workspace_id(), name: "Studio".to_owned(), by: by.clone() },
        Event::WorkspaceRemoved { workspace_id: workspace_id(), by: by.clone() },
        Event::ProjectChanged { project: project(), by: by.clone() },
        Event::ProjectDeleted { project_id: ProjectId(uuid(5)), by: by.clone() },
        Event::LockOffered { resource: resource(), session_id: session(), until: at(30) },
        Event::HandOverRequested { resource: resource(), by: by.clone(), message: Some("please".to_owned()) },
        Event::HandOverDeclined { resource: resource(), by },
        Event::WaitersChanged { resource: resource(), waiters: 2 },
        Presence { session_id: session(), user: user(), state: Some(json!({"x": 1})) },
        Presence { session_id: session(), user: user(), state: None },
    );
}

#[test]
fn sockets() {
    let room = Room::Document(document_id());
    let program = || Program {
        name: "holdfast".to_owned(),
        version: "0.1.0".to_owned(),
    };
    wire!("socket":
        ClientFrame::Hello { protocol: 1, client: program() },
        ClientFrame::Attach { session_id: session() },
        ClientFrame::Detach { session_id: session() },
        ClientFrame::Heartbeat { sessions: vec![session()], idle_ms: HashMap::from([(session(), 1_000)]) },
        ClientFrame::Subscribe { room, after: Some(Position { epoch: "e-1".to_owned(), seq: 7 }) },
        ClientFrame::Unsubscribe { room },
        ClientFrame::Presence { room, session_id: session(), state: Some(json!({"x": 1})) },
        ServerFrame::Welcome { protocol: 1, server: program(), heartbeat_ms: 15_000 },
        ServerFrame::Attached { session_id: session(), expires_at: at(45), locks: vec![held()] },
        ServerFrame::HeartbeatAck { sessions: vec![
            HeartbeatAck::Renewed { session_id: session(), expires_at: at(45) },
            HeartbeatAck::Refused { session_id: session(), code: Code::SessionNotFound },
        ] },
        ServerFrame::Subscribed { room, epoch: "e-1".to_owned(), seq: 7, resumed: true, snapshot: RoomSnapshot::default() },
        ServerFrame::Presence { room, presence: Presence { session_id: session(), user: user(), state: None } },
        ServerFrame::Resync { room },
        ServerFrame::Error { code: Code::Forbidden, detail: "no".to_owned(), room: Some(room), session_id: None },
        ServerFrame::Closing { reason: "draining".to_owned(), reconnect_after_ms: Some(1_000) },
        EventFrame { room, epoch: "e-1".to_owned(), seq: 8, event: Event::DocumentDeleted { document_id: document_id(), by: actor() } },
    );
    let head: ServerFrameHead = serde_json::from_str(r#"{"type":"event","seq":1}"#).unwrap();
    assert_eq!(head.kind, "event");
}

#[test]
fn problems() {
    wire!("problem":
        Problem::new(Code::NotFound, "no such thing"),
        Problem::invalid("changes[0].id", "is empty"),
        Problem {
            errors: vec![FieldError { field: "name".to_owned(), detail: "is empty".to_owned() }],
            holder: Some(Box::new(lock())),
            same_user: Some(false),
            waiters: Some(1),
            offer: Some(Offer { session_id: session(), user_id: UserId(uuid(1)), until: at(30) }),
            current_version: Some(3),
            conflicts: vec![ElementConflict {
                element_id: "shape".to_owned(), your_version: 1, current_version: 2, updated_at: None, updated_by: None,
                data: None, deleted: true,
            }],
            elements: vec![HeldElement { element_id: "shape".to_owned(), holder: None }],
            ..Problem::new(Code::LockHeld, "locked")
        },
    );
}

#[test]
fn every_code_has_its_name_and_status() {
    let codes = [
        Code::Unauthenticated,
        Code::Forbidden,
        Code::NotFound,
        Code::SessionNotFound,
        Code::SessionNotYours,
        Code::LockNotFound,
        Code::NotLockHolder,
        Code::LockHeld,
        Code::LockOffered,
        Code::LockRequired,
        Code::StaleFence,
        Code::VersionConflict,
        Code::NotCreator,
        Code::LastOwner,
        Code::AlreadyMember,
        Code::HashMismatch,
        Code::TooLarge,
        Code::Invalid,
        Code::MethodNotAllowed,
        Code::RateLimited,
        Code::Unavailable,
        Code::Internal,
    ];
    let lines: Vec<_> = codes
        .iter()
        .map(|code| {
            format!(
                "{} {} {}",
                code.status(),
                serde_json::to_string(code).unwrap(),
                code.title()
            )
        })
        .collect();
    insta::assert_snapshot!("codes", lines.join("\n"));
}
