//! What every store has to do: one test a rule.

mod access;
mod accounts;
mod commits;
mod content;
mod cost;
mod ownership;
mod versions;

use std::sync::Arc;

use crate::{
    database::Database,
    engine::{LeaseTimes, LockEngine, sql::SqlEngine},
};

fn sql(db: Database, times: LeaseTimes) -> Arc<dyn LockEngine> {
    Arc::new(SqlEngine::new(db, times))
}

/// Runs each rule on a world of its own.
macro_rules! contract {
    ($make:path: $($module:ident::$rule:ident,)*) => {
        $(
            #[tokio::test]
            async fn $rule() {
                $module::$rule(crate::fixture::World::new($make).await).await;
            }
        )*
    };
}

mod on_sqlite {
    use super::*;

    contract! { sql:
        commits::d01_every_commit_counts,
        commits::d02_all_of_a_commit_is_written_or_nothing,
        commits::d03_only_the_lock_in_force_commits,
        commits::d03_in_shared_mode_existing_elements_need_their_own_lock,
        commits::d04_a_conflict_tells_what_is_there_now,
        commits::d05_a_commit_sent_again_gives_the_first_answer,
        commits::d05_what_can_not_be_is_refused_by_its_field,
        cost::d06_a_commit_touches_rows_by_its_own_size_only,
        cost::d02_limits_are_kept_and_nothing_is_written,
        commits::r02_whoever_sees_the_lock_has_seen_every_commit_before,
        content::d07_each_version_can_be_listed_and_looked_at,
        content::d07_restoring_is_a_commit,
        content::d08_content_comes_out_as_it_went_in_and_in_order,
        content::d09_files_are_read_through_their_document_only,
        content::d09_a_file_that_was_not_put_here_is_not_referred_to,
        content::documents_are_listed_newest_first_and_in_pages,
        versions::d07_a_version_has_a_name_and_loses_it_again,
        versions::d07_thinning_keeps_a_version_a_day_and_changes_none,
        versions::d05_a_thinned_commit_sent_again_gives_its_first_answer,
        versions::d07_storage_grows_with_the_changes,
        ownership::d10_a_document_that_others_hold_stays_where_it_is,
        ownership::d10_what_has_others_locks_inside_is_not_deleted,
        ownership::l13_a_document_that_leaves_its_space_loses_its_locks,
        ownership::d11_an_annotator_changes_only_its_own,
        access::a02_what_one_may_not_see_does_not_exist,
        access::a03_roles_decide_who_may_do_what,
        access::a03_a_workspace_keeps_an_owner,
        access::a05_an_owner_reads_what_was_done,
        accounts::a01_a_token_stands_for_its_sign_in_until_it_ends,
        accounts::a01_a_sign_in_unused_for_30_days_is_over,
        accounts::a01_an_account_is_its_address_whatever_the_case,
        accounts::a01_a_new_password_ends_other_sign_ins,
        accounts::a04_ten_wrong_attempts_close_an_account_for_a_while,
        accounts::a04_fifty_wrong_attempts_close_an_address,
        accounts::a04_attempts_at_the_same_moment_are_all_counted,
        accounts::s08_a_local_sign_in_ends_those_of_processes_that_are_gone,
        accounts::a_local_user_is_renamed_and_stays_signed_in,
        accounts::a_local_user_is_made_once_and_has_no_password,
        accounts::malformed_accounts_are_refused_by_field,
    }
}
