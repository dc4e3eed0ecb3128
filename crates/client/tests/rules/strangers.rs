//! Servers that are none, or of another time.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use holdfast_client::{
    Client, ClientConfig,
    api::ApiError,
    connection::{Dial, DialError, FrameSink, FrameStream},
    credentials::Token,
    view::{ConnectionView, ServerId},
};
use holdfast_testkit::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

use crate::studio::{self, SOON};

/// A server that answers the first frame with one of its own, and is silent then.
#[derive(Debug)]
struct Answers(&'static str, Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Dial for Answers {
    async fn dial(&self, _: &Url, _: &Token, _: &str) -> Result<(FrameSink, FrameStream), DialError> {
        let sink = keeping(Arc::clone(&self.1));
        let answer = stream::iter([Ok(self.0.to_owned())]).chain(stream::pending());
        Ok((Box::pin(sink), Box::pin(answer)))
    }
}

/// Keeps what is said.
fn keeping(heard: Arc<Mutex<Vec<String>>>) -> impl futures_util::Sink<String, Error = String> + Send {
    futures_util::sink::unfold(heard, async |heard, text: String| {
        heard.lock().unwrap().push(text);
        Ok(heard)
    })
}

async fn incompatible(welcome: &'static str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let heard = Arc::default();
    let config = ClientConfig {
        dial: Arc::new(Answers(welcome, Arc::clone(&heard))),
        ..studio::config(&folder, "x")
    };
    let client = Client::new(config).unwrap();
    let base = "http://127.0.0.1:9".parse().unwrap();
    let server = client.add_server(ServerId("s".into()), "S", base, Token::new("t"));
    let mut status = server.status();
    let said = status.wait_for(|status| matches!(status, ConnectionView::Incompatible { .. }));
    let said = tokio::time::timeout(SOON, said)
        .await
        .expect("it is said")
        .unwrap()
        .clone();
    assert!(heard.lock().unwrap()[0].contains("hello"));
    match said {
        ConnectionView::Incompatible { detail } => detail,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_older_and_a_newer_server_are_told_apart() {
    let older = incompatible(
        r#"{"type":"welcome","protocol":0,"server":{"name":"holdfast-server","version":"0.0.1"},"heartbeat_ms":15000}"#,
    )
    .await;
    assert!(older.contains("older") && older.contains("0.0.1"), "{older}");
    let newer = incompatible(
        r#"{"type":"welcome","protocol":2,"server":{"name":"holdfast-server","version":"9.0.0"},"heartbeat_ms":15000}"#,
    )
    .await;
    assert!(
        newer.contains("newer") && newer.contains("update the app"),
        "{newer}"
    );
    incompatible(r#"{"type":"error","code":"invalid","detail":"protocol 1 is not spoken here."}"#).await;
}

/// A network's sign-in page: HTML, and all is well.
async fn portal() -> Url {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let body = "<html>Welcome to the hotel</html>";
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    format!("http://{address}").parse().unwrap()
}

#[tokio::test]
async fn a_captive_portal_is_no_server_and_takes_no_password_for_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new(studio::config(&folder, "x")).unwrap();
    let error = client
        .sign_in(&portal().await, "ada@example.org", "secret")
        .await
        .unwrap_err();
    assert!(matches!(error, ApiError::NotHoldfast { .. }), "{error:?}");
    assert!(error.to_string().contains("sign-in page"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unreachable_server_are_told_apart() {
    let server = Server::start().await;
    server.user("Ada").await;
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new(studio::config(&folder, "x")).unwrap();
    let base: Url = server.url().parse().unwrap();
    let wrong = client
        .sign_in(&base, "ada@example.org", "wrong password")
        .await
        .unwrap_err();
    assert_eq!(wrong.code(), Some(holdfast_protocol::Code::Unauthenticated));
    let right = client
        .sign_in(&base, "ada@example.org", holdfast_testkit::server::PASSWORD)
        .await
        .unwrap();
    assert_eq!(right.user.name, "Ada");
    assert!(
        !format!("{right:?}").contains(&right.token),
        "a token is never printed"
    );
    let nobody = "http://127.0.0.1:9".parse().unwrap();
    let unreachable = client.sign_in(&nobody, "ada@example.org", "x").await.unwrap_err();
    assert!(
        matches!(
            unreachable,
            ApiError::Unreachable {
                maybe_done: false,
                ..
            }
        ),
        "{unreachable:?}"
    );
}
