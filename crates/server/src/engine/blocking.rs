//! Which lock stands in the way of which (L03, L10), as one pure function.

use holdfast_protocol::{
    SessionId,
    lock::{Lock, LockMode, Resource},
};

/// The first of the live locks around a resource that keeps a session from having it in a mode: the workspace's
/// before the document's, and these before an element's.
#[must_use]
pub fn in_the_way<'a>(
    wanted: &Resource,
    mode: LockMode,
    session: SessionId,
    around: impl IntoIterator<Item = &'a Lock>,
) -> Option<&'a Lock> {
    around
        .into_iter()
        .filter(|lock| lock.session_id != session && excludes(wanted, mode, lock))
        .min_by_key(|lock| (breadth(&lock.resource), lock.acquired_at, lock.fence))
}

/// Whether another session's lock and the wanted one can't be at the same time.
fn excludes(wanted: &Resource, mode: LockMode, held: &Lock) -> bool {
    match (wanted, &held.resource) {
        (Resource::Workspace { .. }, _) | (_, Resource::Workspace { .. }) => true,
        (Resource::Document { id }, Resource::Document { id: other }) => {
            id == other && (mode == LockMode::Exclusive || held.mode == LockMode::Exclusive)
        }
        (Resource::Document { id }, Resource::Element { document_id, .. }) => {
            id == document_id && mode == LockMode::Exclusive
        }
        (Resource::Element { document_id, .. }, Resource::Document { id }) => {
            id == document_id && held.mode == LockMode::Exclusive
        }
        (Resource::Element { .. }, Resource::Element { .. }) => wanted == &held.resource,
    }
}

const fn breadth(resource: &Resource) -> u8 {
    match resource {
        Resource::Workspace { .. } => 0,
        Resource::Document { .. } => 1,
        Resource::Element { .. } => 2,
    }
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::{DocumentId, Timestamp, UserId, WorkspaceId};

    use super::*;

    fn lock(resource: &Resource, mode: LockMode, session_id: SessionId) -> Lock {
        Lock {
            resource: resource.clone(),
            mode,
            fence: 1,
            session_id,
            user_id: UserId::random(),
            user_name: "Ada".into(),
            device_name: "bench".into(),
            acquired_at: Timestamp(0),
            heartbeat_at: Timestamp(0),
            expires_at: Timestamp(45_000),
        }
    }

    #[test]
    fn l10_the_table_of_what_shuts_out_what() {
        use LockMode::{Exclusive, Shared};
        let id = DocumentId::random();
        let workspace = Resource::Workspace {
            id: WorkspaceId::random(),
        };
        let document = Resource::Document { id };
        let element = Resource::Element {
            id: "a".into(),
            document_id: id,
        };
        let other_element = Resource::Element {
            id: "b".into(),
            document_id: id,
        };
        let (me, other) = (SessionId::random(), SessionId::random());
        for (wanted, mode, held, held_mode, shut_out) in [
            (&workspace, Exclusive, &document, Shared, true),
            (&workspace, Exclusive, &element, Exclusive, true),
            (&document, Shared, &workspace, Exclusive, true),
            (&document, Exclusive, &document, Exclusive, true),
            (&document, Exclusive, &document, Shared, true),
            (&document, Shared, &document, Exclusive, true),
            (&document, Shared, &document, Shared, false),
            (&document, Exclusive, &element, Exclusive, true),
            (&document, Shared, &element, Exclusive, false),
            (&element, Exclusive, &document, Exclusive, true),
            (&element, Exclusive, &document, Shared, false),
            (&element, Exclusive, &element, Exclusive, true),
            (&element, Exclusive, &other_element, Exclusive, false),
        ] {
            let theirs = lock(held, held_mode, other);
            let blocked = in_the_way(wanted, mode, me, [&theirs]).is_some();
            assert_eq!(
                blocked, shut_out,
                "{wanted:?} {mode:?} against {held:?} {held_mode:?}"
            );
            let mine = lock(held, held_mode, me);
            assert_eq!(
                in_the_way(wanted, mode, me, [&mine]),
                None,
                "own locks never stand in the way"
            );
        }
    }

    #[test]
    fn l10_the_broadest_lock_is_the_one_that_is_named() {
        let id = DocumentId::random();
        let document = Resource::Document { id };
        let workspace = Resource::Workspace {
            id: WorkspaceId::random(),
        };
        let locks = [
            lock(&document, LockMode::Exclusive, SessionId::random()),
            lock(&workspace, LockMode::Exclusive, SessionId::random()),
        ];
        let named = in_the_way(&document, LockMode::Exclusive, SessionId::random(), &locks);
        assert_eq!(named.map(|lock| &lock.resource), Some(&workspace));
    }
}
