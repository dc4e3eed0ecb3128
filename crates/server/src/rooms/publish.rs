//! From happenings to frames: numbered once a room, written down once, shared by all readers.

use std::{sync::Arc, time::Instant};

use holdfast_protocol::{
    SignInId,
    document::CommittedChange,
    room::{Event, Room},
    socket::{EventFrame, ServerFrame},
};
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    engine::{ConnectionId, Space},
    happening::{Happening, Publisher},
    rooms::{
        Rooms,
        hub::{Doubt, State},
        outbox::{Ending, Outbox, text_of},
    },
};

impl Publisher for Rooms {
    fn publish(&self, happenings: Vec<Happening>) {
        self.with(|state| {
            for happening in happenings {
                match happening {
                    Happening::Event { rooms, event } => self.event(state, &rooms, &event),
                    Happening::AccessChanged { user, workspace } => {
                        let space = Space::Workspace(workspace);
                        self.doubt(state, |place, caller| place == space && caller == user);
                    }
                    Happening::SignInEnded { sign_in } => end_sockets(state, sign_in),
                    Happening::SessionEnded { session } => {
                        for connection in state.sessions.remove(&session).unwrap_or_default() {
                            state.vanish(session, connection);
                            if let Some(listener) = state.listeners.get_mut(&connection) {
                                listener.sessions.remove(&session);
                            }
                        }
                    }
                }
            }
        });
    }
}

impl Rooms {
    fn event(&self, state: &mut State, rooms: &[Room], event: &Event) {
        // Whoever can't follow a document to its new space must not hear where it went.
        if let Event::DocumentChanged { document, by } = event {
            let room = Room::Document(document.id);
            if let Some(place) = state.places.get_mut(&room) {
                let was = match place.space {
                    Space::Workspace(id) => Some(id),
                    Space::Personal(_) => None,
                };
                if was != document.workspace_id {
                    place.space = document
                        .workspace_id
                        .map_or(Space::Personal(by.id), Space::Workspace);
                    self.doubt_room(state, room);
                }
            }
        }
        let heard = rooms.iter().any(|room| state.places.contains_key(room));
        if heard {
            self.deliver(state, rooms, event);
        }
        self.after(state, rooms, event);
    }

    fn deliver(&self, state: &mut State, rooms: &[Room], event: &Event) {
        let Ok(whole) = to_raw_value(event) else {
            tracing::error!("an event could not be written down");
            return;
        };
        let bare = match event {
            Event::DocumentCommitted { .. } => to_raw_value(&without_data(event)).ok(),
            _ => None,
        };
        for room in rooms {
            let body = match room {
                Room::Document(_) => &whole,
                _ => bare.as_ref().unwrap_or(&whole),
            };
            self.deliver_to(state, *room, body);
        }
    }

    fn deliver_to(&self, state: &mut State, room: Room, body: &RawValue) {
        let State { places, bytes, .. } = state;
        let Some(place) = places.get_mut(&room) else {
            return;
        };
        let text = text_of(&EventFrame {
            room,
            epoch: place.epoch.clone(),
            seq: place.past.seq() + 1,
            event: body,
        });
        let before = place.past.bytes();
        place.past.push(Instant::now(), &text, *bytes);
        *bytes = *bytes + place.past.bytes() - before;
        let slow: Vec<(ConnectionId, Arc<Outbox>)> = place
            .members
            .iter()
            .filter(|(_, outbox)| !outbox.event(room, text.clone()))
            .map(|(id, outbox)| (*id, outbox.clone()))
            .collect();
        for (id, outbox) in slow {
            self.slow_readers.increment(1);
            outbox.cut(room, &ServerFrame::Resync { room });
            if let Some(listener) = state.listeners.get_mut(&id) {
                listener.rooms.remove(&room);
            }
            state.leave(room, id);
        }
    }

    /// What an event means for those who listen.
    fn after(&self, state: &mut State, rooms: &[Room], event: &Event) {
        match event {
            Event::DocumentDeleted { document_id, .. } => {
                self.doubt_room(state, Room::Document(*document_id));
            }
            Event::ProjectDeleted { project_id, .. } => self.doubt_room(state, Room::Project(*project_id)),
            Event::WorkspaceRemoved { workspace_id, .. }
                if rooms.contains(&Room::Workspace(*workspace_id)) =>
            {
                let space = Space::Workspace(*workspace_id);
                self.doubt(state, |place, _| place == space);
            }
            _ => {}
        }
    }

    fn doubt_room(&self, state: &mut State, room: Room) {
        let members = state
            .places
            .get(&room)
            .map(|place| place.members.keys().copied().collect::<Vec<_>>());
        for connection in members.unwrap_or_default() {
            self.doubt_member(state, room, connection);
        }
        state.accesses += 1;
    }

    /// Takes everybody whom `whom` names (by the room's space and the user) out of the rooms until it is settled.
    fn doubt(&self, state: &mut State, whom: impl Fn(Space, holdfast_protocol::UserId) -> bool) {
        let mut doubted = Vec::new();
        for (room, place) in &state.places {
            for connection in place.members.keys() {
                let user = state
                    .listeners
                    .get(connection)
                    .map(|listener| listener.caller.user.id);
                if user.is_some_and(|user| whom(place.space, user)) {
                    doubted.push((*room, *connection));
                }
            }
        }
        for (room, connection) in doubted {
            self.doubt_member(state, room, connection);
        }
        state.accesses += 1;
    }

    fn doubt_member(&self, state: &mut State, room: Room, connection: ConnectionId) {
        let (Some(place), Some(listener)) = (state.places.get_mut(&room), state.listeners.get(&connection))
        else {
            return;
        };
        place.members.remove(&connection);
        let doubt = Doubt {
            connection,
            caller: listener.caller.clone(),
            room,
            seq: place.past.seq(),
        };
        // Nobody settles doubts any more only where the server is ending, and then nobody is let in again either.
        let _ = self.doubts.send(doubt);
    }
}

/// R05: the sockets of a sign-in that has ended are closed at once.
fn end_sockets(state: &State, sign_in: SignInId) {
    for listener in state
        .listeners
        .values()
        .filter(|listener| listener.caller.sign_in == sign_in)
    {
        listener.outbox.end(Ending::SignedOut);
    }
}

/// R02: what rooms other than the document's hear of a commit.
fn without_data(event: &Event) -> Event {
    let mut bare = event.clone();
    if let Event::DocumentCommitted { changes, .. } = &mut bare {
        for change in changes {
            let CommittedChange { data, .. } = change;
            *data = None;
        }
    }
    bare
}
