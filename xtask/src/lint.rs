//! Checks that need no test to run.

use anyhow::Result;

use crate::{
    command::{cargo, run},
    outcome::Outcomes,
    setup, ui,
};

/// `cargo xtask lint`
pub(crate) fn lint() -> Result<()> {
    setup::system_packages(false)?;
    setup::ui_packages()?;
    setup::deny()?;
    ui::build()?;
    let mut outcomes = Outcomes::default();
    outcomes.step("formatting", formatting);
    outcomes.step("UI lints and types", ui::lint);
    outcomes.step("clippy", clippy);
    outcomes.step("dependencies", dependencies);
    outcomes.finish()
}

pub(crate) fn formatting() -> Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

pub(crate) fn clippy() -> Result<()> {
    run(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "--deny",
        "warnings",
    ]))
}

/// Bans, licences and sources. Not advisories: their database is not in the registry, and a check that needs another
/// host would fail where only the registry can be reached. `cargo deny check advisories` does it by hand.
pub(crate) fn dependencies() -> Result<()> {
    run(&mut cargo(&[
        "deny",
        "--all-features",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))
}
