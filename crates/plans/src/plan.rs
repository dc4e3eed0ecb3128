//! Plans: drawn from a seed, written down, read again.

use std::{io, path::Path};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde::{Deserialize, Serialize};

use crate::step::{Act, Blow, Choice, Pen, Step, Weather};

/// Windows of an app.
pub const WINDOWS: usize = 2;
/// A lease, in milliseconds: the shortest that a session may ask for.
pub const LEASE_MS: u64 = 10_000;

/// What happens, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What it was drawn from.
    pub seed: u64,
    /// How many apps there are: Ada's laptop, Ben's laptop, Ada's desktop.
    pub apps: usize,
    /// How many documents.
    pub documents: usize,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Draws a plan.
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut draft = Draw {
            apps: dice.random_range(2..=3),
            documents: if dice.random_ratio(1, 4) { 2 } else { 1 },
            active: 0,
            dice,
        };
        let length = draft.dice.random_range(12..=36);
        let mut steps = vec![
            draft.open(0, true),
            Step::Pass(1_200),
            draft.pen(0),
            Step::Pass(200),
        ];
        while steps.len() < length {
            let step = draft.step();
            // what a step needs to have an effect comes before it
            match step {
                Step::Server(Blow::Restore) => {
                    let at = draft.dice.random_range(2..=steps.len());
                    steps.insert(at, Step::Server(Blow::BackUp));
                }
                Step::App(app, Act::DiskFull) => steps.insert(0, Step::App(app, Act::DiskFull)),
                _ => {}
            }
            steps.push(step);
            if draft.dice.random_ratio(1, 2) {
                steps.push(draft.pass());
            }
        }
        if draft.dice.random_ratio(1, 2) {
            let at = draft.dice.random_range(4..=steps.len());
            let parting = draft.parting();
            steps.splice(at..at, parting);
        }
        Self {
            seed,
            apps: draft.apps,
            documents: draft.documents,
            steps,
        }
    }

    /// Reads one that was saved.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// Saves it, one step a line.
    ///
    /// # Errors
    ///
    /// Where it can't be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, self.to_string())
    }
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seed, apps, documents) = (self.seed, self.apps, self.documents);
        writeln!(
            f,
            r#"{{"seed":{seed},"apps":{apps},"documents":{documents},"steps":["#
        )?;
        for (at, step) in self.steps.iter().enumerate() {
            let comma = if at + 1 < self.steps.len() { "," } else { "" };
            let step = serde_json::to_string(step).map_err(|_| std::fmt::Error)?;
            writeln!(f, "  {step}{comma}")?;
        }
        writeln!(f, "]}}")
    }
}

/// Chance, and what it draws for.
struct Draw {
    dice: StdRng,
    apps: usize,
    documents: usize,
    /// Who edits most of the time.
    active: usize,
}

impl Draw {
    fn app(&mut self) -> usize {
        if self.dice.random_ratio(1, 2) {
            return self.active;
        }
        self.dice.random_range(0..self.apps)
    }

    /// Somebody who asks for the lock, and perhaps is the one who edits from now on.
    fn asks(&mut self) -> usize {
        let app = self.app();
        if self.dice.random_ratio(1, 2) {
            self.active = app;
        }
        app
    }

    /// The first window more often than the other.
    fn window(&mut self) -> usize {
        usize::from(self.dice.random_ratio(1, 6)).min(WINDOWS - 1)
    }

    fn open(&mut self, app: usize, edit: bool) -> Step {
        let window = self.window();
        let document = self.dice.random_range(0..self.documents);
        Step::App(
            app,
            Act::Open {
                window,
                document,
                edit,
            },
        )
    }

    fn pen(&mut self, app: usize) -> Step {
        let pick = self.dice.random_range(0..1_000);
        let pen = match self.dice.random_range(0..20) {
            0..10 => Pen::Add(self.dice.random_range(1..=3)),
            10..16 => Pen::Change(pick),
            16..18 => Pen::Erase(pick),
            18 => Pen::Scene,
            _ => Pen::Picture,
        };
        let window = self.window();
        Step::App(app, Act::Draw(window, pen))
    }

    /// What chance alone seldom brings about: somebody draws out of reach or dies, somebody else saves meanwhile, and both
    /// meet again.
    fn parting(&mut self) -> Vec<Step> {
        let away = self.active;
        let other = (away + self.dice.random_range(1..self.apps)) % self.apps;
        let dies = self.dice.random_ratio(1, 3);
        let mut steps = vec![Step::App(away, Act::StartEditing(0)), Step::Pass(700)];
        steps.push(Step::Link(away, Weather::Cut));
        for _ in 0..self.dice.random_range(1..=3) {
            steps.push(self.pen(away));
        }
        if dies {
            steps.push(Step::App(away, Act::Kill));
        }
        let gone = self.dice.random_range(4_000..8_000);
        steps.extend([Step::Pass(gone), self.open_first(other), Step::Pass(900)]);
        for _ in 0..self.dice.random_range(1..=2) {
            steps.extend([
                Step::App(other, Act::StartEditing(0)),
                self.pen(other),
                Step::Pass(300),
            ]);
        }
        if self.dice.random_ratio(1, 2) {
            steps.push(Step::App(other, Act::Close(0)));
        }
        steps.push(Step::Link(away, Weather::Mend));
        if dies {
            steps.extend([
                Step::App(away, Act::Start),
                Step::Pass(500),
                self.open_first(away),
            ]);
        }
        steps.push(Step::Pass(self.dice.random_range(500..4_000)));
        for _ in 0..self.dice.random_range(0..=2) {
            let choice = self.choice();
            steps.extend([Step::App(away, Act::Resolve(0, choice)), self.pass()]);
        }
        steps
    }

    fn open_first(&self, app: usize) -> Step {
        Step::App(
            app,
            Act::Open {
                window: 0,
                document: 0,
                edit: true,
            },
        )
    }

    /// Mostly short; sometimes long enough for timeouts, rarely for a lease.
    fn pass(&mut self) -> Step {
        let longest = *[60, 250, 600, 600, 2_000, 6_000, LEASE_MS + 4_000]
            .choose(&mut self.dice)
            .unwrap_or(&60);
        Step::Pass(self.dice.random_range(5..=longest))
    }

    fn step(&mut self) -> Step {
        let app = self.app();
        let window = self.window();
        match self.dice.random_range(0..100) {
            0..34 => self.pen(app),
            34..44 => {
                let app = self.asks();
                self.open(app, true)
            }
            44..46 => self.open(app, false),
            46..50 => Step::App(app, Act::Close(window)),
            50..57 => Step::App(self.asks(), Act::StartEditing(window)),
            57..59 => Step::App(app, Act::StopEditing(window)),
            59..63 => Step::App(self.asks(), Act::TakeOver(window)),
            63..67 => Step::App(app, Act::Resolve(window, self.choice())),
            67..78 => Step::Link(app, self.weather()),
            78..84 => Step::Link(app, Weather::Mend),
            84..90 => Step::Server(self.blow()),
            _ => Step::App(app, self.trouble(window)),
        }
    }

    fn choice(&mut self) -> Choice {
        match self.dice.random_range(0..6) {
            0 => Choice::Reload,
            1 => Choice::Overwrite,
            2 | 3 => Choice::Merge(self.dice.random()),
            4 => Choice::Copy,
            _ => Choice::Cancel,
        }
    }

    fn weather(&mut self) -> Weather {
        let bytes = self.dice.random_range(0..1_500);
        match self.dice.random_range(0..14) {
            0 | 1 => Weather::Cut,
            2 => Weather::Reset,
            3 => Weather::Silent,
            4 => Weather::SilentThere,
            5 => Weather::SilentBack,
            6 => Weather::Delay(2_000),
            7 => Weather::Lose(self.dice.random_range(50..400)),
            8 => Weather::BreakThere(bytes),
            9 | 10 => Weather::BreakBack(bytes),
            11 => Weather::Portal,
            12 => Weather::Garbage,
            _ => Weather::Refuse(*[429, 500, 503].choose(&mut self.dice).unwrap_or(&503)),
        }
    }

    fn blow(&mut self) -> Blow {
        match self.dice.random_range(0..16) {
            0..4 => Blow::Kill,
            4..9 => Blow::Start,
            9..11 => Blow::Stall,
            11 | 12 => Blow::BackUp,
            13 => Blow::Restore,
            _ => Blow::ClockJump(
                *[-7_200_000, -3_000, 3_000, 7_200_000]
                    .choose(&mut self.dice)
                    .unwrap_or(&3_000),
            ),
        }
    }

    fn trouble(&mut self, window: usize) -> Act {
        match self.dice.random_range(0..16) {
            0..3 => Act::Kill,
            3..7 => Act::Start,
            7 | 8 => Act::Suspend(self.dice.random_range(1_000..3 * LEASE_MS)),
            9 => Act::DiskFull,
            10 => Act::DiskFree,
            11 => Act::SignOut,
            12 => Act::CopyDraft(self.dice.random_range(0..3)),
            _ => Act::OpenDraft(window, self.dice.random_range(0..3)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_one_plan_and_it_reads_as_it_was_written() {
        for seed in 0..50 {
            let plan = Plan::draw(seed);
            assert_eq!(plan, Plan::draw(seed));
            let read: Plan = serde_json::from_str(&plan.to_string()).expect("it reads");
            assert_eq!(read, plan);
        }
    }
}
