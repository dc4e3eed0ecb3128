//! Who and what most tests begin with.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use holdfast_testkit::{Answer, Client, Server, Socket, eventually::until, seconds};
use serde_json::Value;

/// Room for a busy machine, where a rule sets no time itself.
pub(crate) const SOON: Duration = seconds(10);

/// A server with a workspace: Ada owns it, Bo edits in it.
pub(crate) struct Team {
    pub(crate) server: Server,
    pub(crate) ada: Client,
    pub(crate) bo: Client,
    pub(crate) workspace: String,
}

impl Team {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        let server = Server::start_with(arguments.iter().copied()).await;
        let (ada, bo) = (server.user("Ada").await, server.user("Bo").await);
        let workspace = ada.workspace("Studio").await;
        ada.add_member(&workspace, "bo@example.org", "editor").await;
        Self {
            server,
            ada,
            bo,
            workspace,
        }
    }

    /// One more member.
    pub(crate) async fn member(&self, name: &str, role: &str) -> Client {
        let client = self.server.user(name).await;
        let email = format!("{}@example.org", name.to_lowercase());
        self.ada.add_member(&self.workspace, &email, role).await;
        client
    }

    /// A canvas in the workspace.
    pub(crate) async fn canvas(&self, name: &str) -> String {
        self.ada.canvas_in(&self.workspace, name).await
    }

    /// A session in the workspace.
    pub(crate) async fn session(&self, client: &Client) -> holdfast_testkit::Session {
        client.session(Some(&self.workspace)).await
    }
}

/// The state of a document's lock.
pub(crate) async fn lock_state(client: &Client, document: &str) -> Answer {
    client
        .get(&format!("/v1/documents/{document}/lock"))
        .await
        .ok(200)
}

/// Whether nobody holds a document's lock.
pub(crate) async fn is_free(client: &Client, document: &str) -> bool {
    lock_state(client, document).await["locked"] == false
}

/// The room of a document.
pub(crate) fn room_of(document: &str) -> String {
    format!("document:{document}")
}

/// A socket that listens to a room.
pub(crate) async fn listener(client: &Client, room: &str) -> Socket {
    let socket = Socket::connect(client).await;
    socket.subscribe(room).await;
    socket
}

/// A wire timestamp as milliseconds since the epoch.
pub(crate) fn moment(value: &Value) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("no timestamp: {value}"));
    let (date, time) = text.trim_end_matches('Z').split_once('T').expect("RFC 3339");
    let numbers = |part: &str| {
        part.split(['-', ':', '.'])
            .map(|n| n.parse().expect("a number"))
            .collect::<Vec<i64>>()
    };
    let (date, time) = (numbers(date), numbers(time));
    // Days of the civil calendar since 1970, counting years from March.
    let (year, month) = if date[1] > 2 {
        (date[0], date[1] - 3)
    } else {
        (date[0] - 1, date[1] + 9)
    };
    let days =
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date[2] - 1 - 719_468;
    ((days * 24 + time[0]) * 60 + time[1]) * 60_000 + time[2] * 1_000 + time[3]
}

/// This machine's clock, which is the server's too.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    i64::try_from(since.as_millis()).expect("a clock before the year 292,000,000")
}

/// Waits until this machine's clock shows a moment.
pub(crate) async fn reach(moment: i64) {
    until("the clock gets there", seconds(60), async || now() >= moment).await;
}

#[test]
fn a_moment_is_read_right() {
    assert_eq!(
        moment(&Value::from("2025-11-20T00:53:20.007Z")),
        1_763_600_000_007
    );
    assert_eq!(
        moment(&Value::from("2024-02-29T12:00:00.000Z")),
        1_709_208_000_000
    );
}
