//! Tauri's macro, which the bare window uses, needs the folder that Cargo gives to packages with a build script.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
