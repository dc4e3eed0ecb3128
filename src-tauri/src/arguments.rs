//! The command line: `holdfast [FILE.excalidraw | holdfast://…]…`. A second start hands its own over (C09).

use std::path::{Path, PathBuf};

use url::Url;

use crate::deep_link::{DocumentLink, SCHEME};

pub(crate) const USAGE: &str = "\
Usage: holdfast [FILE.excalidraw | holdfast://document/ID]...

Opens the library. A file is imported into the documents on this device and opened, a link is opened.
Where Holdfast is running already, it is asked to do so.

Options:
  -h, --help     Print this
  -V, --version  Print the version

Environment:
  HOLDFAST_DATA_DIR      Keep everything of the app in this folder
  HOLDFAST_IDLE_RELEASE  After how long without input a canvas is given back, as 45s or 30min
  HOLDFAST_LOG           What is logged, as in HOLDFAST_LOG=debug";

/// Something to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// A drawing to import.
    File(PathBuf),
    /// A document.
    Link(DocumentLink),
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// The app, and these. Without any, the library.
    Open(Vec<Arrival>),
    /// To be told how to call it.
    Help,
    /// To be told its version.
    Version,
}

/// A command line that is not understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Misunderstood {
    /// No such option.
    #[error("there is no option {0}")]
    Option(String),
    /// Not a link to a document.
    #[error("{0} is no link to a document")]
    Link(String),
}

/// Reads a command line without its first word. Relative paths start at `folder`.
pub(crate) fn read<I>(arguments: I, folder: &Path) -> Result<Request, Misunderstood>
where
    I: IntoIterator<Item = String>,
{
    let mut arrivals = Vec::new();
    let mut options_end = false;
    for argument in arguments {
        match argument.as_str() {
            "" => {}
            "--" if !options_end => options_end = true,
            "-h" | "--help" if !options_end => return Ok(Request::Help),
            "-V" | "--version" if !options_end => return Ok(Request::Version),
            option if option.starts_with('-') && !options_end => {
                return Err(Misunderstood::Option(argument));
            }
            _ => arrivals.push(arrival(&argument, folder)?),
        }
    }
    Ok(Request::Open(arrivals))
}

/// A link, a `file:` address as desktops pass it, or a path.
pub(crate) fn arrival(argument: &str, folder: &Path) -> Result<Arrival, Misunderstood> {
    let scheme = argument.split_once(':').map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME)) {
        let link = argument
            .parse()
            .map_err(|_| Misunderstood::Link(argument.to_owned()))?;
        return Ok(Arrival::Link(link));
    }
    let from_address = Url::parse(argument)
        .ok()
        .filter(|url| url.scheme() == "file")
        .and_then(|url| url.to_file_path().ok());
    let path = from_address.unwrap_or_else(|| folder.join(argument));
    Ok(Arrival::File(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(arguments: &[&str]) -> Result<Request, Misunderstood> {
        read(
            arguments.iter().map(|&argument| argument.to_owned()),
            Path::new("/home/ada"),
        )
    }

    #[test]
    fn c10_files_and_links_are_told_apart() {
        let link = "holdfast://document/6f9619ff-8b86-4d01-b42d-00c04fc964ff";
        let request = open(&[
            "plan.excalidraw",
            "/tmp/a b.excalidraw",
            "file:///tmp/a%20b.excalidraw",
            link,
        ]);
        let file = |path: &str| Arrival::File(path.into());
        let expected = vec![
            file("/home/ada/plan.excalidraw"),
            file("/tmp/a b.excalidraw"),
            file("/tmp/a b.excalidraw"),
            Arrival::Link(link.parse().unwrap()),
        ];
        assert_eq!(request, Ok(Request::Open(expected)));
        assert_eq!(open(&[]), Ok(Request::Open(Vec::new())));
    }

    #[test]
    fn a_file_may_begin_with_a_dash_after_two() {
        let file = Arrival::File("/home/ada/-x.excalidraw".into());
        assert_eq!(open(&["--", "-x.excalidraw"]), Ok(Request::Open(vec![file])));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(open(&["--frob"]), Err(Misunderstood::Option("--frob".to_owned())));
        assert_eq!(
            open(&["holdfast://nowhere"]),
            Err(Misunderstood::Link("holdfast://nowhere".to_owned()))
        );
        assert_eq!(open(&["-V"]), Ok(Request::Version));
        assert_eq!(open(&["x.excalidraw", "--help"]), Ok(Request::Help));
    }
}
