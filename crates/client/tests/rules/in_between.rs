//! What stands between a client and its server, and answers in words of its own.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use holdfast_client::{
    ClientConfig,
    connection::{Dial, DialError, FrameSink, FrameStream, WebSocketDial},
    credentials::Token,
    view::{Edit, SaveView},
};
use holdfast_testkit::{self as testkit, Server};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

use crate::studio::{self, App, at_server, element, saved, shows, stroke};

/// Sockets go to the server by a way of their own.
#[derive(Debug)]
struct Direct(Url);

#[async_trait]
impl Dial for Direct {
    async fn dial(&self, _: &Url, token: &Token, agent: &str) -> Result<(FrameSink, FrameStream), DialError> {
        WebSocketDial.dial(&self.0, token, agent).await
    }
}

/// A gateway that passes on one request a connection.
#[derive(Debug)]
struct Gateway {
    /// Bodies larger than this are refused with a page.
    most: AtomicUsize,
    /// So many commits more are answered with JSON that is none of the server's.
    unavailable: AtomicU32,
    /// How often it answered itself.
    answered: AtomicU32,
}

async fn gateway(target: SocketAddr) -> (String, Arc<Gateway>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let gateway = Arc::new(Gateway {
        most: AtomicUsize::new(usize::MAX),
        unavailable: AtomicU32::default(),
        answered: AtomicU32::default(),
    });
    let shared = Arc::clone(&gateway);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            tokio::spawn(pass_on(near, target, Arc::clone(&shared)));
        }
    });
    (url, gateway)
}

async fn pass_on(mut near: TcpStream, target: SocketAddr, gateway: Arc<Gateway>) {
    let mut request = Vec::new();
    let (head, length) = loop {
        if let Some(whole) = whole(&request) {
            break whole;
        }
        match near.read_buf(&mut request).await {
            Ok(1..) => {}
            _ => return,
        }
    };
    let line = String::from_utf8_lossy(&request[..head]).into_owned();
    let line = line.lines().next().unwrap_or_default();
    let refused = if length > gateway.most.load(Ordering::SeqCst) {
        let page = "<html><title>413 Request Entity Too Large</title></html>";
        Some(("413 Request Entity Too Large", "text/html", page))
    } else if line.starts_with("POST") && line.contains("/lock ") && gateway.take_unavailable() {
        let body = r#"{"message":"Service Unavailable"}"#;
        Some(("503 Service Unavailable", "application/json", body))
    } else {
        None
    };
    if let Some((status, kind, body)) = refused {
        gateway.answered.fetch_add(1, Ordering::SeqCst);
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let _ = near.write_all(answer.as_bytes()).await;
        return;
    }
    let mut far = TcpStream::connect(target).await.unwrap();
    let first = line.len() + 2;
    let _ = far.write_all(&request[..first]).await;
    let _ = far.write_all(b"connection: close\r\n").await;
    let _ = far.write_all(&request[first..]).await;
    let _ = tokio::io::copy(&mut far, &mut near).await;
}

impl Gateway {
    fn take_unavailable(&self) -> bool {
        let left = |left: u32| left.checked_sub(1);
        self.unavailable
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
            .is_ok()
    }
}

/// Where the head ends, and how long the body is, once all of it is there.
fn whole(request: &[u8]) -> Option<(usize, usize)> {
    let head = request.windows(4).position(|four| four == b"\r\n\r\n")?;
    let lines = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = lines
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    (request.len() >= head + 4 + length).then_some((head, length))
}

async fn app(ada: &testkit::Client, url: &str) -> App {
    let folder = tempfile::tempdir().unwrap();
    let config = ClientConfig {
        dial: Arc::new(Direct(ada.base().parse().unwrap())),
        ..studio::config(&folder, "Ada's laptop")
    };
    App::with(ada, url, folder, config).await
}

#[tokio::test]
async fn x01_what_a_proxy_finds_too_large_is_told_in_words_and_nothing_else_is_lost() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let (url, gateway) = gateway(server.address()).await;
    let app = app(&ada, &url).await;
    let canvas = app.edit(&document, "canvas-a").await;
    canvas.edit(stroke("before")).await.unwrap();
    saved(&canvas).await;

    gateway.most.store(32 << 10, Ordering::SeqCst);
    let large = json!({"id": "large", "type": "text", "text": "x".repeat(64 << 10), "index": "a1"});
    let edit = Edit {
        puts: vec![element(&large)],
        ..Edit::default()
    };
    canvas.edit(edit).await.unwrap();
    let is_failing = |save: &SaveView| matches!(save, SaveView::Failing { .. });
    let state = shows(&canvas, "it is too large", |state| is_failing(&state.save)).await;
    let SaveView::Failing { detail, on_disk, .. } = state.save else {
        panic!("{:?}", state.save);
    };
    assert!(detail.contains("lets nothing that large pass"), "{detail}");
    assert!(detail.contains("make it smaller"), "{detail}");
    assert!(on_disk);
    let next = holdfast_client::journal::Shelf::open(app.folder.path()).unwrap();
    assert_eq!(next.drafts().await[0].changes, 1, "it is safe on this device");
    assert!(gateway.answered.load(Ordering::SeqCst) > 0);

    let smaller = Edit {
        deletes: vec!["large".into()],
        ..stroke("after")
    };
    canvas.edit(smaller).await.unwrap();
    saved(&canvas).await;
    let mut there = at_server(&ada, &document).await;
    there.sort();
    assert_eq!(there, ["after", "before"]);
}

#[tokio::test]
async fn l16_a_gateway_s_json_in_place_of_the_lock_is_no_refusal() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let document = ada.canvas("Plan").await;
    let (url, gateway) = gateway(server.address()).await;
    let app = app(&ada, &url).await;
    gateway.unavailable.store(1, Ordering::SeqCst);
    // nobody does anything: the lock is asked for again
    let canvas = app.edit(&document, "canvas-a").await;
    assert_eq!(gateway.answered.load(Ordering::SeqCst), 1);
    canvas.edit(stroke("one")).await.unwrap();
    saved(&canvas).await;
}
