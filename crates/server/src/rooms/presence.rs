//! Who is looking: kept as long as the socket is there, never stored, lossy under load (R06).

use holdfast_protocol::{
    Code, SessionId,
    account::User,
    room::{Presence, Room},
    socket::ServerFrame,
};
use serde_json::Value;

use crate::{
    engine::ConnectionId,
    refusal::Refusal,
    rooms::{Rooms, hub::Place, outbox::text_of},
};

/// Largest state, in bytes of JSON: a cursor and a selection, with plenty of room.
const STATE_BYTES: usize = 16 << 10;

/// One session that looks.
pub(super) struct Seen {
    pub(super) connection: ConnectionId,
    pub(super) session: SessionId,
    pub(super) user: User,
    pub(super) state: Value,
}

impl Seen {
    fn presence(&self) -> Presence {
        Presence {
            session_id: self.session,
            user: self.user.clone(),
            state: Some(self.state.clone()),
        }
    }
}

impl Rooms {
    /// Tells a room's others what a session looks at; null when it leaves. The room must be joined, and the session
    /// attached, on this very socket.
    pub(crate) fn tell_presence(
        &self,
        connection: ConnectionId,
        room: Room,
        session: SessionId,
        state: Option<Value>,
    ) -> Result<(), Refusal> {
        if !matches!(room, Room::Document(_)) {
            return Err(Refusal::invalid("room", "presence is for rooms of documents"));
        }
        let size = state.as_ref().map_or(0, |state| state.to_string().len());
        if size > STATE_BYTES {
            let detail = format!("the state has {size} bytes; {STATE_BYTES} are allowed");
            return Err(Refusal::new(Code::TooLarge, detail));
        }
        self.with(|hub| {
            let not_joined = || Refusal::new(Code::Forbidden, "this socket is not in the room");
            let listener = hub.listeners.get(&connection).ok_or_else(not_joined)?;
            if !listener.sessions.contains(&session) {
                return Err(Refusal::new(
                    Code::SessionNotYours,
                    "the session is not attached to this socket",
                ));
            }
            let user = listener.caller.user.clone();
            // Several windows may share this socket, and each wants to see the others.
            let alone = listener.sessions.len() == 1;
            let place = hub.places.get_mut(&room).ok_or_else(not_joined)?;
            if !place.members.contains_key(&connection) {
                return Err(not_joined());
            }
            match state {
                None => place.forget_presence(room, |seen| seen.session == session),
                Some(state) => {
                    let seen = Seen {
                        connection,
                        session,
                        user,
                        state,
                    };
                    place.tell(room, seen.presence(), alone.then_some(connection));
                    place.presence.insert(session, seen);
                }
            }
            Ok(())
        })
    }
}

impl Place {
    /// Who is looking now.
    pub(super) fn everybody(&self) -> Vec<Presence> {
        self.presence.values().map(Seen::presence).collect()
    }

    /// Takes out those that `which` names, and tells the room.
    pub(super) fn forget_presence(&mut self, room: Room, which: impl Fn(&Seen) -> bool) {
        let gone: Vec<Seen> = self
            .presence
            .extract_if(|_, seen| which(seen))
            .map(|(_, seen)| seen)
            .collect();
        for seen in gone {
            let left = Presence {
                state: None,
                ..seen.presence()
            };
            self.tell(room, left, Some(seen.connection));
        }
    }

    fn tell(&self, room: Room, presence: Presence, not_to: Option<ConnectionId>) {
        let (session, leaves) = (presence.session_id, presence.state.is_none());
        let text = text_of(&ServerFrame::Presence { room, presence });
        for (id, outbox) in &self.members {
            if Some(*id) != not_to {
                outbox.presence(room, session, text.clone(), leaves);
            }
        }
    }
}
