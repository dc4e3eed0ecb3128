//! `cargo xtask test`: the same for a developer and for CI.
//!
//! Rust tests are always built in one form, the whole workspace, whatever part is run: another choice of packages
//! would unify features differently and build everything a second time.

use std::{env, fs};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    command::{cargo, run},
    lint,
    outcome::Outcomes,
    run::target,
    setup, ui,
};

/// What to test; everything where nothing is named.
#[derive(Args)]
pub(crate) struct Options {
    /// The server and the wire
    #[arg(long)]
    server: bool,
    /// The client core
    #[arg(long)]
    client: bool,
    /// The UI: lints, types, unit tests
    #[arg(long)]
    ui: bool,
    /// The app in real windows
    #[arg(long)]
    e2e: bool,
    /// Rust tests whose name contains one of these
    filter: Vec<String>,
}

impl Options {
    /// Nothing was named.
    fn everything(&self) -> bool {
        !(self.server || self.client || self.ui || self.e2e) && self.filter.is_empty()
    }

    /// The packages asked for, in nextest's language.
    fn packages(&self) -> Option<String> {
        let mut packages = Vec::new();
        if self.server {
            packages.extend(["holdfast-server", "holdfast-protocol"]);
        }
        if self.client {
            packages.push("holdfast-client");
        }
        if self.e2e {
            packages.push("holdfast");
        }
        let sets: Vec<_> = packages.iter().map(|name| format!("package(={name})")).collect();
        (!sets.is_empty()).then(|| sets.join(" + "))
    }
}

/// `cargo xtask test`
pub(crate) fn test(options: &Options) -> Result<()> {
    let everything = options.everything();
    let rust = everything || options.packages().is_some() || !options.filter.is_empty();
    setup::system_packages(true)?;
    setup::ui_packages()?;
    if rust {
        setup::nextest()?;
    }

    let mut outcomes = Outcomes::default();
    if everything {
        outcomes.step("formatting", lint::formatting);
        if setup::has("deny") {
            outcomes.step("dependencies", lint::dependencies);
        }
    }
    outcomes.step("UI build", ui::build);
    if everything || options.ui {
        outcomes.step("UI lints and types", ui::lint);
        outcomes.tests("UI tests", ui::test);
    }
    if everything {
        outcomes.step("clippy", lint::clippy);
    }
    if rust {
        outcomes.tests("Rust tests", || nextest(options));
    }
    if everything {
        outcomes.step("documentation examples", doc_tests);
    }
    outcomes.finish()
}

fn nextest(options: &Options) -> (Result<()>, Option<(u64, u64)>) {
    let profile = if env::var_os("CI").is_some() {
        "ci"
    } else {
        "default"
    };
    let report = target().join(format!("nextest/{profile}/junit.xml"));
    let _ = fs::remove_file(&report);
    let mut command = cargo(&[
        "nextest",
        "run",
        "--workspace",
        "--locked",
        "--no-fail-fast",
        "--profile",
        profile,
    ]);
    if let Some(packages) = options.packages() {
        command.args(["--filterset", &packages]);
    }
    command.args(&options.filter);
    let done = run(&mut command);
    (
        done,
        fs::read_to_string(report)
            .context("no report")
            .and_then(|text| counts(&text))
            .ok(),
    )
}

/// How many tests passed and failed, from the first element of a JUnit report.
fn counts(report: &str) -> Result<(u64, u64)> {
    let element = report.split("<testsuites").nth(1).context("no <testsuites>")?;
    let element = element.split('>').next().unwrap_or_default();
    let count = |name: &str| -> Result<u64> {
        let value = element
            .split(&format!(" {name}=\""))
            .nth(1)
            .with_context(|| format!("no {name}"))?;
        Ok(value.split('"').next().unwrap_or_default().parse()?)
    };
    let failed = count("failures")? + count("errors")?;
    Ok((count("tests")? - failed, failed))
}

fn doc_tests() -> Result<()> {
    run(&mut cargo(&[
        "test",
        "--workspace",
        "--locked",
        "--doc",
        "--quiet",
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_how_many_passed_and_failed() {
        let report = r#"<?xml version="1.0"?><testsuites name="run" tests="14" failures="2" errors="1" uuid="x"><testsuite tests="9"/></testsuites>"#;
        assert_eq!(counts(report).unwrap(), (11, 3));
        assert!(counts("<html>").is_err());
    }

    #[test]
    fn parts_are_sets_of_packages() {
        let options = Options {
            server: true,
            client: true,
            ui: false,
            e2e: false,
            filter: Vec::new(),
        };
        let sets = "package(=holdfast-server) + package(=holdfast-protocol) + package(=holdfast-client)";
        assert_eq!(options.packages().as_deref(), Some(sets));
        assert!(!options.everything());
    }
}
