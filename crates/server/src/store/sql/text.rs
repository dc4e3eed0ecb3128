//! What people may call things.

use holdfast_protocol::limits::NAME_CHARS;

use crate::store::StoreError;

/// Refuses a name that is empty, blank, over 200 characters, or has control characters in it.
pub(super) fn check_name(field: &str, name: &str) -> Result<(), StoreError> {
    let detail = if name.trim().is_empty() {
        "is empty"
    } else if name.chars().count() > NAME_CHARS {
        "is over 200 characters"
    } else if name.chars().any(char::is_control) {
        "has control characters"
    } else {
        return Ok(());
    };
    Err(invalid(field, detail))
}

/// `Invalid`, naming a field.
pub(super) fn invalid(field: &str, detail: impl Into<String>) -> StoreError {
    StoreError::Invalid {
        field: field.to_owned(),
        detail: detail.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_200_characters() {
        assert!(check_name("name", "ä").is_ok());
        assert!(check_name("name", &"ä".repeat(200)).is_ok());
        for bad in ["", "  ", "a\nb", &"ä".repeat(201)] {
            assert!(check_name("name", bad).is_err(), "{bad:?}");
        }
    }
}
