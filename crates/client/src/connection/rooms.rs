//! The rooms that this client is in, where it is in each, and who listens.

use std::{collections::HashMap, sync::Arc};

use holdfast_protocol::{
    Code,
    room::{Event, Presence, Room},
    socket::{ClientFrame, Position, RoomSnapshot},
};

use super::{Listener, News, RoomNews};

/// Who listens to a room.
#[derive(Debug)]
struct Ear {
    id: u64,
    listener: Listener,
    /// Joined after the last snapshot: has nothing to build on yet.
    fresh: bool,
}

#[derive(Debug, Default)]
struct Joined {
    /// The last event delivered.
    position: Option<Position>,
    /// Whether the server was asked on this link.
    asked: bool,
    /// Whether the server could not answer just now.
    later: bool,
    ears: Vec<Ear>,
}

/// All rooms. Their positions outlive the link: coming back, each is joined where it was left (R03).
#[derive(Debug, Default)]
pub(crate) struct Rooms(HashMap<Room, Joined>);

impl Rooms {
    /// A listener joins. It begins with a snapshot, for which a room joined already is joined again where it is.
    pub(crate) fn join(&mut self, room: Room, id: u64, listener: Listener) {
        let joined = self.0.entry(room).or_default();
        joined.ears.push(Ear {
            id,
            listener,
            fresh: true,
        });
        joined.asked = false;
    }

    /// A listener leaves; whether it was the last one.
    pub(crate) fn leave(&mut self, room: Room, id: u64) -> bool {
        let Some(joined) = self.0.get_mut(&room) else {
            return false;
        };
        joined.ears.retain(|ear| ear.id != id);
        let last = joined.ears.is_empty();
        if last {
            self.0.remove(&room);
        }
        last
    }

    /// The link is down: everything is to be asked for again.
    pub(crate) fn down(&mut self) {
        for joined in self.0.values_mut() {
            joined.asked = false;
            joined.tell(&News::Down);
        }
    }

    /// What to ask the server for.
    pub(crate) fn requests(&mut self) -> Vec<ClientFrame> {
        let missing = self.0.iter_mut().filter(|(_, joined)| !joined.asked);
        missing
            .map(|(room, joined)| {
                joined.asked = true;
                ClientFrame::Subscribe {
                    room: *room,
                    after: joined.position.clone(),
                }
            })
            .collect()
    }

    pub(crate) fn subscribed(&mut self, room: Room, at: Position, resumed: bool, snapshot: RoomSnapshot) {
        let Some(joined) = self.0.get_mut(&room) else {
            return;
        };
        let here = joined.position.as_ref();
        let further = here.is_some_and(|here| here.epoch == at.epoch && here.seq > at.seq);
        if !(resumed && further) {
            joined.position = Some(at);
        }
        let snapshot = Arc::new(snapshot);
        for ear in &mut joined.ears {
            let news = if resumed && !ear.fresh {
                RoomNews::Resumed
            } else {
                RoomNews::Snapshot(Arc::clone(&snapshot))
            };
            ear.fresh = false;
            ear.tell(News::Room(room, news));
        }
    }

    /// Delivers an event once and in order; where one is missing, asks for what follows the last one seen.
    pub(crate) fn event(&mut self, room: Room, at: Position, event: Event) {
        let Some(joined) = self.0.get_mut(&room) else {
            return;
        };
        if joined.follows(room, at) {
            joined.tell(&News::Room(room, RoomNews::Event(Arc::new(event))));
        }
    }

    /// An event that only counts.
    pub(crate) fn skip(&mut self, room: Room, at: Position) {
        if let Some(joined) = self.0.get_mut(&room) {
            joined.follows(room, at);
        }
    }

    pub(crate) fn presence(&mut self, room: Room, presence: Presence) {
        if let Some(joined) = self.0.get_mut(&room) {
            joined.tell(&News::Room(room, RoomNews::Presence(presence)));
        }
    }

    /// Asks again where the server could not answer.
    pub(crate) fn ask_again(&mut self) {
        for joined in self.0.values_mut() {
            if std::mem::take(&mut joined.later) {
                joined.asked = false;
            }
        }
    }

    /// What was known of the room is void.
    pub(crate) fn resync(&mut self, room: Room) {
        if let Some(joined) = self.0.get_mut(&room) {
            joined.position = None;
            joined.asked = false;
        }
    }

    /// The server did not let this client in. A passing refusal is asked again later.
    pub(crate) fn refused(&mut self, room: Room, code: Code, detail: &str) {
        let passing = matches!(code, Code::Unavailable | Code::RateLimited | Code::Internal);
        if let Some(joined) = self.0.get_mut(&room) {
            joined.later = passing;
            if !passing {
                joined.position = None;
                joined.tell(&News::Room(room, RoomNews::Refused(code, detail.to_owned())));
            }
        }
    }
}

impl Joined {
    /// Whether this is the next event; then it is the last one seen.
    fn follows(&mut self, room: Room, at: Position) -> bool {
        match &self.position {
            Some(here) if here.epoch == at.epoch && at.seq <= here.seq => false,
            Some(here) if here.epoch == at.epoch && at.seq == here.seq + 1 => {
                self.position = Some(at);
                true
            }
            _ => {
                tracing::warn!(%room, seq = at.seq, "an event is missing before this one: joining again");
                self.asked = false;
                false
            }
        }
    }

    fn tell(&self, news: &News) {
        for ear in &self.ears {
            ear.tell(news.clone());
        }
    }
}

impl Ear {
    fn tell(&self, news: News) {
        // a listener that has gone leaves with its next `Leave`
        let _ = self.listener.send(news);
    }
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::{DocumentId, UserId, room::Actor};
    use tokio::sync::mpsc;

    use super::*;

    fn at(epoch: &str, seq: i64) -> Position {
        Position {
            epoch: epoch.into(),
            seq,
        }
    }

    fn event() -> Event {
        Event::DocumentDeleted {
            document_id: DocumentId::random(),
            by: Actor {
                id: UserId::random(),
                name: "Ada".into(),
                session_id: None,
            },
        }
    }

    fn kinds(news: &mut mpsc::UnboundedReceiver<News>) -> String {
        let mut kinds = String::new();
        while let Ok(news) = news.try_recv() {
            kinds.push(match news {
                News::Room(_, RoomNews::Snapshot(_)) => 's',
                News::Room(_, RoomNews::Resumed) => 'r',
                News::Room(_, RoomNews::Event(_)) => 'e',
                News::Down => 'd',
                _ => '?',
            });
        }
        kinds
    }

    #[test]
    fn r03_a_room_is_joined_again_where_it_was_left() {
        let room = Room::Document(DocumentId::random());
        let (listener, mut news) = mpsc::unbounded_channel();
        let mut rooms = Rooms::default();
        rooms.join(room, 1, listener);
        assert!(matches!(
            rooms.requests()[..],
            [ClientFrame::Subscribe { after: None, .. }]
        ));
        rooms.subscribed(room, at("e", 4), false, RoomSnapshot::default());
        rooms.event(room, at("e", 5), event());
        rooms.event(room, at("e", 5), event());
        rooms.down();
        let requests = rooms.requests();
        let [
            ClientFrame::Subscribe {
                after: Some(after), ..
            },
        ] = &requests[..]
        else {
            panic!("{requests:?}");
        };
        assert_eq!(*after, at("e", 5));
        rooms.subscribed(room, at("e", 5), true, RoomSnapshot::default());
        assert_eq!(
            kinds(&mut news),
            "sedr",
            "an event is delivered once, a resumed room is not begun anew"
        );
    }

    #[test]
    fn r02_a_gap_is_filled_from_the_last_event_seen() {
        let room = Room::Document(DocumentId::random());
        let (listener, mut news) = mpsc::unbounded_channel();
        let mut rooms = Rooms::default();
        rooms.join(room, 1, listener);
        rooms.requests();
        rooms.subscribed(room, at("e", 4), false, RoomSnapshot::default());
        rooms.event(room, at("e", 6), event());
        assert_eq!(kinds(&mut news), "s");
        assert!(
            matches!(&rooms.requests()[..], [ClientFrame::Subscribe { after: Some(after), .. }] if *after == at("e", 4))
        );
    }

    #[test]
    fn a_second_listener_begins_with_a_snapshot_and_the_first_misses_nothing() {
        let room = Room::Document(DocumentId::random());
        let (first, mut first_news) = mpsc::unbounded_channel();
        let (second, mut second_news) = mpsc::unbounded_channel();
        let mut rooms = Rooms::default();
        rooms.join(room, 1, first);
        rooms.requests();
        rooms.subscribed(room, at("e", 4), false, RoomSnapshot::default());
        rooms.join(room, 2, second);
        assert_eq!(rooms.requests().len(), 1);
        rooms.subscribed(room, at("e", 4), true, RoomSnapshot::default());
        rooms.event(room, at("e", 5), event());
        assert_eq!(kinds(&mut first_news), "sre");
        assert_eq!(kinds(&mut second_news), "se");
        assert!(!rooms.leave(room, 1));
        assert!(rooms.leave(room, 2));
    }
}
