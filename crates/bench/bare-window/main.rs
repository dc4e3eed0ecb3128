//! A window with Excalidraw in it and nothing else: what the app's start and memory are measured against.

fn main() {
    tauri::Builder::default()
        .run(tauri::generate_context!("bare-window/tauri.conf.json"))
        .expect("the window opens");
}
