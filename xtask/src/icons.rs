//! `cargo xtask icons`: every icon file from two kinds of SVG. The results are committed: a build draws nothing.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    command::{command, repository, run},
    setup,
};

/// What Tauri's bundler and the window want, of all that its icon command writes.
const KEPT: [&str; 6] = [
    "32x32.png",
    "128x128.png",
    "128x128@2x.png",
    "icon.png",
    "icon.ico",
    "icon.icns",
];

/// The tray's states.
const TRAY: [&str; 3] = ["idle", "holding", "offline"];

/// `cargo xtask icons`
pub(crate) fn icons() -> Result<()> {
    setup::ui_packages()?;
    let icons = repository().join("icons");
    let drawn = repository().join("target/icons");
    let tauri = repository().join("ui/node_modules/.bin/tauri");
    let source = icons.join("icon.svg");
    let mut draw = command(&tauri.to_string_lossy(), &["icon"]);
    run(draw.arg(&source).arg("--output").arg(&drawn))?;
    for name in KEPT {
        fs::copy(drawn.join(name), icons.join(name)).with_context(|| name.to_owned())?;
    }
    for state in TRAY {
        draw_tray(&icons, state)?;
    }
    Ok(())
}

fn draw_tray(icons: &Path, state: &str) -> Result<()> {
    let (svg, png) = (
        icons.join(format!("tray-{state}.svg")),
        icons.join(format!("tray-{state}.png")),
    );
    let mut convert = command("convert", &["-background", "none", "-density", "384"]);
    run(convert
        .arg(svg)
        .args(["-resize", "32x32", "-depth", "8"])
        .arg(format!("PNG32:{}", png.display())))
}
