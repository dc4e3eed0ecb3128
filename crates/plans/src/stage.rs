//! Who and what every plan begins with: made once, copied for each plan, for passwords are hashed slowly.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use holdfast_server::{
    config::Config,
    server::{Server, add_user},
};
use holdfast_testkit::{Client, server::PASSWORD};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Whose app each one is, and on which device.
pub const APPS: [(&str, &str); 3] = [
    ("Ada", "Ada's laptop"),
    ("Ben", "Ben's laptop"),
    ("Ada", "Ada's desktop"),
];
/// How often each app can sign in.
const SIGN_INS: usize = 4;
/// Documents that plans may use.
const DOCUMENTS: usize = 2;

/// A server's data with people, sign-ins and documents in it.
#[derive(Debug)]
pub struct Stage {
    data: TempDir,
    /// Where whoever looks from outside runs: time passes there as everywhere.
    pub outside: Runtime,
    /// Nobody, to begin requests with: making the first one reads all certificates.
    pub nobody: Client,
    /// The workspace: Ada owns it, Ben edits, Eve looks on.
    pub workspace: String,
    /// Its documents.
    pub documents: Vec<String>,
    /// Tokens for each app.
    pub tokens: Vec<Vec<String>>,
    /// Eve's token: she sees everything and touches nothing.
    pub eve: String,
}

/// A folder in memory where the system has such a place.
///
/// # Panics
///
/// Where no folder can be made.
#[must_use]
pub fn folder() -> TempDir {
    let shm = Path::new("/dev/shm");
    let made = if shm.is_dir() {
        tempfile::Builder::new().prefix("holdfast-").tempdir_in(shm)
    } else {
        tempfile::tempdir()
    };
    made.expect("a temporary folder")
}

/// How a server of a plan runs.
#[must_use]
pub fn config(data_dir: &Path) -> Config {
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        data_dir: data_dir.to_owned(),
        ..Config::default()
    }
}

impl Stage {
    /// Makes one.
    ///
    /// # Panics
    ///
    /// Where the server does not do what it must.
    #[must_use]
    pub fn set() -> Self {
        let outside = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let outside = outside.expect("a runtime");
        let made = outside.block_on(make());
        let (data, workspace, documents, tokens, eve) = made;
        Self {
            data,
            nobody: Client::anonymous("http://127.0.0.1:9"),
            outside,
            workspace,
            documents,
            tokens,
            eve,
        }
    }

    /// Copies the data for a server.
    ///
    /// # Panics
    ///
    /// Where it can't be copied.
    pub fn copy_to(&self, folder: &Path) {
        copy(self.data.path(), folder);
    }
}

type Made = (TempDir, String, Vec<String>, Vec<Vec<String>>, String);

async fn make() -> Made {
    let data = folder();
    let config = config(data.path());
    for name in ["Ada", "Ben", "Eve"] {
        let added = add_user(&config, &email(name), name, PASSWORD).await;
        added.expect("an account");
    }
    let server = Server::start(config).await.expect("the server starts");
    let base = format!("http://{}", server.address());
    let mut tokens = Vec::new();
    for (name, device) in APPS {
        let mut of_app = Vec::new();
        for _ in 0..SIGN_INS {
            let person = Client::sign_in(&base, &email(name), PASSWORD, device).await;
            of_app.push(person.token().to_owned());
        }
        tokens.push(of_app);
    }
    let eve = Client::sign_in(&base, &email("Eve"), PASSWORD, "Eve's tablet").await;
    let ada = Client::anonymous(&base).with_token(&tokens[0][0]);
    let workspace = ada.workspace("Team").await;
    ada.add_member(&workspace, &email("Ben"), "editor").await;
    ada.add_member(&workspace, &email("Eve"), "viewer").await;
    let mut documents = Vec::new();
    for number in 0..DOCUMENTS {
        documents.push(ada.canvas_in(&workspace, &format!("Plan {number}")).await);
    }
    server.shutdown().await;
    (data, workspace, documents, tokens, eve.token().to_owned())
}

fn email(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase())
}

/// Copies the database of a server that is at rest; what its readers share in memory is not part of it.
///
/// # Panics
///
/// Where it can't be copied.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for name in ["holdfast.db", "holdfast.db-wal"] {
        let (from, to): (PathBuf, PathBuf) = (from.join(name), to.join(name));
        if from.exists() {
            std::fs::copy(from, to).expect("a copy");
        } else if to.exists() {
            std::fs::remove_file(to).expect("an older one goes");
        }
    }
    let shared = to.join("holdfast.db-shm");
    if shared.exists() {
        std::fs::remove_file(shared).expect("an older one goes");
    }
}
