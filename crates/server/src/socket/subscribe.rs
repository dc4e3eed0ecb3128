//! Joining a room: access, position, snapshot, entry. See [`crate::rooms`] for why in this order.

use holdfast_protocol::{
    Code,
    room::Room,
    socket::{Position, ServerFrame},
};

use super::frames::Talk;
use crate::{
    refusal::Refusal,
    rooms::{Entered, Greeting, access},
};

impl Talk<'_> {
    /// Joins a room, from where the client left off if that can be done.
    pub(super) async fn subscribe(&self, room: Room, after: Option<Position>) {
        if self.app.rooms.is_crowded(self.connection.id, room) {
            let refusal = Refusal::new(Code::TooLarge, "this socket is in as many rooms as one may be");
            return self.refuse(&refusal, Some(room), None);
        }
        if let Err(refusal) = self.join(room, after).await {
            match refusal.code() {
                // R01: the same answer whether there is such a room or not.
                Code::NotFound | Code::Forbidden => self.forbidden(room),
                _ => self.refuse(&refusal, Some(room), None),
            }
        }
    }

    async fn join(&self, room: Room, after: Option<Position>) -> Result<(), Refusal> {
        let (rooms, id) = (&self.app.rooms, self.connection.id);
        // `resync` is said once, to a client that asked for what can't be told any more.
        let mut lost = false;
        loop {
            let checked_at = rooms.accesses();
            let space = access::check(self.app, &self.caller, room).await?;
            let wanted = after.as_ref().filter(|_| !lost);
            let (from, resumed) = rooms.position(room, space, wanted);
            let locks = self.app.engine.locks(access::scope(room)).await?;
            let lost_now = after.is_some() && !resumed;
            let greeting = Greeting { from, resumed, locks };
            match rooms.enter(id, room, checked_at, &greeting, lost_now) {
                Entered::In => return Ok(()),
                Entered::Unchecked => {}
                Entered::Lost => lost = true,
                Entered::Full(seq) => return self.catch_up(room, checked_at, greeting.from.epoch, seq).await,
            }
        }
    }

    /// Replays more than fits the queue at once, at the pace of the reader.
    async fn catch_up(&self, room: Room, checked_at: u64, epoch: String, seq: i64) -> Result<(), Refusal> {
        let (rooms, id) = (&self.app.rooms, self.connection.id);
        let (mut checked_at, mut after) = (checked_at, Position { epoch, seq });
        loop {
            self.connection.outbox.has_room().await;
            match rooms.go_on(id, room, checked_at, &after) {
                Entered::In => return Ok(()),
                Entered::Full(seq) => after.seq = seq,
                Entered::Lost => {
                    rooms.put_out(id, room, &ServerFrame::Resync { room });
                    return Ok(());
                }
                Entered::Unchecked => {
                    checked_at = rooms.accesses();
                    if let Err(refusal) = access::check(self.app, &self.caller, room).await {
                        rooms.unsubscribe(id, room);
                        return Err(refusal);
                    }
                }
            }
        }
    }

    fn forbidden(&self, room: Room) {
        // What it was in before, it is out of.
        self.app.rooms.unsubscribe(self.connection.id, room);
        self.say(&crate::rooms::forbidden(room));
    }
}
