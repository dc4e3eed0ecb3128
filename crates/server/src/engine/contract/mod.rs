//! What every lock engine has to do: one test a rule, run over each engine by the same code.

mod exclusion;
mod force;
mod history;
mod leases;
mod locks;

use std::sync::Arc;

use super::{LeaseTimes, LockEngine, sql::SqlEngine};
use crate::database::Database;

fn sql(db: Database, times: LeaseTimes) -> Arc<dyn LockEngine> {
    Arc::new(SqlEngine::new(db, times))
}

/// Runs each rule on a world of its own.
macro_rules! contract {
    ($ground:expr, $make:path: $($module:ident::$rule:ident,)*) => {
        $(
            #[tokio::test]
            async fn $rule() {
                $module::$rule(crate::fixture::World::on($ground, $make).await).await;
            }
        )*
    };
}

mod on_sqlite {
    use super::*;
    use crate::fixture::Ground;

    contract! { Ground::file(), sql:
        leases::s02_one_heartbeat_renews_all_locks_at_the_cost_of_one_row,
        leases::s02_opening_an_own_live_session_again_keeps_its_locks,
        leases::s02_a_lease_out_of_bounds_is_refused,
        leases::s03_an_unclean_close_cuts_the_lease_to_the_grace,
        leases::s03_coming_back_within_the_grace_restores_the_lease,
        leases::s03_one_socket_of_two_may_close,
        leases::s03_a_restart_of_the_server_cuts_no_lease,
        leases::s04_a_restarted_server_comes_to_the_same_answer,
        leases::s05_a_goodbye_releases_everything_as_one_batch,
        leases::s06_an_ended_id_is_its_users_for_a_day,
        leases::s07_a_session_is_its_sign_ins,
        leases::s08_the_end_of_a_sign_in_ends_its_sessions,
        leases::s09_two_windows_of_one_user_are_two_sessions,
        leases::s10_a_session_locks_nothing_outside_its_space,
        locks::l01_a_free_lock_is_acquired,
        locks::l02_the_holder_refreshes_and_changes_the_mode,
        locks::l02_shared_becomes_exclusive_only_where_nobody_else_holds_it,
        locks::l03_another_session_is_refused_and_told_the_holder,
        locks::l04_of_many_at_once_exactly_one_gets_it,
        locks::l05_an_expired_lock_is_absent_on_every_path,
        locks::l06_only_the_holder_renews_and_releases,
        locks::l07_fences_rise_through_every_end_of_a_lock,
        locks::l09_each_expiry_is_told_once_and_with_its_reason,
        exclusion::l10_a_workspace_lock_and_locks_inside_exclude_each_other,
        exclusion::l12_a_scope_lists_its_live_locks,
        exclusion::l13_whoever_loses_access_loses_locks,
        exclusion::a03_roles_decide_who_locks_what,
        force::l08_an_owner_takes_the_lock_in_one_step,
        force::l08_taking_a_workspace_displaces_all_inside,
        force::l08_a_user_takes_over_from_an_own_session,
        force::l08_others_may_not_and_strangers_see_nothing,
        force::l08_a_free_lock_is_simply_acquired,
        force::l08_force_release_frees_and_is_logged,
        force::l10_a_document_is_not_taken_under_anothers_workspace_lock,
    }
}

/// All but what looks at SQLite's own counters.
mod on_postgres {
    use super::*;
    use crate::fixture::Ground;

    contract! { Ground::postgres().await, sql:
        leases::s02_opening_an_own_live_session_again_keeps_its_locks,
        leases::s02_a_lease_out_of_bounds_is_refused,
        leases::s03_an_unclean_close_cuts_the_lease_to_the_grace,
        leases::s03_coming_back_within_the_grace_restores_the_lease,
        leases::s03_one_socket_of_two_may_close,
        leases::s03_a_restart_of_the_server_cuts_no_lease,
        leases::s04_a_restarted_server_comes_to_the_same_answer,
        leases::s05_a_goodbye_releases_everything_as_one_batch,
        leases::s06_an_ended_id_is_its_users_for_a_day,
        leases::s07_a_session_is_its_sign_ins,
        leases::s08_the_end_of_a_sign_in_ends_its_sessions,
        leases::s09_two_windows_of_one_user_are_two_sessions,
        leases::s10_a_session_locks_nothing_outside_its_space,
        locks::l01_a_free_lock_is_acquired,
        locks::l02_the_holder_refreshes_and_changes_the_mode,
        locks::l02_shared_becomes_exclusive_only_where_nobody_else_holds_it,
        locks::l03_another_session_is_refused_and_told_the_holder,
        locks::l04_of_many_at_once_exactly_one_gets_it,
        locks::l05_an_expired_lock_is_absent_on_every_path,
        locks::l06_only_the_holder_renews_and_releases,
        locks::l07_fences_rise_through_every_end_of_a_lock,
        locks::l09_each_expiry_is_told_once_and_with_its_reason,
        exclusion::l10_a_workspace_lock_and_locks_inside_exclude_each_other,
        exclusion::l12_a_scope_lists_its_live_locks,
        exclusion::l13_whoever_loses_access_loses_locks,
        exclusion::a03_roles_decide_who_locks_what,
        force::l08_an_owner_takes_the_lock_in_one_step,
        force::l08_taking_a_workspace_displaces_all_inside,
        force::l08_a_user_takes_over_from_an_own_session,
        force::l08_others_may_not_and_strangers_see_nothing,
        force::l08_a_free_lock_is_simply_acquired,
        force::l08_force_release_frees_and_is_logged,
        force::l10_a_document_is_not_taken_under_anothers_workspace_lock,
    }
}
