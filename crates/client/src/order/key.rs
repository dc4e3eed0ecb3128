//! Fractional indices as Excalidraw makes them: strings that sort, with room between any two.
//!
//! A key is an integer part and a fraction. The integer part's first letter says how long it is (`a` 2 characters up to
//! `z` 27, `Z` 2 down to `A` 27 for those below zero), so that keys of different length still sort as text. The
//! fraction never ends in the lowest digit: nothing would fit before it.

/// The digits, in the order in which they sort as text.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The first integer.
const ZERO: &str = "a0";

/// Text that is no fractional index, or two in the wrong order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no fractional index here")]
pub struct NotAKey(pub String);

fn not_a_key<T>(key: &str) -> Result<T, NotAKey> {
    Err(NotAKey(key.to_owned()))
}

fn digit(byte: u8) -> Option<usize> {
    DIGITS.iter().position(|&digit| digit == byte)
}

/// How long the integer part is, by its first letter.
fn integer_length(head: u8) -> Option<usize> {
    match head {
        b'a'..=b'z' => Some(usize::from(head - b'a') + 2),
        b'A'..=b'Z' => Some(usize::from(b'Z' - head) + 2),
        _ => None,
    }
}

fn split(key: &str) -> Result<(&str, &str), NotAKey> {
    let length = key.bytes().next().and_then(integer_length);
    match length {
        Some(length) if key.is_ascii() && key.len() >= length => Ok(key.split_at(length)),
        _ => not_a_key(key),
    }
}

/// Whether text is a fractional index.
///
/// # Errors
///
/// Where it is not.
pub fn validate(key: &str) -> Result<(), NotAKey> {
    let (_, fraction) = split(key)?;
    let digits = key.bytes().all(|byte| digit(byte).is_some());
    let smallest = key.starts_with('A') && key.bytes().skip(1).all(|byte| byte == b'0');
    if !digits || fraction.ends_with('0') || smallest {
        return not_a_key(key);
    }
    Ok(())
}

/// A key between two; before the first or after the last where one is missing.
///
/// # Errors
///
/// Where one is no key, or the first does not sort before the second.
pub fn key_between(low: Option<&str>, high: Option<&str>) -> Result<String, NotAKey> {
    for key in [low, high].into_iter().flatten() {
        validate(key)?;
    }
    match (low, high) {
        (None, None) => Ok(ZERO.to_owned()),
        (Some(low), Some(high)) if low >= high => not_a_key(high),
        (None, Some(high)) => before(high),
        (Some(low), None) => after(low),
        (Some(low), Some(high)) => between(low, high),
    }
}

fn before(high: &str) -> Result<String, NotAKey> {
    let (integer, fraction) = split(high)?;
    if integer.starts_with('A') && integer.bytes().skip(1).all(|byte| byte == b'0') {
        return Ok(format!("{integer}{}", midpoint("", Some(fraction))));
    }
    if !fraction.is_empty() {
        return Ok(integer.to_owned());
    }
    step(integer, false).ok_or_else(|| NotAKey(high.to_owned()))
}

fn after(low: &str) -> Result<String, NotAKey> {
    let (integer, fraction) = split(low)?;
    Ok(step(integer, true).unwrap_or_else(|| format!("{integer}{}", midpoint(fraction, None))))
}

fn between(low: &str, high: &str) -> Result<String, NotAKey> {
    let ((low_integer, low_fraction), (high_integer, high_fraction)) = (split(low)?, split(high)?);
    if low_integer == high_integer {
        return Ok(format!(
            "{low_integer}{}",
            midpoint(low_fraction, Some(high_fraction))
        ));
    }
    match step(low_integer, true) {
        Some(next) if next.as_str() < high => Ok(next),
        _ => Ok(format!("{low_integer}{}", midpoint(low_fraction, None))),
    }
}

/// `n` keys between two, in order, as short as they come.
///
/// # Errors
///
/// As [`key_between`].
pub fn keys_between(low: Option<&str>, high: Option<&str>, n: usize) -> Result<Vec<String>, NotAKey> {
    let Some(high) = high else {
        let mut keys: Vec<String> = Vec::with_capacity(n);
        for _ in 0..n {
            let last = keys.last().map(String::as_str).or(low);
            keys.push(key_between(last, None)?);
        }
        return Ok(keys);
    };
    match n {
        0 => Ok(Vec::new()),
        1 => Ok(vec![key_between(low, Some(high))?]),
        _ => {
            let middle = key_between(low, Some(high))?;
            let mut keys = keys_between(low, Some(&middle), n / 2)?;
            let rest = keys_between(Some(&middle), Some(high), n - n / 2 - 1)?;
            keys.push(middle);
            keys.extend(rest);
            Ok(keys)
        }
    }
}

/// A fraction between two; one where the upper end is missing. Neither ends in `0`.
fn midpoint(low: &str, high: Option<&str>) -> String {
    let digit_at = |text: &str, at: usize| text.as_bytes().get(at).copied().unwrap_or(b'0');
    if let Some(high) = high {
        let shared = (0..high.len())
            .take_while(|&at| digit_at(low, at) == digit_at(high, at))
            .count();
        if shared > 0 {
            let low = low.get(shared..).unwrap_or_default();
            return format!("{}{}", &high[..shared], midpoint(low, Some(&high[shared..])));
        }
    }
    let value = |text: &str| text.bytes().next().and_then(digit);
    let from = value(low).unwrap_or(0);
    let to = high.and_then(value).unwrap_or(DIGITS.len());
    if to - from > 1 {
        return char::from(DIGITS[(from + to).div_ceil(2)]).to_string();
    }
    match high {
        Some(high) if high.len() > 1 => high[..1].to_owned(),
        _ => {
            let rest = low.get(1..).unwrap_or_default();
            format!("{}{}", char::from(DIGITS[from]), midpoint(rest, None))
        }
    }
}

/// The next integer up or down; none at the end of all.
fn step(integer: &str, up: bool) -> Option<String> {
    let mut bytes = integer.as_bytes().to_vec();
    let (last, first) = if up { (b'z', b'0') } else { (b'0', b'z') };
    for byte in bytes.iter_mut().skip(1).rev() {
        if *byte == last {
            *byte = first;
            continue;
        }
        let value = digit(*byte)?;
        *byte = DIGITS[if up { value + 1 } else { value - 1 }];
        return String::from_utf8(bytes).ok();
    }
    let head = match (bytes[0], up) {
        (b'Z', true) => b'a',
        (b'a', false) => b'Z',
        (b'z', true) | (b'A', false) => return None,
        (head, true) => head + 1,
        (head, false) => head - 1,
    };
    let length = integer_length(head)?;
    let mut next = vec![first; length];
    next[0] = head;
    String::from_utf8(next).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What Excalidraw's own library answers.
    #[test]
    fn keys_are_those_that_excalidraw_makes() {
        let between = |low, high| key_between(low, high).unwrap();
        assert_eq!(between(None, None), "a0");
        assert_eq!(between(None, Some("a0")), "Zz");
        assert_eq!(between(Some("a0"), None), "a1");
        assert_eq!(between(Some("a0"), Some("a1")), "a0V");
        assert_eq!(between(Some("a0V"), Some("a1")), "a0l");
        assert_eq!(between(Some("Zz"), Some("a0")), "ZzV");
        assert_eq!(between(Some("Zz"), Some("a1")), "a0");
        assert_eq!(between(None, Some("Y00")), "Xzzz");
        assert_eq!(between(Some("bzz"), None), "c000");
        assert_eq!(between(Some("a0"), Some("a0V")), "a0G");
        assert_eq!(between(Some("b125"), Some("b129")), "b127");
        assert_eq!(between(Some("a0"), Some("a1V")), "a1");
        assert_eq!(between(Some("Zz"), Some("a01")), "a0");
        assert_eq!(between(None, Some("a0V")), "a0");
        assert_eq!(between(None, Some("b999")), "b99");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in [
            "",
            "a",
            "a00",
            "0",
            "b1",
            "a1é",
            "a1 ",
            "A00000000000000000000000000",
        ] {
            assert_eq!(validate(text), Err(NotAKey(text.to_owned())), "{text:?}");
        }
        assert!(key_between(Some("a1"), Some("a1")).is_err());
        assert!(key_between(Some("a2"), Some("a1")).is_err());
    }

    proptest! {
        /// Wherever keys are inserted, in whatever order, each lies between its neighbours and is a key.
        #[test]
        fn there_is_always_room(places in prop::collection::vec(any::<prop::sample::Index>(), 1..300)) {
            let mut keys: Vec<String> = Vec::new();
            for place in places {
                let at = place.index(keys.len() + 1);
                let low = at.checked_sub(1).map(|at| keys[at].clone());
                let high = keys.get(at).cloned();
                let key = key_between(low.as_deref(), high.as_deref()).unwrap();
                prop_assert!(validate(&key).is_ok(), "{key}");
                keys.insert(at, key);
            }
            prop_assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        }

        #[test]
        fn many_at_once_are_in_order(n in 0_usize..200, open in any::<bool>()) {
            let high = (!open).then_some("a1");
            let keys = keys_between(Some("a0"), high, n).unwrap();
            prop_assert_eq!(keys.len(), n);
            prop_assert!(keys.is_sorted_by(|a, b| a < b));
            prop_assert!(keys.iter().all(|key| validate(key).is_ok() && key.as_str() > "a0" && high.is_none_or(|high| key.as_str() < high)));
        }
    }
}
