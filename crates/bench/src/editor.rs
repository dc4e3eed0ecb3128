//! A person with Holdfast's client and no window, on a link that can be cut.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use holdfast_client::{
    Canvas, Client, ClientConfig, OpenMode,
    credentials::Token,
    view::{CanvasState, ConnectionView, Edit, ElementData, SaveView, ServerId},
};
use holdfast_testkit::{self as testkit, network::Link};
use serde_json::value::to_raw_value;
use tempfile::TempDir;

use crate::canvas::element;

/// Nothing that is waited for takes this long.
const AT_MOST: Duration = Duration::from_secs(120);

/// The person, the app's folder, and the server at the other end of the link.
pub(crate) struct Editor {
    pub(crate) server: testkit::Server,
    pub(crate) person: testkit::Client,
    pub(crate) link: Link,
    pub(crate) folder: TempDir,
    here: holdfast_client::Server,
    _client: Client,
}

impl Editor {
    pub(crate) async fn start() -> Result<Self> {
        let server = testkit::Server::start().await;
        let person = server.user("Ada").await;
        let link = Link::to(server.address()).await;
        let folder = tempfile::tempdir()?;
        let client = Client::new(ClientConfig::new(folder.path(), "Bench"))?;
        let token = Token::new(person.token());
        let here = client.add_server(ServerId("team".into()), "Team", link.url().parse()?, token);
        Ok(Self {
            server,
            person,
            link,
            folder,
            here,
            _client: client,
        })
    }

    /// Opens a new canvas and waits until it can be drawn on.
    pub(crate) async fn canvas(&self, window: &str) -> Result<Canvas> {
        let mut status = self.here.status();
        status
            .wait_for(|status| *status == ConnectionView::Online)
            .await?;
        let document = self.person.canvas("Bench").await;
        let canvas = self
            .here
            .open_canvas(document.parse()?, OpenMode::Edit, window)
            .await?;
        shows(&canvas, |state| state.editable).await?;
        Ok(canvas)
    }

    /// Cuts the link and waits until the client has noticed.
    pub(crate) async fn cut(&self) -> Result<()> {
        self.link.cut();
        let mut status = self.here.status();
        let offline = status.wait_for(|status| matches!(status, ConnectionView::Offline { .. }));
        tokio::time::timeout(AT_MOST, offline).await??;
        Ok(())
    }

    /// Mends the link and answers the seconds until everything of a canvas is at the server.
    pub(crate) async fn mend(&self, canvas: &Canvas) -> Result<f64> {
        self.link.mend();
        let start = Instant::now();
        self.here.retry();
        shows(canvas, |state| matches!(state.save, SaveView::Saved { .. })).await?;
        Ok(start.elapsed().as_secs_f64())
    }
}

/// Puts these elements.
pub(crate) fn puts(places: std::ops::Range<usize>) -> Result<Edit> {
    let elements = places.map(|place| {
        let data = element(place, 0);
        Ok(ElementData {
            id: data["id"].as_str().context("an element has an id")?.to_owned(),
            data: to_raw_value(&data)?,
        })
    });
    Ok(Edit {
        puts: elements.collect::<Result<_>>()?,
        ..Edit::default()
    })
}

async fn shows(canvas: &Canvas, holds: impl FnMut(&CanvasState) -> bool) -> Result<()> {
    let mut state = canvas.state();
    if tokio::time::timeout(AT_MOST, state.wait_for(holds))
        .await
        .is_err()
    {
        bail!("the canvas shows {:?}", canvas.state().borrow().save);
    }
    Ok(())
}
