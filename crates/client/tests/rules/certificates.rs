//! Servers that can't prove who they are.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use base64::Engine as _;
use holdfast_client::{
    Client,
    api::{ApiError, CertificateFault},
    credentials::Token,
    view::{CommandError, ConnectionView, ServerId},
};
use holdfast_testkit::{Server, eventually::until};
use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::studio::{self, SOON};

/// The server behind TLS, with a certificate that nobody vouches for.
struct Behind {
    url: Url,
    /// Its certificate, as PEM.
    pem: String,
    /// How many handshakes were begun,
    begun: Arc<AtomicU32>,
    /// and how many went well.
    done: Arc<AtomicU32>,
}

async fn behind_tls(server: &Server) -> Behind {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let base64 = base64::engine::general_purpose::STANDARD.encode(certified.cert.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (begun, done) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (counts, target) = ((Arc::clone(&begun), Arc::clone(&done)), server.address());
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let (acceptor, counts) = (acceptor.clone(), counts.clone());
            tokio::spawn(async move {
                counts.0.fetch_add(1, Ordering::SeqCst);
                let Ok(mut near) = acceptor.accept(near).await else {
                    return;
                };
                counts.1.fetch_add(1, Ordering::SeqCst);
                let mut far = TcpStream::connect(target).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    Behind {
        url: format!("https://localhost:{port}").parse().unwrap(),
        pem,
        begun,
        done,
    }
}

#[tokio::test]
async fn x01_a_server_whose_certificate_is_not_trusted_is_told_of_in_words_and_gets_nothing() {
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let behind = behind_tls(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new(studio::config(&folder, "x")).unwrap();
    let error = client
        .sign_in(&behind.url, "ada@example.org", holdfast_testkit::server::PASSWORD)
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            ApiError::Untrusted {
                fault: CertificateFault::Unknown,
                ..
            }
        ),
        "{error:?}"
    );
    let told = CommandError::from(error);
    assert_eq!(told.code, "untrusted");
    assert!(
        told.detail
            .starts_with("The certificate of localhost is not trusted"),
        "{}",
        told.detail
    );
    assert!(told.detail.contains("ask whoever runs the server"));

    // the socket says so, too
    let token = Token::new(ada.token());
    let added = client.add_server(ServerId("s".into()), "S", behind.url, token);
    let mut status = added.status();
    let said = |status: &ConnectionView| match status {
        ConnectionView::Offline { detail, .. } => detail.contains("is not trusted"),
        _ => false,
    };
    let shown = tokio::time::timeout(SOON, status.wait_for(said)).await;
    drop(shown.expect("it is said").unwrap());
    until("both have tried", SOON, async || {
        behind.begun.load(Ordering::SeqCst) >= 2
    })
    .await;
    assert_eq!(behind.done.load(Ordering::SeqCst), 0, "no word was sent");
}

/// Whom a program trusts is settled when it starts: this test starts itself again, on a device that trusts the server.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn x01_a_server_that_this_device_trusts_is_connected_to_over_tls() {
    const NAME: &str = "certificates::x01_a_server_that_this_device_trusts_is_connected_to_over_tls";
    if let (Ok(url), Ok(token)) = (std::env::var("TRUSTED_URL"), std::env::var("TRUSTED_TOKEN")) {
        let folder = tempfile::tempdir().unwrap();
        let client = Client::new(studio::config(&folder, "x")).unwrap();
        let server = client.add_server(ServerId("s".into()), "S", url.parse().unwrap(), Token::new(token));
        studio::connected(&server).await;
        server.api().me().await.unwrap();
        return;
    }
    let server = Server::start().await;
    let ada = server.user("Ada").await;
    let behind = behind_tls(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, &behind.pem).unwrap();
    let again = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME])
        .env("SSL_CERT_FILE", trusted)
        .env("TRUSTED_URL", behind.url.as_str())
        .env("TRUSTED_TOKEN", ada.token())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success(), "{said}");
    assert!(
        behind.done.load(Ordering::SeqCst) >= 2,
        "a socket and a request: {said}"
    );
}
