//! The rules of a lease, as functions of (now, what is stored) and nothing else.

use std::time::Duration;

use holdfast_protocol::{
    Timestamp,
    limits::{LEASE_TTL_MAX, LEASE_TTL_MIN, SESSION_RESERVED},
    lock::ReleaseReason,
};

use super::LockError;
use crate::clock::millis;

/// The length of a new lease in milliseconds: what the session asked for, within bounds, or the server's own.
pub fn ttl(asked_ms: Option<i64>, default: Duration) -> Result<i64, LockError> {
    let bounds = millis(LEASE_TTL_MIN)..=millis(LEASE_TTL_MAX);
    match asked_ms {
        None => Ok(millis(default)),
        Some(asked) if bounds.contains(&asked) => Ok(asked),
        Some(_) => Err(LockError::TtlOutOfBounds {
            min: LEASE_TTL_MIN,
            max: LEASE_TTL_MAX,
        }),
    }
}

/// A lease is live until its end and not at it: two who ask at that moment get the same answer.
#[must_use]
pub fn is_live(now: Timestamp, expires_at: Timestamp) -> bool {
    now < expires_at
}

/// The end of a lease renewed now. It may come before the end it had, where the session asked for a shorter one.
#[must_use]
pub const fn renewed(now: Timestamp, ttl_ms: i64) -> Timestamp {
    now.plus_millis(ttl_ms)
}

/// The end of a lease whose last socket closed now without a goodbye: never later than it was (S03).
#[must_use]
pub fn cut(now: Timestamp, expires_at: Timestamp, grace: Duration) -> Timestamp {
    expires_at.min(now.plus_millis(millis(grace)))
}

/// Why the locks of a lease that ran out are released (L09).
#[must_use]
pub const fn end_reason(was_cut: bool) -> ReleaseReason {
    if was_cut {
        ReleaseReason::Disconnected
    } else {
        ReleaseReason::Expired
    }
}

/// Whether the id of a session that ended then is still kept for its user (S06).
#[must_use]
pub fn is_reserved(now: Timestamp, ended_at: Timestamp) -> bool {
    now < ended_at.plus_millis(millis(SESSION_RESERVED))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn s02_a_renewed_lease_is_live_for_its_ttl_and_no_longer(now in 0..1i64 << 45, ttl_ms in 1..3_600_000i64) {
            let end = renewed(Timestamp(now), ttl_ms);
            prop_assert!(is_live(Timestamp(now), end));
            prop_assert!(is_live(Timestamp(now + ttl_ms - 1), end));
            prop_assert!(!is_live(Timestamp(now + ttl_ms), end));
        }

        #[test]
        fn s03_a_cut_never_lengthens_a_lease_and_leaves_at_most_the_grace(
            now in 0..1i64 << 45, left in -10_000..3_600_000i64, grace_ms in 0..60_000u64,
        ) {
            let (now, before) = (Timestamp(now), Timestamp(now + left));
            let after = cut(now, before, Duration::from_millis(grace_ms));
            prop_assert!(after <= before);
            prop_assert!(after.0 - now.0 <= i64::try_from(grace_ms).unwrap());
            prop_assert_eq!(cut(now, after, Duration::from_millis(grace_ms)), after, "cutting twice is cutting once");
            prop_assert!(is_live(now, before) || !is_live(now, after), "what was over is not revived");
        }

        #[test]
        fn s02_a_wish_is_granted_exactly_or_refused(asked in proptest::option::of(-1_000..4_000_000i64)) {
            let granted = ttl(asked, Duration::from_secs(45));
            match asked {
                None => prop_assert_eq!(granted.unwrap(), 45_000),
                Some(ms) if (10_000..=3_600_000).contains(&ms) => prop_assert_eq!(granted.unwrap(), ms),
                Some(_) => prop_assert!(granted.is_err()),
            }
        }
    }

    #[test]
    fn s06_an_ended_id_is_reserved_for_a_day() {
        let ended = Timestamp(1_000_000);
        assert!(is_reserved(ended.plus_millis(24 * 3_600_000 - 1), ended));
        assert!(!is_reserved(ended.plus_millis(24 * 3_600_000), ended));
    }

    #[test]
    fn l09_a_lease_in_its_grace_ends_as_disconnected() {
        assert_eq!(end_reason(true), ReleaseReason::Disconnected);
        assert_eq!(end_reason(false), ReleaseReason::Expired);
    }
}
