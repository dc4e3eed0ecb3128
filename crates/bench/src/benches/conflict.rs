//! The view of a conflict (X04): from the page's load to its pictures, with 3,000 elements that differ, beside the same drawing in the same
//! window without a conflict, from the page's load until it is painted.

use anyhow::{Context, Result};
use holdfast_testkit::{
    Client, Server,
    app::{App, Key, Page},
    desktop::Desktop,
    eventually::until,
    network::Link,
    seconds,
    server::PASSWORD,
};
use serde_json::{Value, json};

use super::{
    Scale,
    desktop::{PAINTED, quit},
    section,
};
use crate::{
    canvas::element,
    report::{Aim, Row, Section},
    stats::median,
};

const ARROW_RIGHT: char = '\u{e014}';
const PICTURES: [&str; 2] = ["conflict-mine", "conflict-theirs"];
/// After what a click should have had its effect, however large the drawing.
const PROMPT_MS: f64 = 3_000.0;

/// Somebody with a canvas open to edit on a link that can be cut, and the same user's other device.
struct Rivals {
    page: Page,
    link: Link,
    other: Client,
    document: String,
    elements: usize,
    app: App,
    _desktop: Desktop,
    _server: Server,
}

pub(super) async fn conflict(scale: Scale) -> Result<Vec<Section>> {
    let elements = scale.of(3_000, 300);
    let turns = scale.of(7, 2);
    let rivals = Rivals::meet(elements).await?;
    let painted =
        format!("{PAINTED} && document.querySelector('[data-testid=\"conflict-dialog\"]') === null");
    let mut plain = Vec::new();
    for _ in 0..turns {
        plain.push(rivals.loaded(&painted).await?);
    }
    rivals.fall_out().await?;
    let (mut first, mut both) = (Vec::new(), Vec::new());
    for _ in 0..turns {
        first.push(rivals.loaded(&PICTURES.map(is_ready).join(" || ")).await?);
        rivals
            .page
            .until("both are drawn", &PICTURES.map(is_ready).join(" && "))
            .await;
        both.push(rivals.now().await?);
    }
    quit(&rivals.app).await;
    let row = |what: &str, ours: &[f64]| Row::beside(what, "ms", median(ours), median(&plain));
    let title = format!(
        "a conflict of {elements} elements, from the page's load (baseline: the drawing without one)"
    );
    let rows = vec![
        row("the first picture", &first).aim(Aim::Below(PROMPT_MS)),
        row("both pictures", &both),
    ];
    Ok(vec![section(title, rows)])
}

fn is_ready(testid: &str) -> String {
    format!("document.querySelector('[data-testid=\"{testid}\"]')?.dataset.state === 'ready'")
}

impl Rivals {
    async fn meet(elements: usize) -> Result<Self> {
        let server = Server::start().await;
        let other = server.user("Ada").await;
        let document = other.canvas("Bench").await;
        let all: Vec<_> = (0..elements).map(|place| put(place, 0)).collect();
        commit(&other, &document, &all).await?;

        let link = Link::to(server.address()).await;
        let desktop = Desktop::start().await;
        let app = App::start(&desktop).await;
        let library = app.window_with("library").await;
        library.click("add-server").await;
        for (field, text) in [
            ("url", &*link.url()),
            ("email", "ada@example.org"),
            ("password", PASSWORD),
        ] {
            library.fill(&format!("sign-in-{field}"), text).await;
        }
        library.click("sign-in-submit").await;
        let host = link.address();
        library.click(&format!("sidebar-server-{host}")).await;
        library
            .click_css("[data-testid=\"card\"][data-name=\"Bench\"] [data-testid=\"card-menu\"]")
            .await;
        library.click("menu-open").await;
        let page = app.window("an editable canvas", PAINTED).await;
        page.attribute_is("canvas", "data-editable", "true").await;
        Ok(Self {
            page,
            link,
            other,
            document,
            elements,
            app,
            _desktop: desktop,
            _server: server,
        })
    }

    /// Offline, everything is moved; on the other device everything is changed; then the link is there again.
    async fn fall_out(&self) -> Result<()> {
        let page = &self.page;
        self.link.cut();
        page.attribute_is("connection", "data-state", "offline").await;
        page.click_at(900, 760).await;
        page.press_with(&[Key::Control], 'a').await;
        page.press_with(&[Key::Shift], ARROW_RIGHT).await;
        page.attribute_is("save-state", "data-state", "offline").await;
        let all: Vec<_> = (0..self.elements).map(|place| put(place, 1)).collect();
        commit(&self.other, &self.document, &all).await?;
        self.link.mend();
        until("the conflict is seen", seconds(60), async || {
            if page.attribute("connection", "data-state").await == "offline" {
                page.click("connection").await;
            }
            page.has("conflict-dialog").await
        })
        .await;
        Ok(())
    }

    /// Loads the page anew; answers the milliseconds until something holds in it.
    async fn loaded(&self, expression: &str) -> Result<f64> {
        self.page.evaluate("document.body.dataset.old = 'true'").await;
        self.page.reload().await;
        let fresh = format!("document.body?.dataset.old === undefined && ({expression})");
        self.page.until("the page shows it", &fresh).await;
        self.now().await
    }

    /// Milliseconds since the page's load began.
    async fn now(&self) -> Result<f64> {
        let now = self.page.evaluate("performance.now()").await;
        now.as_f64().context("the page tells the time")
    }
}

fn put(place: usize, base_version: i64) -> Value {
    let data = element(place, base_version);
    json!({"op": "put", "id": data["id"], "base_version": base_version, "data": data})
}

/// Commits in a session of its own, which takes the lock wherever it is.
async fn commit(person: &Client, document: &str, changes: &[Value]) -> Result<()> {
    let session = person.session(None).await;
    let lock = session.force_take(document, "Bench").await.ok(200);
    let fence = lock.body["lock"]["fence"]
        .as_i64()
        .context("a lock has a fence")?;
    session.commit(document, fence, changes).await.ok(200);
    session.close().await.ok(204);
    Ok(())
}
