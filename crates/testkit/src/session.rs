//! An editor session as the server sees one: what it opens, locks and commits.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::{Answer, Client};

/// The path of a document's lock.
#[must_use]
pub fn lock_of(document: &str) -> String {
    format!("/v1/documents/{document}/lock")
}

/// A small rectangle; its `id` is all that the rules look at.
#[must_use]
pub fn rectangle(id: &str) -> Value {
    json!({"id": id, "type": "rectangle", "x": 10, "y": 20.5, "width": 30, "height": 40, "version": 1,
        "versionNonce": 7, "isDeleted": false})
}

/// A change that puts an element with this `id`.
#[must_use]
pub fn put(id: &str, base_version: i64) -> Value {
    json!({"op": "put", "id": id, "base_version": base_version, "data": rectangle(id)})
}

/// A change that deletes an element.
#[must_use]
pub fn remove(id: &str, base_version: i64) -> Value {
    json!({"op": "delete", "id": id, "base_version": base_version})
}

/// One editor window's session. It ends with its lease, not with this value.
#[derive(Debug, Clone)]
pub struct Session {
    client: Client,
    id: Uuid,
}

impl Session {
    /// A session that is not open yet.
    #[must_use]
    pub fn new(client: Client, id: Uuid) -> Self {
        Self { client, id }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        self.id.to_string()
    }

    /// Who opened it.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The same session by another way: see [`Client::at`].
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self::new(self.client.at(base), self.id)
    }

    /// `POST /v1/sessions`; the server's default lease where `ttl_ms` is null.
    pub async fn open(&self, workspace: Option<&str>, ttl_ms: &Value) -> Answer {
        let mut body = json!({
            "session_id": self.id,
            "workspace_id": workspace,
            "device_name": self.client.device(),
        });
        if !ttl_ms.is_null() {
            body["ttl_ms"] = ttl_ms.clone();
        }
        self.client.post("/v1/sessions", &body).await
    }

    /// Renews the lease.
    pub async fn heartbeat(&self) -> Answer {
        self.client
            .post(&format!("/v1/sessions/{}/heartbeat", self.id), &json!({}))
            .await
    }

    /// Looks at the session.
    pub async fn look(&self) -> Answer {
        self.client.get(&format!("/v1/sessions/{}", self.id)).await
    }

    /// Says goodbye.
    pub async fn close(&self) -> Answer {
        self.client.delete(&format!("/v1/sessions/{}", self.id)).await
    }

    /// Asks for a document's lock.
    pub async fn acquire(&self, document: &str) -> Answer {
        self.ask(&lock_of(document), "exclusive").await
    }

    /// Asks for a lock by its path, in a mode.
    pub async fn ask(&self, lock: &str, mode: &str) -> Answer {
        self.client
            .post(lock, &json!({"session_id": self.id, "mode": mode}))
            .await
    }

    /// Acquires a document's free lock; answers the fence.
    pub async fn lock(&self, document: &str) -> i64 {
        let answer = self.acquire(document).await.ok(201);
        assert_eq!(answer["status"], "acquired");
        answer.integer("/lock/fence")
    }

    /// Gives a document's lock back.
    pub async fn release(&self, document: &str) -> Answer {
        self.client
            .delete(&format!("{}?session_id={}", lock_of(document), self.id))
            .await
    }

    /// Takes a document's lock by force.
    pub async fn force_take(&self, document: &str, reason: &str) -> Answer {
        let path = format!("{}/force-take", lock_of(document));
        self.client
            .post(&path, &json!({"session_id": self.id, "reason": reason}))
            .await
    }

    /// Commits changes under a fence, with a `commit_id` of its own.
    pub async fn commit(&self, document: &str, fence: i64, changes: &[Value]) -> Answer {
        self.commit_as(Uuid::new_v4(), document, fence, changes).await
    }

    /// [`Session::commit`] with a given `commit_id`, to send the same one again.
    pub async fn commit_as(&self, id: Uuid, document: &str, fence: i64, changes: &[Value]) -> Answer {
        let body = json!({
            "commit_id": id,
            "session_id": self.id,
            "fence": fence,
            "base_version": 0,
            "changes": changes,
        });
        self.client
            .post(&format!("/v1/documents/{document}/commits"), &body)
            .await
    }
}
