//! Pictures in a drawing: only what is one, and nothing that acts.

/// Sniffs a picture's type from its first bytes.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let brand = bytes.get(4..12).unwrap_or_default();
    Some(match () {
        () if starts(b"\x89PNG\r\n\x1a\n") => "image/png",
        () if starts(b"\xff\xd8\xff") => "image/jpeg",
        () if starts(b"GIF87a") || starts(b"GIF89a") => "image/gif",
        () if starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => "image/webp",
        () if starts(b"BM") => "image/bmp",
        () if starts(&[0, 0, 1, 0]) => "image/x-icon",
        () if brand == b"ftypavif" || brand == b"ftypavis" => "image/avif",
        () if is_svg(bytes) => "image/svg+xml",
        () => return None,
    })
}

/// An XML document whose first element is `svg`.
fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = match () {
            () if rest.starts_with("<?") => "?>",
            () if rest.starts_with("<!--") => "-->",
            () if rest.starts_with("<!") => ">",
            () => break,
        };
        let Some(at) = rest.find(end) else {
            return false;
        };
        rest = rest[at + end.len()..].trim_start();
    }
    let name = rest.strip_prefix('<').unwrap_or_default();
    let name = name
        .split(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .next();
    name.is_some_and(|name| name == "svg" || name.ends_with(":svg"))
}

/// Checks that bytes are a picture of the type that they are said to be, and harmless.
///
/// # Errors
///
/// What is wrong, in words.
pub fn check(mime_type: &str, bytes: &[u8]) -> Result<(), String> {
    let Some(sniffed) = sniff(bytes) else {
        return Err(format!(
            "These bytes are said to be {mime_type:?}, but they are no picture that Holdfast knows."
        ));
    };
    let said = mime_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let same = said == sniffed
        || matches!(
            (said.as_str(), sniffed),
            ("image/jpg", "image/jpeg")
                | ("image/jfif", "image/jpeg")
                | ("image/vnd.microsoft.icon", "image/x-icon")
        );
    if !same {
        return Err(format!(
            "These bytes are said to be {mime_type:?}, but they are {sniffed}."
        ));
    }
    if sniffed == "image/svg+xml" {
        let text = String::from_utf8_lossy(bytes);
        if let Some(hostile) = hostile(&text) {
            return Err(format!(
                "This SVG picture has {hostile}: Holdfast takes pictures that only show."
            ));
        }
    }
    Ok(())
}

/// What of an SVG would act or fetch, where anything would.
fn hostile(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    let has = |needle: &str| text.contains(needle);
    match () {
        () if has("<script") || has(":script") => Some("a script in it"),
        () if has("foreignobject") => Some("a foreign object in it"),
        () if has("<!entity") => Some("entities of its own"),
        () if has("javascript:") || has("vbscript:") => Some("a script in a link"),
        () if has("<iframe") || has("<embed") || has("<object") => Some("another document in it"),
        () if has_handler(&text) => Some("an event handler"),
        () if refers_outside(&text) => Some("a reference to something outside of it"),
        () => None,
    }
}

/// An attribute whose name begins with `on`.
fn has_handler(text: &str) -> bool {
    let boundary = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'/');
    let bytes = text.as_bytes();
    bytes.windows(3).enumerate().any(|(at, window)| {
        if !(boundary(window[0]) && &window[1..] == b"on") {
            return false;
        }
        let name = bytes[at + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let after = bytes[at + 1 + name..]
            .iter()
            .find(|byte| !byte.is_ascii_whitespace());
        name > 2 && after == Some(&b'=') && in_tag(text, at)
    })
}

/// Whether a place in the text is inside of a tag.
fn in_tag(text: &str, at: usize) -> bool {
    let before = &text.as_bytes()[..at];
    let open = before.iter().rposition(|byte| *byte == b'<');
    let close = before.iter().rposition(|byte| *byte == b'>');
    open > close
}

/// `href`, `src` and `url()` may name what is inside (`#id`) or data; `@import` nothing.
fn refers_outside(text: &str) -> bool {
    let inside = |target: &str| {
        let target = target.trim_start_matches(['"', '\'', ' ', '\t', '\n', '\r']);
        target.starts_with('#') || target.starts_with("data:image/") || target.is_empty()
    };
    let attribute = |name: &str| {
        text.match_indices(name).any(|(at, _)| {
            let rest = text[at + name.len()..].trim_start();
            let value = rest.strip_prefix('=').map(str::trim_start);
            in_tag(text, at) && value.is_some_and(|value| !inside(value) && !value.starts_with("\"\""))
        })
    };
    let link_elements = text.contains("<a ") || text.contains("<a\n");
    let urls = text.match_indices("url(").any(|(at, _)| !inside(&text[at + 4..]));
    text.contains("@import")
        || urls
        || attribute(" src")
        || (attribute("href") && !(link_elements && only_links(text)))
}

/// Whether every outside `href` is that of an `<a>`: a link that shows nothing and is never followed in a picture.
fn only_links(text: &str) -> bool {
    text.match_indices("href").all(|(at, _)| {
        let tag = text[..at]
            .rfind('<')
            .map(|open| &text[open + 1..at])
            .unwrap_or_default();
        let value = text[at + 4..]
            .trim_start()
            .trim_start_matches(['=', '"', '\'', ' ']);
        tag.starts_with("a ")
            || tag.starts_with("a\n")
            || value.starts_with('#')
            || value.starts_with("data:image/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....";

    #[test]
    fn d08_pictures_are_what_they_are_said_to_be() {
        assert_eq!(check("image/png", PNG), Ok(()));
        assert!(check("image/jpeg", PNG).unwrap_err().contains("image/png"));
        assert!(check("image/png", b"MZ\x90").unwrap_err().contains("no picture"));
        assert!(check("text/html", b"<html><svg></svg></html>").is_err());
    }

    #[test]
    fn d08_an_svg_that_only_shows_is_taken() {
        for text in [
            r##"<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/><text>once upon = a time</text></svg>"##,
            r#"<?xml version="1.0"?><!-- icon --><svg width="1"><image href="data:image/png;base64,AA"/></svg>"#,
            r##"<svg><rect fill="url(#g)"/></svg>"##,
        ] {
            assert_eq!(check("image/svg+xml", text.as_bytes()), Ok(()), "{text}");
        }
    }

    #[test]
    fn d08_an_svg_that_acts_or_fetches_is_refused() {
        for text in [
            "<svg><script>alert(1)</script></svg>",
            "<svg onload=alert(1)>",
            "<svg><g/onclick = 'x()'/></svg>",
            "<svg><foreignObject/></svg>",
            "<svg><image xlink:href=\"https://example.org/x.png\"/></svg>",
            "<svg><a href=\"javascript:alert(1)\">x</a></svg>",
            "<svg><style>@import 'x.css'</style></svg>",
            "<svg><rect fill='url(https://example.org/)'/></svg>",
            "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>",
        ] {
            assert!(check("image/svg+xml", text.as_bytes()).is_err(), "{text}");
        }
    }
}
