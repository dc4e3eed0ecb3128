//! One window's content.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
pub use thirtyfour::Key;
use thirtyfour::action_chain::ActionChain;
use thirtyfour::{By, WebDriver, WebElement, WindowHandle, error::WebDriverResult};
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    binary::artifacts,
    eventually::{eventually_ok, seconds, until},
};

/// How long the UI may take to show what was asked for, on a busy machine; rules that time something say so.
const SHOWN_WITHIN: Duration = seconds(20);

/// The content of a window. A driver looks at one window at a time, so each look holds it and turns it here first.
#[derive(Debug, Clone)]
pub struct Page {
    driver: Arc<Mutex<WebDriver>>,
    handle: WindowHandle,
}

impl Page {
    pub(super) fn new(driver: Arc<Mutex<WebDriver>>, handle: WindowHandle) -> Self {
        Self { driver, handle }
    }

    async fn here(&self) -> WebDriverResult<MutexGuard<'_, WebDriver>> {
        let driver = self.driver.lock().await;
        driver.switch_to_window(self.handle.clone()).await?;
        Ok(driver)
    }

    /// The value of a JavaScript expression; none where the window is gone or the expression throws.
    pub async fn try_evaluate(&self, expression: &str) -> Option<Value> {
        let driver = self.here().await.ok()?;
        let answer = driver
            .execute(format!("return ({expression});"), Vec::new())
            .await
            .ok()?;
        Some(answer.json().clone())
    }

    /// The value of a JavaScript expression.
    ///
    /// # Panics
    ///
    /// Where the window is gone or the expression throws.
    pub async fn evaluate(&self, expression: &str) -> Value {
        let value = self.try_evaluate(expression).await;
        value.unwrap_or_else(|| panic!("{expression} has no value: it throws, or the window is gone"))
    }

    /// Waits until a JavaScript expression is true.
    pub async fn until(&self, what: &str, expression: &str) {
        self.until_within(what, expression, SHOWN_WITHIN).await;
    }

    /// [`Page::until`] where a rule times it.
    pub async fn until_within(&self, what: &str, expression: &str, within: Duration) {
        until(what, within, async || {
            self.try_evaluate(expression).await == Some(Value::Bool(true))
        })
        .await;
    }

    /// Whether the window is there.
    pub async fn is_open(&self) -> bool {
        self.try_evaluate("true").await.is_some()
    }

    /// Waits for an element to be there.
    pub async fn shows(&self, testid: &str) {
        self.shows_css(&by_testid(testid)).await;
    }

    /// Waits for an element, by CSS selector, to be there.
    pub async fn shows_css(&self, css: &str) {
        self.until(
            &format!("{css} is shown"),
            &format!("document.querySelector({css:?}) !== null"),
        )
        .await;
    }

    /// Waits for an element to be gone.
    pub async fn hides(&self, testid: &str) {
        let css = by_testid(testid);
        self.until(
            &format!("{testid} is gone"),
            &format!("document.querySelector({css:?}) === null"),
        )
        .await;
    }

    /// Whether an element is there now.
    pub async fn has(&self, testid: &str) -> bool {
        let css = by_testid(testid);
        self.evaluate(&format!("document.querySelector({css:?}) !== null"))
            .await
            == true
    }

    /// Waits for an element and answers its text.
    pub async fn text(&self, testid: &str) -> String {
        self.shows(testid).await;
        let css = by_testid(testid);
        let text = self
            .evaluate(&format!("document.querySelector({css:?})?.textContent ?? ''"))
            .await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the text of an element with this `data-testid` contains `part`.
    pub async fn says(&self, testid: &str, part: &str) {
        let css = by_testid(testid);
        let expression = format!(
            "[...document.querySelectorAll({css:?})].some((one) => one.textContent.includes({part:?}))"
        );
        self.until(&format!("{testid} says {part:?}"), &expression).await;
    }

    /// Waits for an element and answers an attribute; empty where it has none.
    pub async fn attribute(&self, testid: &str, name: &str) -> String {
        self.shows(testid).await;
        let css = by_testid(testid);
        let value = self
            .evaluate(&format!(
                "document.querySelector({css:?})?.getAttribute({name:?}) ?? ''"
            ))
            .await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an element's attribute has this value.
    pub async fn attribute_is(&self, testid: &str, name: &str, value: &str) {
        self.attribute_is_within(testid, name, value, SHOWN_WITHIN).await;
    }

    /// [`Page::attribute_is`] where a rule times it.
    pub async fn attribute_is_within(&self, testid: &str, name: &str, value: &str, within: Duration) {
        let css = by_testid(testid);
        let expression = format!("document.querySelector({css:?})?.getAttribute({name:?}) === {value:?}");
        self.until_within(&format!("{testid} has {name}={value:?}"), &expression, within)
            .await;
    }

    /// Clicks an element as soon as it can be clicked.
    pub async fn click(&self, testid: &str) {
        self.click_css(&by_testid(testid)).await;
    }

    /// Clicks an element, by CSS selector, as soon as it can be clicked.
    pub async fn click_css(&self, css: &str) {
        self.act(css, "is clicked", async |element| element.click().await)
            .await;
    }

    /// Replaces an input's text.
    pub async fn fill(&self, testid: &str, text: &str) {
        let css = by_testid(testid);
        self.act(&css, "is filled", async |element| {
            element.clear().await?;
            element.send_keys(text).await
        })
        .await;
    }

    /// Types into an element without clearing it first; also keys by name.
    pub async fn send_keys(&self, testid: &str, keys: &str) {
        self.act(&by_testid(testid), "takes keys", async |element| {
            element.send_keys(keys).await
        })
        .await;
    }

    async fn act(&self, css: &str, what: &str, action: impl AsyncFn(WebElement) -> WebDriverResult<()>) {
        let what = format!("{css} {what}");
        eventually_ok(&what, SHOWN_WITHIN, async || self.attempt(css, &action).await).await;
    }

    async fn attempt(
        &self,
        css: &str,
        action: &impl AsyncFn(WebElement) -> WebDriverResult<()>,
    ) -> WebDriverResult<()> {
        let driver = self.here().await?;
        let element = driver.find(By::Css(css)).await?;
        action(element).await
    }

    /// Drags with the left button inside the page.
    pub async fn drag(&self, from: (i64, i64), to: (i64, i64)) {
        let between = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
        self.act_in_turn(&[
            &|chain| chain.move_to(from.0, from.1),
            &ActionChain::click_and_hold,
            &|chain| chain.move_to(between.0, between.1),
            &|chain| chain.move_to(to.0, to.1),
            &ActionChain::release,
        ])
        .await;
    }

    /// Clicks a place in the page.
    pub async fn click_at(&self, x: i64, y: i64) {
        self.act_in_turn(&[&|chain| chain.move_to(x, y), &ActionChain::click])
            .await;
    }

    /// Moves the pointer to a place in the page.
    pub async fn point_at(&self, x: i64, y: i64) {
        self.act_in_turn(&[&|chain| chain.move_to(x, y)]).await;
    }

    /// Presses a key on whatever has the keyboard.
    pub async fn press(&self, key: char) {
        self.act_in_turn(&[&|chain| chain.key_down(key), &|chain| chain.key_up(key)])
            .await;
    }

    /// Presses a key while others are held, as `(&[Key::Control], 'z')`.
    pub async fn press_with(&self, held: &[Key], key: char) {
        for modifier in held {
            self.act_in_turn(&[&|chain| chain.key_down(modifier.clone())])
                .await;
        }
        self.press(key).await;
        for modifier in held {
            self.act_in_turn(&[&|chain| chain.key_up(modifier.clone())]).await;
        }
    }

    /// One action a request: with more, WebKit's driver loses the last.
    async fn act_in_turn(&self, actions: &[&(dyn Fn(ActionChain) -> ActionChain + Sync)]) {
        let driver = self.here().await.expect("the window is there");
        for action in actions {
            action(driver.action_chain())
                .perform()
                .await
                .expect("the window takes the action");
        }
    }

    /// Reloads the page, as a crashed web process would be.
    ///
    /// # Panics
    ///
    /// Where the window is gone.
    pub async fn reload(&self) {
        let driver = self.here().await.expect("the window is there");
        driver
            .execute("location.reload();", Vec::new())
            .await
            .expect("the page reloads");
    }

    /// What the window's title bar is asked to say.
    pub async fn title(&self) -> String {
        self.evaluate("document.title")
            .await
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits until nothing on the page moves: dialogs have come up, badges have faded.
    pub async fn rests(&self) {
        let moving = "document.getAnimations().some((one) => one.playState === 'running' && \
                      Number.isFinite(one.effect?.getComputedTiming().endTime))";
        self.until("nothing moves", &format!("!({moving})")).await;
    }

    /// Takes a picture of the page to `artifacts/screenshots/NAME.png`.
    ///
    /// # Panics
    ///
    /// Where that fails.
    pub async fn screenshot(&self, name: &str) {
        self.rests().await;
        let folder = artifacts().join("screenshots");
        std::fs::create_dir_all(&folder).expect("the folder for pictures");
        let driver = self.here().await.expect("the window is there");
        driver
            .screenshot(&folder.join(format!("{name}.png")))
            .await
            .expect("a picture of the page");
    }
}

fn by_testid(testid: &str) -> String {
    format!("[data-testid=\"{testid}\"]")
}
