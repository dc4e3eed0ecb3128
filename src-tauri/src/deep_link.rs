//! `holdfast://document/ID`, with `?server=ADDRESS` where it is known which server has the document (C10).

use std::str::FromStr;

use holdfast_client::view::ServerId;
use holdfast_protocol::DocumentId;
use url::Url;

use crate::{accounts::canonical, local_server};

/// The scheme; the same as in `tauri.conf.json`.
pub(crate) const SCHEME: &str = "holdfast";

/// A link to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocumentLink {
    /// Which document.
    pub(crate) document: DocumentId,
    /// Where, if the link says so.
    pub(crate) server: Option<ServerId>,
}

/// A link that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a link looks like holdfast://document/ID or holdfast://document/ID?server=ADDRESS")]
pub(crate) struct NoLink;

impl FromStr for DocumentLink {
    type Err = NoLink;

    fn from_str(text: &str) -> Result<Self, NoLink> {
        let url = Url::parse(text).map_err(|_| NoLink)?;
        if url.scheme() != SCHEME || url.host_str() != Some("document") {
            return Err(NoLink);
        }
        let id = url.path().trim_matches('/');
        let mut servers = url.query_pairs().filter(|(name, _)| name == "server");
        let server = servers.next().map(|(_, address)| server(&address)).transpose()?;
        Ok(Self {
            document: id.parse().map_err(|_| NoLink)?,
            server,
        })
    }
}

fn server(address: &str) -> Result<ServerId, NoLink> {
    if address == local_server::ID {
        return Ok(local_server::id());
    }
    let url = canonical(address).ok_or(NoLink)?;
    Ok(ServerId(url.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6f9619ff-8b86-4d01-b42d-00c04fc964ff";

    #[test]
    fn c10_a_link_names_a_document_and_perhaps_its_server() {
        let link = |text: String| text.parse::<DocumentLink>();
        let plain = link(format!("holdfast://document/{ID}")).unwrap();
        assert_eq!((plain.document.to_string().as_str(), plain.server), (ID, None));
        let here = link(format!("holdfast://document/{ID}/?server=device")).unwrap();
        assert_eq!(here.server, Some(local_server::id()));
        let there = link(format!("holdfast://document/{ID}?server=draw.example.org")).unwrap();
        assert_eq!(
            there.server,
            Some(ServerId("https://draw.example.org/".to_owned()))
        );
    }

    #[test]
    fn c10_anything_else_is_no_link() {
        for text in [
            "holdfast://document/".to_owned(),
            "holdfast://document/7".to_owned(),
            format!("holdfast://workspace/{ID}"),
            format!("https://document/{ID}"),
            format!("holdfast://document/{ID}?server=ftp://example.org"),
            format!("holdfast://document/{ID}/../x"),
            "holdfast:".to_owned(),
            String::new(),
        ] {
            assert_eq!(text.parse::<DocumentLink>(), Err(NoLink), "{text}");
        }
    }
}
