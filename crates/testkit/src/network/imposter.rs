//! Somebody who answers in a server's place.

use std::sync::{Arc, atomic::Ordering};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::Counts;

/// Who answers, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imposter {
    /// A network's sign-in page: HTML with 200, whatever was asked.
    CaptivePortal,
    /// Another program: JSON with 200, whatever was asked.
    Stranger,
    /// No HTTP at all, as from a broken TLS endpoint.
    Garbage,
    /// The server itself, which refuses everything: 429, 500 or 503, with `Retry-After`.
    Refusal {
        /// The status.
        status: u16,
        /// In seconds.
        retry_after: u32,
    },
}

const PAGE: &str = "<!doctype html><title>Welcome</title><p>Accept the terms to go online.";
/// A TLS alert, "internal error".
const ALERT: &[u8] = &[0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50];

impl Imposter {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::CaptivePortal => answer_of("200 OK", "text/html; charset=utf-8", "", PAGE),
            Self::Stranger => answer_of("200 OK", "application/json", "", r#"{"message":"Welcome"}"#),
            Self::Garbage => ALERT.to_vec(),
            Self::Refusal { status, retry_after } => {
                let (code, title) = match status {
                    429 => ("rate_limited", "Too many requests"),
                    500 => ("internal", "Something went wrong"),
                    _ => ("unavailable", "Not now"),
                };
                let body = format!(
                    r#"{{"status":{status},"title":"{title}","detail":"{title}: try again later","code":"{code}"}}"#
                );
                let head = format!("retry-after: {retry_after}\r\n");
                answer_of(
                    &format!("{status} {title}"),
                    "application/problem+json",
                    &head,
                    &body,
                )
            }
        }
    }
}

fn answer_of(status: &str, kind: &str, head: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// Reads a request to its end, answers it and closes. One that does not end is not answered.
pub(super) async fn answer(mut near: TcpStream, imposter: Imposter, counts: Arc<Counts>) {
    let mut request = Vec::new();
    while !is_whole(&request) {
        match near.read_buf(&mut request).await {
            Ok(1..) => {}
            _ => return,
        }
    }
    counts.impersonated.fetch_add(1, Ordering::SeqCst);
    let _ = near.write_all(&imposter.bytes()).await;
    let _ = near.shutdown().await;
}

/// Whether head and body are there, as far as `content-length` tells.
fn is_whole(request: &[u8]) -> bool {
    let Some(head) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let lines = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = lines
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0_usize);
    request.len() >= head + 4 + length
}
