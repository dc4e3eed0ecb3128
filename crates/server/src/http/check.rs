//! What a well-formed request keeps to, whatever it asks for. Each refusal names the field.

use std::time::Duration;

use holdfast_protocol::limits::{ELEMENT_ID_BYTES, INTEGER_BELOW, NAME_CHARS, REASON_CHARS};

use crate::refusal::Refusal;

/// A name people see: 1 to 200 characters, kept as it is, so what can't be shown on one line is refused.
pub(crate) fn name(field: &str, text: &str) -> Result<(), Refusal> {
    words(field, text, NAME_CHARS)
}

/// A reason a person gives: up to 500 characters, not blank.
pub(crate) fn reason(field: &str, text: &str) -> Result<(), Refusal> {
    words(field, text, REASON_CHARS)
}

fn words(field: &str, text: &str, most: usize) -> Result<(), Refusal> {
    let count = text.chars().count();
    if text.trim().is_empty() {
        return Err(Refusal::invalid(field, "is empty"));
    }
    if count > most {
        return Err(Refusal::invalid(
            field,
            format!("has {count} characters; {most} are allowed"),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(Refusal::invalid(field, "has control characters"));
    }
    Ok(())
}

/// An element's or file's id: 1 to 256 bytes of UTF-8 without control characters.
pub(crate) fn element_id(field: &str, id: &str) -> Result<(), Refusal> {
    if id.is_empty() || id.len() > ELEMENT_ID_BYTES {
        let detail = format!("has {} bytes; 1 to {ELEMENT_ID_BYTES} are allowed", id.len());
        return Err(Refusal::invalid(field, detail));
    }
    if id.chars().any(char::is_control) {
        return Err(Refusal::invalid(field, "has control characters"));
    }
    Ok(())
}

/// A fence or version: no reader of JSON may lose its digits.
pub(crate) fn integer(field: &str, value: i64) -> Result<(), Refusal> {
    if (0..INTEGER_BELOW).contains(&value) {
        Ok(())
    } else {
        Err(Refusal::invalid(field, "is not an integer from 0 to 2^53 - 1"))
    }
}

/// A duration in milliseconds.
pub(crate) fn millis(field: &str, value: i64) -> Result<Duration, Refusal> {
    integer(field, value)?;
    Ok(Duration::from_millis(value.unsigned_abs()))
}

/// A SHA-256 as this server writes it.
pub(crate) fn sha256(field: &str, text: &str) -> Result<(), Refusal> {
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() == 64 && text.bytes().all(hexadecimal) {
        Ok(())
    } else {
        Err(Refusal::invalid(
            field,
            "is not a SHA-256 in 64 lower-case hexadecimal digits",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_or_refused_but_never_changed() {
        assert!(name("name", "Ünïcode 🎨 und ein Leerzeichen ").is_ok());
        assert!(name("name", &"é".repeat(200)).is_ok());
        for wrong in ["", "  \u{a0}", "a\nb", "a\0b", &"é".repeat(201)] {
            assert!(name("name", wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_integer_stays_below_two_to_the_fifty_third() {
        assert!(integer("fence", (1 << 53) - 1).is_ok());
        assert!(integer("fence", 1 << 53).is_err());
        assert!(integer("fence", -1).is_err());
    }
}
