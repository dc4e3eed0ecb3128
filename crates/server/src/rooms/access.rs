//! Who may listen where (R01), and what happens when that changes (R05).

use holdfast_protocol::{Code, room::Room, socket::ServerFrame};
use tokio::sync::mpsc;

use crate::{
    app::{App, Shared},
    caller::Caller,
    engine::{LockScope, Space},
    refusal::Refusal,
    rooms::{
        Entered,
        hub::{Doubt, forbidden},
    },
};

/// The space that a room is in, where the caller may listen.
pub(crate) async fn check(app: &App, caller: &Caller, room: Room) -> Result<Space, Refusal> {
    match room {
        Room::Document(id) => Ok(app.documents.target(caller, id).await?.space),
        Room::Project(id) => Ok(Space::Workspace(
            app.accounts.project(caller, id).await?.workspace_id,
        )),
        Room::Workspace(id) => {
            app.accounts.role(caller, id).await?;
            Ok(Space::Workspace(id))
        }
        Room::User(id) if id == caller.user.id => Ok(Space::Personal(id)),
        Room::User(_) => Err(Refusal::new(Code::Forbidden, "another user's room")),
    }
}

/// Which locks a room's snapshot shows.
pub(crate) const fn scope(room: Room) -> LockScope {
    match room {
        Room::Document(id) => LockScope::Document(id),
        Room::Project(id) => LockScope::Project(id),
        Room::Workspace(id) => LockScope::Workspace(id),
        Room::User(id) => LockScope::Personal(id),
    }
}

/// Settles doubts as they arrive, until the hub is gone: whoever still has access goes on where it was, without
/// having missed anything; whoever has not is told so.
pub(crate) async fn settle(app: Shared, mut doubts: mpsc::UnboundedReceiver<Doubt>) {
    while let Some(doubt) = doubts.recv().await {
        let Doubt {
            connection,
            caller,
            room,
            seq,
        } = doubt;
        loop {
            let checked_at = app.rooms.accesses();
            let word = match check(&app, &caller, room).await {
                Ok(_) => match app.rooms.readmit(connection, room, checked_at, seq) {
                    Entered::In => break,
                    Entered::Unchecked => continue,
                    Entered::Full(_) | Entered::Lost => ServerFrame::Resync { room },
                },
                Err(refusal) if matches!(refusal.code(), Code::NotFound | Code::Forbidden) => forbidden(room),
                // The storage failed: the reader asks again by itself, and is checked then.
                Err(_) => ServerFrame::Resync { room },
            };
            app.rooms.put_out(connection, room, &word);
            break;
        }
    }
}
