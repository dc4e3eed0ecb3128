//! Who else is looking.

use std::collections::HashMap;

use holdfast_protocol::{SessionId, UserId, room::Presence};

use crate::view::{PersonView, PresenceState};

/// Others' presence, by session.
#[derive(Debug, Default)]
pub(super) struct People {
    others: HashMap<SessionId, Presence>,
    /// What this window tells of itself.
    pub(super) own: PresenceState,
    shown: Vec<PersonView>,
}

impl People {
    /// Joined: these are here.
    pub(super) fn replace(&mut self, presence: &[Presence]) {
        let present = presence.iter().filter(|presence| presence.state.is_some());
        self.others = present
            .map(|presence| (presence.session_id, presence.clone()))
            .collect();
    }

    pub(super) fn tell(&mut self, presence: Presence) {
        if presence.state.is_some() {
            self.others.insert(presence.session_id, presence);
        } else {
            self.others.remove(&presence.session_id);
        }
    }

    /// The list for a window; none where it is as before.
    pub(super) fn changed(
        &mut self,
        session: SessionId,
        user: UserId,
        editor: Option<SessionId>,
    ) -> Option<Vec<PersonView>> {
        let list = self.list(session, user, editor);
        (list != self.shown).then(|| {
            self.shown.clone_from(&list);
            list
        })
    }

    pub(super) fn list(
        &self,
        session: SessionId,
        user: UserId,
        editor: Option<SessionId>,
    ) -> Vec<PersonView> {
        let others = self.others.values().filter(|other| other.session_id != session);
        let mut list: Vec<_> = others
            .map(|other| {
                let state = other.state.clone().unwrap_or_default();
                // another version's client may tell other things: it is here all the same
                let state: PresenceState = serde_json::from_value(state).unwrap_or_default();
                PersonView {
                    session_id: other.session_id,
                    user: other.user.clone(),
                    own: other.user.id == user,
                    editing: editor == Some(other.session_id),
                    pointer: state.pointer,
                    selected: state.selected,
                }
            })
            .collect();
        list.sort_by(|a, b| (&a.user.name, a.session_id).cmp(&(&b.user.name, b.session_id)));
        list
    }
}
