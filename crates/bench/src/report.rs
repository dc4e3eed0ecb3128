//! One table for all that was measured.

use std::fmt::Write as _;

/// What a number should be, its own or beside the baseline's.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Aim {
    /// Nothing was promised: the number explains others.
    Told,
    /// Holdfast's number divided by the baseline's.
    RatioAtLeast(f64),
    /// Holdfast's number divided by the baseline's.
    RatioAtMost(f64),
    /// Holdfast's number itself.
    Below(f64),
}

/// One number.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    what: String,
    unit: &'static str,
    holdfast: f64,
    baseline: Option<f64>,
    aim: Aim,
}

impl Row {
    /// A number with a baseline.
    pub(crate) fn beside(what: impl Into<String>, unit: &'static str, holdfast: f64, baseline: f64) -> Self {
        Self {
            baseline: Some(baseline),
            ..Self::alone(what, unit, holdfast)
        }
    }

    /// A number without.
    pub(crate) fn alone(what: impl Into<String>, unit: &'static str, holdfast: f64) -> Self {
        Self {
            what: what.into(),
            unit,
            holdfast,
            baseline: None,
            aim: Aim::Told,
        }
    }

    /// What it should be.
    #[must_use]
    pub(crate) const fn aim(mut self, aim: Aim) -> Self {
        self.aim = aim;
        self
    }

    fn ratio(&self) -> Option<f64> {
        self.baseline
            .filter(|baseline| *baseline > 0.0)
            .map(|baseline| self.holdfast / baseline)
    }

    /// Whether the aim is met; nothing where there is none, or no baseline to compare with.
    fn met(&self) -> Option<bool> {
        match self.aim {
            Aim::Told => None,
            Aim::RatioAtLeast(least) => self.ratio().map(|ratio| ratio >= least),
            Aim::RatioAtMost(most) => self.ratio().map(|ratio| ratio <= most),
            Aim::Below(most) => Some(self.holdfast < most),
        }
    }

    fn line(&self) -> String {
        let shown = |value: f64| format!("{} {}", number(value), self.unit);
        let aim = match self.aim {
            Aim::Told => String::new(),
            Aim::RatioAtLeast(least) => format!("≥ {least:.2}"),
            Aim::RatioAtMost(most) => format!("≤ {most:.2}"),
            Aim::Below(most) => format!("< {}", shown(most)),
        };
        let verdict = match self.met() {
            None => "",
            Some(true) => "met",
            Some(false) => "**missed**",
        };
        format!(
            "| {} | {} | {} | {} | {aim} | {verdict} |",
            self.what,
            shown(self.holdfast),
            self.baseline.map(shown).unwrap_or_default(),
            self.ratio()
                .map(|ratio| format!("{ratio:.2}"))
                .unwrap_or_default(),
        )
    }
}

/// The numbers of one benchmark.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    /// What was measured.
    pub(crate) title: String,
    /// Its numbers.
    pub(crate) rows: Vec<Row>,
    /// How many programs were runnable on average, around the time.
    pub(crate) load: String,
}

/// The table, in Markdown, which reads well as plain text too.
pub(crate) fn table(sections: &[Section]) -> String {
    let mut text = String::from("| | Holdfast | baseline | ratio | aim | |\n|---|---:|---:|---:|---:|---|\n");
    for section in sections {
        let _ = writeln!(
            text,
            "| **{}** (load {}) | | | | | |",
            section.title, section.load
        );
        for row in &section.rows {
            let _ = writeln!(text, "{}", row.line());
        }
    }
    text
}

/// Three figures that count.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aims_are_judged_by_ratio_or_by_value() {
        let row = Row::beside("speed", "1/s", 70.0, 100.0);
        assert_eq!(row.clone().aim(Aim::RatioAtLeast(0.7)).met(), Some(true));
        assert_eq!(row.clone().aim(Aim::RatioAtLeast(0.71)).met(), Some(false));
        assert_eq!(row.clone().aim(Aim::RatioAtMost(0.69)).met(), Some(false));
        assert_eq!(row.clone().aim(Aim::Below(70.0)).met(), Some(false));
        assert_eq!(row.met(), None);
        assert_eq!(Row::alone("x", "s", 1.0).aim(Aim::RatioAtMost(2.0)).met(), None);
    }

    #[test]
    fn a_table_says_what_was_missed() {
        let section = Section {
            title: "fan-out".to_owned(),
            rows: vec![Row::beside("p99", "ms", 3.0, 1.0).aim(Aim::RatioAtMost(2.0))],
            load: "0.5".to_owned(),
        };
        let text = table(&[section]);
        assert!(text.contains("**fan-out** (load 0.5)"), "{text}");
        assert!(
            text.contains("| p99 | 3.00 ms | 1.00 ms | 3.00 | ≤ 2.00 | **missed** |"),
            "{text}"
        );
    }
}
