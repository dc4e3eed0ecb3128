//! What came of each step, for the summary at the end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Steps and how they went. A failed step does not keep the others from running: one run shows all that is wrong.
#[derive(Default)]
pub(crate) struct Outcomes {
    steps: Vec<Step>,
    passed: u64,
    failed: u64,
}

struct Step {
    name: &'static str,
    took: Duration,
    error: Option<String>,
}

impl Outcomes {
    /// Runs a step.
    pub(crate) fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let error = work().err().map(|error| format!("{error:#}"));
        if let Some(error) = &error {
            eprintln!("error: {error}");
        }
        self.steps.push(Step {
            name,
            took: start.elapsed(),
            error,
        });
    }

    /// Runs a step that counts its tests.
    pub(crate) fn tests(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> (Result<()>, Option<(u64, u64)>),
    ) {
        let mut counted = None;
        self.step(name, || {
            let (done, counts) = work();
            counted = counts;
            done
        });
        let (passed, failed) = counted.unwrap_or((0, 0));
        self.passed += passed;
        self.failed += failed;
    }

    /// Prints the summary; an error where any step failed.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n== Summary");
        for step in &self.steps {
            let mark = if step.error.is_none() { "ok    " } else { "FAILED" };
            println!("{mark} {:>7.1} s  {}", step.took.as_secs_f64(), step.name);
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        let broken: Vec<_> = self
            .steps
            .iter()
            .filter(|step| step.error.is_some())
            .map(|step| step.name)
            .collect();
        if !broken.is_empty() {
            bail!("failed: {}", broken.join(", "));
        }
        Ok(())
    }
}
