//! Sign-ins (A01, A04).

use std::time::Duration;

use holdfast_protocol::limits::SIGN_IN_UNUSED;

use crate::{
    caller::Caller,
    fixture::{PASSWORD, World},
    store::{Accounts as _, NewSignIn, PageRequest, SignInOutcome, StoreError},
};

const WINDOW: Duration = Duration::from_secs(5 * 60);

async fn attempt(world: &World, email: &str, password: &str, address: &str) -> SignInOutcome {
    world
        .store
        .sign_in(email, password, "laptop", address)
        .await
        .unwrap()
}

async fn signed_in(world: &World, email: &str) -> NewSignIn {
    match attempt(world, email, PASSWORD, "192.0.2.1").await {
        SignInOutcome::In(sign_in) => sign_in,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn a01_a_token_stands_for_its_sign_in_until_it_ends(world: World) {
    let ada = world.user("Ada").await;
    let sign_in = signed_in(&world, "ada@example.org").await;
    let caller = world.store.caller(&sign_in.token).await.unwrap().unwrap();
    assert_eq!((&caller.user, caller.sign_in), (&ada.user, sign_in.id));
    assert_eq!(caller.device_name, "laptop");
    assert!(world.store.caller("guess").await.unwrap().is_none());
    let raw = std::fs::read(world.folder.path().join("holdfast.db")).unwrap();
    let log = std::fs::read(world.folder.path().join("holdfast.db-wal")).unwrap();
    for file in [raw, log] {
        let text = String::from_utf8_lossy(&file);
        assert!(
            !text.contains(&sign_in.token) && !text.contains(PASSWORD),
            "only hashes are stored"
        );
    }
    let bob = world.user("Bob").await;
    let refused = world.store.sign_out(&bob, sign_in.id).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
    let listed = world
        .store
        .sign_ins(&caller, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(listed.items.iter().filter(|item| item.current).count(), 1);
    assert_eq!(listed.items.len(), 2);
    world.store.sign_out(&ada, sign_in.id).await.unwrap();
    assert!(world.store.caller(&sign_in.token).await.unwrap().is_none());
}

pub(super) async fn a01_a_sign_in_unused_for_30_days_is_over(world: World) {
    world.user("Ada").await;
    let sign_in = signed_in(&world, "ada@example.org").await;
    let day = Duration::from_secs(24 * 60 * 60);
    world.clock.advance(SIGN_IN_UNUSED - day);
    assert!(world.store.caller(&sign_in.token).await.unwrap().is_some());
    world.clock.advance(SIGN_IN_UNUSED - day);
    assert!(
        world.store.caller(&sign_in.token).await.unwrap().is_some(),
        "each use counts anew"
    );
    world.clock.advance(SIGN_IN_UNUSED);
    assert!(world.store.caller(&sign_in.token).await.unwrap().is_none());
}

pub(super) async fn a01_an_account_is_its_address_whatever_the_case(world: World) {
    world.user("Ada").await;
    signed_in(&world, "ADA@Example.ORG").await;
    let taken = world.store.add_user("aDa@example.org", "Other", PASSWORD).await;
    assert!(matches!(taken, Err(StoreError::Invalid { field, .. }) if field == "email"));
}

pub(super) async fn a01_a_new_password_ends_other_sign_ins(world: World) {
    let ada = world.user("Ada").await;
    let other = signed_in(&world, "ada@example.org").await;
    let wrong = world.store.change_password(&ada, "guess", "new password").await;
    assert!(matches!(wrong, Err(StoreError::Invalid { field, .. }) if field == "current"));
    let short = world.store.change_password(&ada, PASSWORD, "short").await;
    assert!(matches!(short, Err(StoreError::Invalid { field, .. }) if field == "new"));
    world
        .store
        .change_password(&ada, PASSWORD, "new password")
        .await
        .unwrap();
    assert!(world.store.caller(&other.token).await.unwrap().is_none());
    let old = attempt(&world, "ada@example.org", PASSWORD, "192.0.2.1").await;
    assert!(matches!(old, SignInOutcome::Wrong));
    let new = attempt(&world, "ada@example.org", "new password", "192.0.2.1").await;
    assert!(matches!(new, SignInOutcome::In(_)));
}

pub(super) async fn a04_ten_wrong_attempts_close_an_account_for_a_while(world: World) {
    world.user("Ada").await;
    let (email, address) = ("ada@example.org", "192.0.2.1");
    for _ in 0..9 {
        assert!(matches!(
            attempt(&world, email, "guess", address).await,
            SignInOutcome::Wrong
        ));
    }
    assert!(matches!(
        attempt(&world, email, PASSWORD, address).await,
        SignInOutcome::In(_)
    ));
    world.clock.advance(Duration::from_secs(1));
    for _ in 0..10 {
        let outcome = attempt(&world, email, "guess", address).await;
        assert!(
            matches!(outcome, SignInOutcome::Wrong),
            "a right one cleared the account's: {outcome:?}"
        );
        world.clock.advance(Duration::from_secs(1));
    }
    let outcome = attempt(&world, email, PASSWORD, "192.0.2.2").await;
    let SignInOutcome::Limited { retry_after_secs } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        retry_after_secs, 290,
        "until the first of the ten is five minutes old"
    );
    world.clock.advance(Duration::from_secs(retry_after_secs));
    assert!(matches!(
        attempt(&world, email, PASSWORD, address).await,
        SignInOutcome::In(_)
    ));
}

pub(super) async fn a04_fifty_wrong_attempts_close_an_address(world: World) {
    world.user("Ada").await;
    for number in 0..50 {
        let email = format!("nobody{number}@example.org");
        assert!(matches!(
            attempt(&world, &email, "guess", "192.0.2.1").await,
            SignInOutcome::Wrong
        ));
    }
    let closed = attempt(&world, "ada@example.org", PASSWORD, "192.0.2.1").await;
    assert!(matches!(closed, SignInOutcome::Limited { .. }));
    let elsewhere = attempt(&world, "ada@example.org", PASSWORD, "192.0.2.2").await;
    assert!(matches!(elsewhere, SignInOutcome::In(_)));
    world.clock.advance(WINDOW);
    signed_in(&world, "ada@example.org").await;
}

pub(super) async fn a04_attempts_at_the_same_moment_are_all_counted(world: World) {
    world.user("Ada").await;
    let mut tasks = Vec::new();
    for _ in 0..30 {
        let store = world.store.clone();
        tasks.push(tokio::spawn(async move {
            store
                .sign_in("ada@example.org", "guess", "laptop", "192.0.2.1")
                .await
                .unwrap()
        }));
    }
    let mut wrong = 0;
    for task in tasks {
        wrong += u32::from(matches!(task.await.unwrap(), SignInOutcome::Wrong));
    }
    assert_eq!(wrong, 10);
}

fn caller_of(sign_in: &NewSignIn) -> Caller {
    Caller {
        user: sign_in.user.clone(),
        sign_in: sign_in.id,
        device_name: "This device".into(),
    }
}

pub(super) async fn s08_a_local_sign_in_ends_those_of_processes_that_are_gone(world: World) {
    let other = world.user("Ada").await;
    let others = world.document(&other, None).await;
    world.holder(&other, None, others).await;
    let crashed = world.store.local_sign_in("You", "This device").await.unwrap();
    let crashed_caller = caller_of(&crashed);
    let document = world.document(&crashed_caller, None).await;
    let held = world.holder(&crashed_caller, None, document).await;
    world.told.take();
    let next = world.store.local_sign_in("Yvonne", "This device").await.unwrap();
    assert_eq!(
        world.told.take_short(),
        ["unlocked signed_out"],
        "and nobody else's"
    );
    assert_eq!(
        (next.user.id, next.user.name.as_str()),
        (crashed.user.id, "Yvonne")
    );
    assert!(world.store.caller(&crashed.token).await.unwrap().is_none());
    let next = caller_of(&next);
    let lock = world.holder(&next, None, document).await;
    assert!(lock.fence > held.fence);
    assert_eq!(lock.user_name, "Yvonne");
}

pub(super) async fn a_local_user_is_renamed_and_stays_signed_in(world: World) {
    let sign_in = world.store.local_sign_in("You", "This device").await.unwrap();
    world.store.rename_local("Yvonne", "Bench").await.unwrap();
    let caller = world.store.caller(&sign_in.token).await.unwrap().unwrap();
    assert_eq!(
        (caller.user.name.as_str(), caller.device_name.as_str()),
        ("Yvonne", "Bench")
    );
    let refused = world.store.rename_local(" ", "Bench").await;
    assert!(matches!(refused, Err(StoreError::Invalid { field, .. }) if field == "name"));
}

pub(super) async fn a_local_user_is_made_once_and_has_no_password(world: World) {
    let first = world.store.local_sign_in("You", "This device").await.unwrap();
    let second = world.store.local_sign_in("You", "This device").await.unwrap();
    assert_eq!(first.user, second.user);
    let caller = world.store.caller(&second.token).await.unwrap().unwrap();
    let me = world.store.me(&caller).await.unwrap();
    for password in ["", "no password at all"] {
        let outcome = attempt(&world, &me.email, password, "192.0.2.1").await;
        assert!(matches!(outcome, SignInOutcome::Wrong));
    }
}

pub(super) async fn malformed_accounts_are_refused_by_field(world: World) {
    for (email, name, password, expected) in [
        ("no address", "Ada", PASSWORD, "email"),
        ("ada@example.org", " ", PASSWORD, "name"),
        ("ada@example.org", "Ada", "short", "password"),
    ] {
        let refused = world.store.add_user(email, name, password).await;
        assert!(matches!(refused, Err(StoreError::Invalid { field, .. }) if field == expected));
    }
}
