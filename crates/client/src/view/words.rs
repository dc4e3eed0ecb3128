//! From a program's reasons to people's sentences. What the system itself says goes to the log.

use std::io;

/// Begins upper-case and ends with a full stop, so that sentences may stand beside each other.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().chain(characters).collect();
    if !sentence.is_empty() && !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// Why a disk refused, as the end of a sentence.
#[must_use]
pub fn disk_refusal(error: &io::Error) -> &'static str {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::StorageFull | Kind::QuotaExceeded => "the disk is full",
        Kind::PermissionDenied => "it is not allowed there",
        Kind::ReadOnlyFilesystem => "the disk can only be read",
        Kind::NotFound => "the file or its folder is not there",
        Kind::NotADirectory => "a file stands where a folder should be",
        Kind::IsADirectory => "a folder stands in its place",
        Kind::FileTooLarge => "the disk takes no file that large",
        _ => "the disk does not work as it should",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_becomes_a_sentence() {
        assert_eq!(sentence("the disk is full"), "The disk is full.");
        assert_eq!(sentence(" Done. "), "Done.");
        assert_eq!(sentence("Really?"), "Really?");
        assert_eq!(sentence("“a” is no file"), "“a” is no file.");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn a_full_disk_is_told_without_the_system_s_words() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(disk_refusal(&full), "the disk is full");
        let other = io::Error::other("EIO (os error 5)");
        assert!(!disk_refusal(&other).contains("os error"));
    }
}
