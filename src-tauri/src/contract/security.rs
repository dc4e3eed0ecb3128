//! The content policy and the capabilities are as narrow as they were decided to be: widening one needs a change here.

use std::collections::BTreeSet;

use serde_json::json;

use super::{json, repository};

#[test]
fn c07_the_content_policy_lets_pages_reach_nothing_but_the_host() {
    let config = json("tauri.conf.json");
    let policy = config["app"]["security"]["csp"]
        .as_str()
        .expect("a content policy");
    let directives: BTreeSet<&str> = policy.split(';').map(str::trim).collect();
    let decided = BTreeSet::from([
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ipc: http://ipc.localhost",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-src 'none'",
    ]);
    assert_eq!(directives, decided);
}

#[test]
fn c07_the_configuration_opens_no_other_door() {
    let config = json("tauri.conf.json");
    let security = &config["app"]["security"];
    assert_eq!(
        security["dangerousDisableAssetCspModification"],
        json!(["style-src", "script-src"])
    );
    assert_eq!(security["capabilities"], json!(["library", "canvas"]));
    for door in ["devCsp", "assetProtocol", "dangerousUseHttpScheme", "headers"] {
        assert!(security.get(door).is_none(), "{door}");
    }
    assert!(config["app"].get("withGlobalTauri").is_none());
    assert!(config["build"].get("devUrl").is_none());
    assert_eq!(
        config["app"]["windows"],
        json!([]),
        "windows are opened by the host alone"
    );
}

#[test]
fn c07_each_kind_of_window_may_listen_and_ask_its_own_commands() {
    let folder = std::fs::read_dir(repository("src-tauri/capabilities")).expect("the folder of capabilities");
    let files: BTreeSet<String> = folder
        .flatten()
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        files,
        BTreeSet::from(["canvas.json".to_owned(), "library.json".to_owned()])
    );

    for (kind, windows) in [("library", "library"), ("canvas", "canvas-*")] {
        let capability = json(&format!("src-tauri/capabilities/{kind}.json"));
        assert_eq!(capability["identifier"], kind);
        assert_eq!(capability["windows"], json!([windows]));
        assert_eq!(capability["local"], true);
        for wider in ["remote", "webviews", "platforms"] {
            assert!(capability.get(wider).is_none(), "{kind}: {wider}");
        }
        let own = format!("{kind}-commands");
        let permissions = json!([
            "core:event:allow-listen",
            "core:event:allow-unlisten",
            "shared-commands",
            own
        ]);
        assert_eq!(capability["permissions"], permissions);
    }
}
