//! Links in a drawing: those that would run something are refused.

/// Schemes that run what they carry, or open files of this device.
const HOSTILE: [&str; 5] = ["javascript:", "vbscript:", "data:", "file:", "blob:"];

/// Whether a link would run something. What a browser skips when it looks for the scheme is skipped here too.
pub(super) fn is_hostile(link: &str) -> bool {
    let skipped = |c: &char| !(c.is_control() || c.is_whitespace());
    let start: String = link.chars().filter(skipped).take(16).collect();
    let start = start.to_ascii_lowercase();
    HOSTILE.iter().any(|scheme| start.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d08_links_that_run_something_are_known_however_they_are_written() {
        for link in [
            "javascript:alert(1)",
            " \tJava\nScript:x",
            "data:text/html,x",
            "VBSCRIPT:x",
            "file:///etc/passwd",
        ] {
            assert!(is_hostile(link), "{link:?}");
        }
        for link in [
            "https://example.org/?q=javascript:x",
            "mailto:a@example.org",
            "/page",
            "#top",
            "",
        ] {
            assert!(!is_hostile(link), "{link:?}");
        }
    }
}
