//! C08: tokens live in the system's keychain, and where there is none, in memory.
//!
//! The keychain is found through the environment, which a process must not change under itself: each test runs this
//! program again, on a desktop of its own, with the one test that looks.

use holdfast_client::{
    credentials::{Credentials, KeychainError, Token},
    view::ServerId,
};
use holdfast_testkit::desktop::{Desktop, Furniture, Notifications};

/// Which part the test that looks plays.
const PART: &str = "CLIENT_KEYCHAIN_PART";

async fn play(part: &str, desktop: &Desktop) {
    let mut command = desktop.command(std::env::current_exe().unwrap());
    command
        .args(["--exact", "keychain::on_a_desktop", "--ignored", "--nocapture"])
        .env(PART, part);
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
#[ignore = "one part of the tests below: it needs a desktop of its own"]
async fn on_a_desktop() {
    let (server, token) = (ServerId("https://example.org".into()), Token::new("a secret"));
    let credentials = Credentials::system();
    match std::env::var(PART).as_deref() {
        Ok("store") => assert_eq!(credentials.store(&server, &token).await, None),
        Ok("load") => {
            assert_eq!(
                credentials.load(&server).await,
                (Some(token), None),
                "another process finds it"
            );
            assert_eq!(credentials.forget(&server).await, None);
            assert_eq!(credentials.load(&server).await, (None, None));
            assert_eq!(credentials.forget(&server).await, None, "forgotten already");
        }
        Ok("missing") => {
            let problem = credentials.store(&server, &token).await;
            assert!(
                matches!(problem, Some(KeychainError::NoKeychain(_))),
                "{problem:?}"
            );
            assert_eq!(
                credentials.load(&server).await.0,
                Some(token),
                "kept until the program ends"
            );
            let next = Credentials::system();
            assert_eq!(next.load(&server).await.0, None);
        }
        part => panic!("no such part: {part:?}"),
    }
}

#[tokio::test]
async fn c08_the_system_s_keychain_keeps_a_token_over_processes() {
    let furniture = Furniture {
        notifications: Notifications::Missing,
        ..Furniture::default()
    };
    let desktop = Desktop::furnished(furniture).await;
    play("store", &desktop).await;
    play("load", &desktop).await;
}

#[tokio::test]
async fn c08_without_a_keychain_tokens_live_in_memory_and_the_reason_is_told() {
    let furniture = Furniture {
        bus: false,
        ..Furniture::default()
    };
    let desktop = Desktop::furnished(furniture).await;
    play("missing", &desktop).await;
}
