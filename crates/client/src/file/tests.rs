//! Files in and out, without a server.

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ExportFile, read, read::parse, write};

fn samples() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples");
    let mut samples: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    samples.sort();
    assert_eq!(samples.len(), 5);
    samples
}

fn round_trip(text: &str) -> String {
    let drawing = parse(text.as_bytes()).unwrap();
    let elements: Vec<_> = drawing.elements.iter().map(|(_, data)| data.clone()).collect();
    let files: Vec<_> = drawing
        .files
        .iter()
        .map(|file| ExportFile {
            id: file.id.clone(),
            data: file.data.clone(),
            bytes: file.bytes.clone(),
        })
        .collect();
    let mut out = Vec::new();
    write(&mut out, &drawing.scene, &elements, &files).unwrap();
    String::from_utf8(out).unwrap()
}

/// Equal as text but for white space: numbers keep their digits, fields their order.
fn squeezed(text: &str) -> String {
    let fields: crate::document::RawObject = serde_json::from_str(text).unwrap();
    let mut squeezed = String::new();
    let (mut in_text, mut escaped) = (false, false);
    for c in fields.to_json().get().chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            c if c.is_whitespace() && !in_text => continue,
            _ => {}
        }
        squeezed.push(c);
    }
    squeezed
}

fn without_files(text: &str) -> String {
    let mut fields: crate::document::RawObject = serde_json::from_str(text).unwrap();
    fields.remove("files");
    squeezed(fields.to_json().get())
}

#[test]
fn d08_real_drawings_come_out_as_they_went_in() {
    for path in samples() {
        let text = std::fs::read_to_string(&path).unwrap();
        let out = round_trip(&text);
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert!(value(&out) == value(&text), "{}", path.display());
        // all but the pictures to the letter: where a data URL stands among its picture's fields is not kept
        assert!(without_files(&out) == without_files(&text), "{}", path.display());
    }
}

fn file(elements: &Value) -> String {
    json!({"type": "excalidraw", "version": 2, "source": "x", "elements": elements, "appState": {}, "files": {}}).to_string()
}

fn refused(text: &str) -> String {
    parse(text.as_bytes())
        .err()
        .unwrap_or_else(|| panic!("taken: {}", text.chars().take(200).collect::<String>()))
}

#[test]
fn d08_unknown_fields_and_odd_numbers_come_out_to_the_letter() {
    let text = r#"{"future":[1.0,1e3],"type":"excalidraw","elements":[{"id":"b","index":"a1","x":-0.0},{"id":"a","x":12345678901234567890}],"files":{},"z":null}"#;
    assert_eq!(squeezed(&round_trip(text)), text);
    let without_files = r#"{"type":"excalidraw","elements":[]}"#;
    assert_eq!(squeezed(&round_trip(without_files)), without_files);
}

#[test]
fn d08_damaged_files_are_refused_with_the_field() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = "x".repeat(257);
    let huge = "x".repeat(1 << 20);
    for (text, named) in [
        (String::new(), "empty"),
        (
            "{\"type\":\"excalidraw\",\"elements\":[{\"id\":\"a".to_owned(),
            "ends in the middle",
        ),
        ("[]".to_owned(), "no JSON object"),
        ("nonsense".to_owned(), "no JSON object"),
        (deep, "nested"),
        (
            r#"{"type":"excalidraw","type":"x","elements":[]}"#.to_owned(),
            "twice",
        ),
        (r#"{"type":"excalidrawlib","elements":[]}"#.to_owned(), "`type`"),
        (r#"{"type":"excalidraw"}"#.to_owned(), "`elements` is missing"),
        (file(&json!({"a": 1})), "`elements` is no list"),
        (file(&json!([1])), "`elements[0]`"),
        (file(&json!([{"x": 1}])), "`elements[0].id`"),
        (file(&json!([{"id": 7}])), "`elements[0].id`"),
        (file(&json!([{"id": ""}])), "`elements[0].id`"),
        (file(&json!([{"id": long}])), "257 bytes"),
        (file(&json!([{"id": "a\u{7}"}])), "control"),
        (
            file(&json!([{"id": "a"}, {"id": "a"}])),
            "`elements[1].id`: \"a\" is there twice",
        ),
        (file(&json!([{"id": "a", "text": huge}])), "more than 1 MiB"),
        (file(&json!([{"id": "a", "index": 3}])), "`elements[0].index`"),
        (
            file(&json!([{"id": "a", "link": "JavaScript:alert(1)"}])),
            "`elements[0].link`",
        ),
        (
            r#"{"type":"excalidraw","elements":[],"files":[]}"#.to_owned(),
            "`files`",
        ),
        (
            r#"{"type":"excalidraw","elements":[],"appState":3}"#.to_owned(),
            "`appState`",
        ),
        (
            r#"{"type":"excalidraw","elements":[],"holdfast":{}}"#.to_owned(),
            "`holdfast`",
        ),
    ] {
        let detail = refused(&text);
        assert!(detail.contains(named), "{named}: {detail}");
    }
    assert!(parse(b"{\"type\":\"\xff\"}").unwrap_err().contains("UTF-8"));
    let many: Vec<_> = (0..100_001).map(|n| json!({"id": n.to_string()})).collect();
    assert!(refused(&file(&json!(many))).contains("100001"));
}

fn with_picture(mime: &str, url: &str) -> String {
    json!({"type": "excalidraw", "elements": [], "files": {"p": {"id": "p", "mimeType": mime, "dataURL": url}}}).to_string()
}

#[test]
fn d08_hostile_and_damaged_pictures_are_refused_by_name() {
    let svg = |text: &str| format!("data:image/svg+xml;base64,{}", STANDARD.encode(text));
    let big = format!(
        "data:image/png;base64,{}",
        STANDARD.encode(vec![0; (16 << 20) + 1])
    );
    for (mime, url, named) in [
        ("image/svg+xml", svg("<svg onload='x()'/>"), "event handler"),
        ("image/svg+xml", svg("<svg><script>x</script></svg>"), "script"),
        ("image/png", svg("<svg/>"), "they are image/svg+xml"),
        (
            "image/png",
            "data:image/png;base64,%%%".to_owned(),
            "damaged base64",
        ),
        (
            "image/png",
            "https://example.org/x.png".to_owned(),
            "no base64 data URL",
        ),
        ("image/png", big, "16 MiB"),
    ] {
        let detail = refused(&with_picture(mime, &url));
        assert!(
            detail.contains(named) && detail.contains("files[\"p\"]"),
            "{detail}"
        );
    }
}

#[test]
fn d08_a_data_url_comes_out_to_the_letter() {
    let payload = STANDARD.encode("<svg/>");
    for head in [
        "data:image/svg+xml;base64",
        "data:image/svg+xml;charset=utf-8;base64",
    ] {
        let text = with_picture("image/svg+xml", &format!("{head},{payload}"));
        assert_eq!(squeezed(&round_trip(&text)), squeezed(&text));
    }
}

#[test]
fn d08_a_file_too_large_is_not_even_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.excalidraw");
    std::fs::File::create(&path).unwrap().set_len(200 << 20).unwrap();
    let error = read(&path).unwrap_err();
    assert_eq!(error.file, "huge.excalidraw");
    assert!(error.detail.contains("200 MiB"), "{error}");
}

proptest! {
    /// No text whatever brings the reader down.
    #[test]
    fn d08_any_text_is_taken_or_refused(text in r#"[\[\]{}",:a-z0-9\\ ]{0,200}"#) {
        let _ = parse(text.as_bytes());
    }

    #[test]
    fn d08_any_drawing_comes_out_as_it_went_in(
        indices in prop::collection::vec(prop::option::of("[a-c][0-9A-Za-z]{0,2}"), 0..30),
        extra in prop::collection::vec(("x_[a-z]{1,6}", any::<i64>()), 0..5),
        n in any::<f64>().prop_filter("finite", |n| n.is_finite()),
    ) {
        let elements: Vec<_> = indices.iter().enumerate().map(|(at, index)| match index {
            Some(index) => json!({"id": format!("e{at}"), "index": index, "x": n}),
            None => json!({"id": format!("e{at}"), "y": n}),
        }).collect();
        let mut fields = serde_json::Map::new();
        fields.insert("type".into(), json!("excalidraw"));
        for (name, value) in extra {
            fields.insert(name, json!(value));
        }
        fields.insert("elements".into(), json!(elements));
        let text = Value::Object(fields).to_string();
        prop_assert_eq!(squeezed(&round_trip(&text)), squeezed(&text));
    }
}
