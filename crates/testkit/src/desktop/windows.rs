//! What the person at the desktop sees and clicks.

use std::time::Duration;

use super::Desktop;
use crate::eventually::{eventually, seconds};

/// How long a window may take to come or go.
const WINDOW_WITHIN: Duration = seconds(20);

/// A window on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The window system's name for it.
    pub id: String,
    /// What its title bar says.
    pub title: String,
}

impl Desktop {
    /// The windows that the window manager knows, oldest first.
    #[must_use]
    pub fn windows(&self) -> Vec<Window> {
        let list = self.ask("wmctrl", &["-l"]).unwrap_or_default();
        list.lines()
            .filter_map(|line| {
                // id, desktop, host, title; numbers are padded with blanks
                let (id, rest) = line.split_once(' ')?;
                let (_, rest) = rest.trim_start().split_once(' ')?;
                let title = rest.split_once(' ').map_or("", |(_, title)| title);
                Some(Window {
                    id: id.to_owned(),
                    title: title.to_owned(),
                })
            })
            .collect()
    }

    /// Waits for a window whose title contains `title`.
    pub async fn window(&self, title: &str) -> Window {
        let what = format!("a window called {title:?} is there");
        eventually(&what, WINDOW_WITHIN, async || {
            self.windows()
                .into_iter()
                .find(|window| window.title.contains(title))
        })
        .await
    }

    /// Waits until no window's title contains `title`.
    pub async fn window_is_gone(&self, title: &str) {
        let what = format!("no window called {title:?} is left");
        eventually(&what, WINDOW_WITHIN, async || {
            let left = self
                .windows()
                .into_iter()
                .any(|window| window.title.contains(title));
            (!left).then_some(())
        })
        .await;
    }

    /// Closes a window as its close button does: the program is asked, and may take its time.
    pub fn close(&self, window: &Window) {
        self.ask("wmctrl", &["-i", "-c", &window.id]);
    }

    /// Brings a window to the front and gives it the keyboard.
    pub fn raise(&self, window: &Window) {
        self.ask("wmctrl", &["-i", "-a", &window.id]);
    }

    /// Makes a window so wide and high, as dragging its corner does.
    pub fn resize(&self, window: &Window, (width, height): (u32, u32)) {
        let geometry = format!("0,-1,-1,{width},{height}");
        self.ask("wmctrl", &["-i", "-r", &window.id, "-e", &geometry]);
    }

    /// The window that has the keyboard.
    #[must_use]
    pub fn active_title(&self) -> Option<String> {
        let title = self.ask("xdotool", &["getactivewindow", "getwindowname"])?;
        Some(title.trim_end().to_owned())
    }

    /// Presses and releases the left button at a place on the screen.
    pub fn click_at(&self, x: i64, y: i64) {
        self.ask(
            "xdotool",
            &["mousemove", &x.to_string(), &y.to_string(), "click", "1"],
        );
    }

    /// Drags with the left button, in steps as a hand would.
    pub fn drag(&self, from: (i64, i64), to: (i64, i64)) {
        let at = |(x, y): (i64, i64)| format!("mousemove {x} {y} sleep 0.03");
        let between = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
        let script = format!(
            "{} mousedown 1 sleep 0.03 {} {} mouseup 1",
            at(from),
            at(between),
            at(to)
        );
        let words: Vec<_> = script.split(' ').collect();
        self.ask("xdotool", &words);
    }

    /// Presses keys by name, as `["ctrl+s", "Return"]`.
    pub fn press(&self, keys: &[&str]) {
        let mut arguments = vec!["key", "--clearmodifiers"];
        arguments.extend(keys);
        self.ask("xdotool", &arguments);
    }

    /// Types text into the window that has the keyboard.
    pub fn type_text(&self, text: &str) {
        self.ask("xdotool", &["type", "--delay", "2", text]);
    }

    /// Waits for a notification's popup; answers its place: left, top, width, height.
    pub async fn popup(&self) -> (i64, i64, i64, i64) {
        eventually("a notification pops up", WINDOW_WITHIN, async || {
            self.find_popup()
        })
        .await
    }

    /// A notification's popup, if one is there now.
    #[must_use]
    pub fn find_popup(&self) -> Option<(i64, i64, i64, i64)> {
        let ids = self.ask(
            "xdotool",
            &["search", "--onlyvisible", "--class", "notification-daemon"],
        )?;
        let geometry = self.ask("xdotool", &["getwindowgeometry", "--shell", ids.lines().next()?])?;
        let value = |name: &str| {
            geometry
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
        };
        Some((value("X")?, value("Y")?, value("WIDTH")?, value("HEIGHT")?))
    }

    /// Clicks a popup's only button, which is at its lower right.
    pub async fn click_popup_button(&self) {
        let (x, y, width, height) = self.popup().await;
        self.click_at(x + width - 60, y + height - 28);
    }
}
