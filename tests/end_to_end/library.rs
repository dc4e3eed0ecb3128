//! The library window.

use holdfast_testkit::app::Page;

pub(crate) struct Library {
    pub(crate) page: Page,
}

impl Library {
    pub(crate) fn new(page: Page) -> Self {
        Self { page }
    }

    /// Signs in to a server and waits for it in the sidebar.
    pub(crate) async fn sign_in(&self, url: &str, email: &str, password: &str) {
        self.try_sign_in(url, email, password).await;
        let host = url.trim_start_matches("http://");
        self.page.shows(&format!("sidebar-server-{host}")).await;
        self.page.hides("sign-in-dialog").await;
    }

    /// Fills the sign-in dialog and submits it.
    pub(crate) async fn try_sign_in(&self, url: &str, email: &str, password: &str) {
        self.page.click("add-server").await;
        self.page.fill("sign-in-url", url).await;
        self.page.fill("sign-in-email", email).await;
        self.page.fill("sign-in-password", password).await;
        self.page.click("sign-in-submit").await;
    }

    /// Signs out of a server, and says yes to the question.
    pub(crate) async fn sign_out(&self, host: &str) {
        self.page.click(&format!("sidebar-server-menu-{host}")).await;
        self.page.click("sign-out").await;
        self.page.click("confirm").await;
    }

    /// Shows a workspace's canvases.
    pub(crate) async fn go_to_workspace(&self, name: &str) {
        self.page.click(&format!("sidebar-workspace-{name}")).await;
    }

    /// Creates a canvas; its window opens.
    pub(crate) async fn create(&self, name: &str) {
        self.page.click("new-canvas").await;
        self.page.fill("name-input", name).await;
        self.page.click("confirm").await;
    }

    /// Waits for a canvas's card.
    pub(crate) async fn shows_card(&self, name: &str) {
        self.page.shows_css(&card(name)).await;
    }

    /// Waits until a canvas has no card.
    pub(crate) async fn hides_card(&self, name: &str) {
        let gone = format!("document.querySelector({:?}) === null", card(name));
        self.page.until(&format!("{name} is gone"), &gone).await;
    }

    /// Waits until a card's badge says this; empty for no badge.
    pub(crate) async fn badge_says(&self, name: &str, text: &str) {
        let badge = format!("{} [data-testid=\"card-lock\"]", card(name));
        let expression = if text.is_empty() {
            format!("document.querySelector({badge:?}) === null")
        } else {
            format!("(document.querySelector({badge:?})?.textContent ?? '').includes({text:?})")
        };
        self.page
            .until(&format!("the badge of {name} says {text:?}"), &expression)
            .await;
    }

    /// Goes to the shelf and waits for a draft of a canvas, with its picture.
    pub(crate) async fn shows_draft(&self, name: &str) {
        self.page.click("sidebar-drafts").await;
        let draft = format!("[data-testid=\"draft\"][data-name=\"{name}\"] [data-state=\"ready\"]");
        self.page.shows_css(&draft).await;
    }

    /// Goes to the shelf and waits until there is nothing on it.
    pub(crate) async fn has_no_drafts(&self) {
        self.page.click("sidebar-drafts").await;
        self.page.shows("drafts").await;
        self.page.hides("draft").await;
    }

    /// Opens a canvas, or brings its window to the front.
    pub(crate) async fn open(&self, name: &str) {
        self.choose(name, "menu-open").await;
    }

    /// Chooses from a card's menu.
    pub(crate) async fn choose(&self, name: &str, item: &str) {
        self.shows_card(name).await;
        self.page
            .click_css(&format!("{} [data-testid=\"card-menu\"]", card(name)))
            .await;
        self.page.click(item).await;
    }
}

fn card(name: &str) -> String {
    format!("[data-testid=\"card\"][data-name=\"{name}\"]")
}
