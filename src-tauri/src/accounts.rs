//! The servers that the user has signed in to, without their tokens: those are in the keychain (C08).

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard},
};

use holdfast_client::view::{NoticeView, ServerId};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    folders::Folders,
    json_file::{self, Loaded},
    words,
};

/// A server that the user has signed in to at some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// Its address, as [`canonical`] makes it.
    pub(crate) url: Url,
}

impl Account {
    /// How the app names the server.
    pub(crate) fn id(&self) -> ServerId {
        ServerId(self.url.as_str().to_owned())
    }

    /// How people call it: host, and port where it is not the usual one.
    pub(crate) fn label(&self) -> String {
        let host = self.url.host_str().unwrap_or_else(|| self.url.as_str());
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

/// An address in the one form in which it is kept and compared: http or https, ending in a slash, nothing after the
/// path. Without a scheme it is https, and http on this machine.
pub(crate) fn canonical(address: &str) -> Option<Url> {
    let address = address.trim();
    let mut url = if address.contains("://") {
        Url::parse(address).ok()?
    } else {
        let url = Url::parse(&format!("https://{address}")).ok()?;
        let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if here {
            Url::parse(&format!("http://{address}")).ok()?
        } else {
            url
        }
    };
    let usable =
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
    if !usable || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Some(url)
}

/// The known servers and the file they are kept in.
#[derive(Debug)]
pub(crate) struct Accounts {
    path: PathBuf,
    list: Mutex<Vec<Account>>,
}

impl Accounts {
    /// Reads the file. A damaged one is set aside, with a notice.
    pub(crate) fn load(folders: &Folders) -> (Self, Option<NoticeView>) {
        let path = folders.config.join("servers.json");
        let (list, notice) = match json_file::load(&path) {
            Loaded::Missing => (Vec::new(), None),
            Loaded::Read(list) => (list, None),
            Loaded::Damaged(damage) => (Vec::new(), Some(words::damaged_accounts(&damage))),
        };
        let list = Mutex::new(list);
        (Self { path, list }, notice)
    }

    /// All of them, oldest first.
    pub(crate) fn list(&self) -> Vec<Account> {
        self.lock().clone()
    }

    /// Keeps a server; one that is known already stays where it is.
    pub(crate) fn add(&self, account: Account) {
        let mut list = self.lock();
        if !list.contains(&account) {
            list.push(account);
            self.save(&list);
        }
    }

    /// Forgets a server.
    pub(crate) fn forget(&self, id: &ServerId) {
        let mut list = self.lock();
        list.retain(|account| account.id() != *id);
        self.save(&list);
    }

    /// A server that can't be written down is known until the app ends: no reason to refuse the work at hand.
    fn save(&self, list: &[Account]) {
        if let Err(error) = json_file::save(&self.path, &list) {
            tracing::warn!(%error, path = %self.path.display(), "the list of servers could not be saved");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Account>> {
        crate::host::lock(&self.list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form() {
        let forms = [
            ("draw.example.org", "https://draw.example.org/"),
            (" https://draw.example.org ", "https://draw.example.org/"),
            ("HTTPS://Draw.Example.org/?a=1#b", "https://draw.example.org/"),
            ("example.org/draw", "https://example.org/draw/"),
            ("localhost:7420", "http://localhost:7420/"),
            ("127.0.0.1:7420/", "http://127.0.0.1:7420/"),
            ("http://10.0.0.7:7420", "http://10.0.0.7:7420/"),
        ];
        for (given, form) in forms {
            assert_eq!(
                canonical(given).map(String::from).as_deref(),
                Some(form),
                "{given}"
            );
        }
    }

    #[test]
    fn what_is_no_address_of_a_server_is_refused() {
        for given in [
            "",
            "  ",
            "ftp://example.org",
            "file:///etc",
            "https://",
            "https://me:secret@example.org",
        ] {
            assert_eq!(canonical(given), None, "{given}");
        }
    }

    #[test]
    fn known_servers_outlive_the_app_and_hold_no_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders {
            data: folder.path().join("data"),
            config: folder.path().join("config"),
            cache: folder.path().join("cache"),
        };
        let account = |address| Account {
            url: canonical(address).unwrap(),
        };
        let (accounts, _) = Accounts::load(&folders);
        accounts.add(account("one.example.org"));
        accounts.add(account("two.example.org:8443"));
        accounts.add(account("one.example.org"));
        accounts.forget(&account("nobody.example.org").id());
        let (again, notice) = Accounts::load(&folders);
        assert_eq!(notice, None);
        let labels: Vec<String> = again.list().iter().map(Account::label).collect();
        assert_eq!(labels, ["one.example.org", "two.example.org:8443"]);
        let text = std::fs::read_to_string(folders.config.join("servers.json")).unwrap();
        let fields = serde_json::from_str::<serde_json::Value>(&text).unwrap();
        assert_eq!(fields[0].as_object().unwrap().keys().collect::<Vec<_>>(), ["url"]);
    }
}
