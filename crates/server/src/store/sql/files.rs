//! Images: kept once by hash, looked at on arrival, read only through a document that they were put through (D09).

use bytes::Bytes;
use holdfast_protocol::{DocumentId, limits::FILE_BYTES};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

use super::{commit::is_sha256, text::invalid};
use crate::{
    database::{Columns as _, Connection, Tx},
    store::{StorageError, StoreError},
};

/// Bytes that were found to be an image and to have their hash.
pub(super) struct Image {
    sha256: String,
    media_type: &'static str,
    bytes: Bytes,
}

/// Looks at what came, before anything is written.
pub(super) fn look(sha256: &str, bytes: Bytes) -> Result<Image, StoreError> {
    if !is_sha256(sha256) {
        return Err(invalid("sha256", "is not 64 lower-case hexadecimal digits"));
    }
    if bytes.len() > FILE_BYTES {
        return Err(StoreError::TooLarge(format!("a file is over {FILE_BYTES} bytes")));
    }
    if hex(&Sha256::digest(&bytes)) != sha256 {
        return Err(StoreError::HashMismatch);
    }
    let media_type = media_type(&bytes).ok_or_else(|| invalid("body", "is no image that Holdfast knows"))?;
    Ok(Image {
        sha256: sha256.to_owned(),
        media_type,
        bytes,
    })
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The type of an image, by its first bytes; whatever its sender calls it does not count.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    if starts(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if starts(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if starts(b"GIF87a") || starts(b"GIF89a") {
        Some("image/gif")
    } else if starts(b"RIFF") && at(8, b"WEBP") {
        Some("image/webp")
    } else if at(4, b"ftypavif") || at(4, b"ftypavis") {
        Some("image/avif")
    } else if starts(b"BM") && bytes.len() > 26 {
        Some("image/bmp")
    } else if starts(b"\0\0\x01\0") && bytes.len() > 22 {
        Some("image/x-icon")
    } else if is_svg(bytes) {
        Some("image/svg+xml")
    } else {
        None
    }
}

/// Text whose first element is `svg`, after a byte order mark, declarations and comments.
fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<!") {
            ">"
        } else {
            break;
        };
        let Some(at) = rest.find(end) else { return false };
        rest = rest[at + end.len()..].trim_start();
    }
    rest.strip_prefix("<svg")
        .and_then(|rest| rest.chars().next())
        .is_some_and(|next| next.is_whitespace() || next == '>' || next == '/')
}

/// Keeps it; whether it is new to this document's readers.
pub(super) async fn put(tx: &mut Tx<'_>, id: DocumentId, image: &Image) -> Result<bool, StorageError> {
    sqlx::query(
        "INSERT INTO blobs (sha256, media_type, bytes) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO NOTHING",
    )
    .bind(image.sha256.as_str())
    .bind(image.media_type)
    .bind(&image.bytes[..])
    .execute(&mut *tx.conn)
    .await?;
    let linked = sqlx::query(
        "INSERT INTO document_files (document_id, sha256) VALUES ($1, $2) ON CONFLICT (document_id, sha256) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(image.sha256.as_str())
    .execute(&mut *tx.conn)
    .await?;
    Ok(linked.rows_affected() > 0)
}

/// The bytes and their type.
pub(super) async fn get(
    conn: &mut Connection,
    id: DocumentId,
    sha256: &str,
) -> Result<(Bytes, String), StoreError> {
    let row = sqlx::query(
        "SELECT b.bytes, b.media_type FROM document_files f JOIN blobs b ON b.sha256 = f.sha256 \
         WHERE f.document_id = $1 AND f.sha256 = $2",
    )
    .bind(id.to_string())
    .bind(sha256)
    .fetch_optional(conn)
    .await?
    .ok_or(StoreError::NotFound)?;
    let bytes: Vec<u8> = row.try_get("bytes")?;
    Ok((bytes.into(), row.text("media_type")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d09_an_image_is_known_by_its_bytes() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0rest", Some("image/jpeg")),
            (b"GIF89a...", Some("image/gif")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"\0\0\0\x20ftypavif", Some("image/avif")),
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'/>",
                Some("image/svg+xml"),
            ),
            (
                "\u{feff}<?xml version='1.0'?>\n<!-- <html> -->\n<!DOCTYPE svg>\n<svg>".as_bytes(),
                Some("image/svg+xml"),
            ),
            (b"<html><svg></svg></html>", None),
            (b"<svgx/>", None),
            (b"<!-- never closed", None),
            (b"RIFF\x10\0\0\0WAVEfmt ", None),
            (b"%PDF-1.7", None),
            (b"", None),
        ] {
            assert_eq!(
                media_type(bytes),
                expected,
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn d09_other_bytes_than_the_hash_says_are_refused() {
        let bytes = Bytes::from_static(b"GIF89a");
        assert!(matches!(
            look(&"0".repeat(64), bytes.clone()),
            Err(StoreError::HashMismatch)
        ));
        assert!(
            matches!(look("00", bytes.clone()), Err(StoreError::Invalid { field, .. }) if field == "sha256")
        );
        assert!(look(&hex(&Sha256::digest(&bytes)), bytes).is_ok());
    }
}
