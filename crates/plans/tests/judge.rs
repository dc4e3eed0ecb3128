//! The judge, judged: each defect that is planted behind its back is found, and nothing where there is none.

use std::{path::Path, time::Duration};

use holdfast_plans::{
    Plan, Violation,
    judge::judge,
    machine::Pace,
    record::Record,
    stage::Stage,
    step::{Act, Blow, Pen, Step, Weather},
    strokes::Fate,
    world::World,
};
use sqlx::Connection as _;

const SHORTLY: Step = Step::Pass(2_500);

fn open(app: usize) -> Step {
    let opened = Act::Open {
        window: 0,
        document: 0,
        edit: true,
    };
    Step::App(app, opened)
}

fn add(app: usize) -> Step {
    Step::App(app, Act::Draw(0, Pen::Add(1)))
}

/// Two apps on one document, and what happens to them; `plant` does in the middle what a defect would.
fn record(before: &[Step], plant: impl FnOnce(&mut World<'_>), after: &[Step]) -> Record {
    let plan = Plan {
        seed: 0,
        apps: 2,
        documents: 1,
        steps: Vec::new(),
    };
    let stage = Stage::set();
    let mut world = World::new(&stage, &plan, Pace::Paused);
    for step in before {
        world.step(*step);
    }
    plant(&mut world);
    for step in after {
        world.step(*step);
    }
    world.finish().0
}

fn finds(record: &Record, what: &str, is_it: fn(&Violation) -> bool) {
    let found = judge(record);
    assert!(found.iter().any(is_it), "{what} was not found, but {found:#?}");
}

/// Everything in a folder that is a journal goes.
fn shred(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .map(|path| {
            if path.is_dir() {
                return shred(&path);
            }
            let journal = path.extension().is_some_and(|kind| kind == "journal");
            usize::from(journal && std::fs::remove_file(&path).is_ok())
        })
        .sum()
}

#[test]
fn a_calm_day_has_nothing_to_find() {
    let day = [open(0), SHORTLY, add(0), add(0), SHORTLY, open(1), SHORTLY];
    let record = record(&day, |_| (), &[]);
    assert_eq!(judge(&record), []);
    let accepted = record
        .strokes
        .iter()
        .filter(|stroke| stroke.fate == Fate::Accepted);
    assert_eq!(accepted.count(), 2, "{record:#?}");
}

#[test]
fn a_client_that_drops_its_journal_is_found() {
    let before = [
        open(0),
        SHORTLY,
        Step::Link(0, Weather::Cut),
        add(0),
        SHORTLY,
        Step::App(0, Act::Kill),
    ];
    let honest = record(&before, |_| (), &[Step::App(0, Act::Start), SHORTLY]);
    assert_eq!(judge(&honest), []);
    let dropped = |world: &mut World<'_>| {
        let folder = world.app_folder(0).to_owned();
        assert_eq!(shred(&folder), 1, "there was a journal to drop");
    };
    let record = record(&before, dropped, &[Step::App(0, Act::Start), SHORTLY]);
    finds(&record, "the lost edit", |found| {
        matches!(found, Violation::Lost(_))
    });
}

#[test]
fn a_server_that_acknowledges_without_writing_is_found() {
    let before = [open(0), SHORTLY, add(0), SHORTLY];
    // what it acknowledged is in its memory, and no longer there once it ends
    let forgets = |world: &mut World<'_>| {
        world.host().back_up();
        world.step(add(0));
        world.step(SHORTLY);
        world.step(Step::App(0, Act::Kill));
        assert!(world.host().restore());
    };
    let after = [Step::Server(Blow::Start), Step::App(0, Act::Start), SHORTLY];
    let record = record(&before, forgets, &after);
    finds(&record, "the lost edit", |found| {
        matches!(found, Violation::Lost(_))
    });
}

/// Locks that are never taken away, and no fence that a commit would be too late for.
const BLIND: &str = "CREATE TRIGGER keeps_locks BEFORE DELETE ON locks BEGIN SELECT RAISE(IGNORE); END; \
    CREATE TRIGGER forgets_fences AFTER UPDATE OF exclusive_fence ON documents WHEN NEW.exclusive_fence > 0 \
    BEGIN UPDATE documents SET exclusive_fence = 0 WHERE id = NEW.id; END;";

#[test]
fn a_server_that_does_not_look_at_fences_is_found() {
    // Ben's commit is slow; when it arrives, Ada has taken over
    let before = [open(1), SHORTLY, add(1), SHORTLY, open(0), SHORTLY];
    let after = [
        Step::Link(1, Weather::Delay(2_000)),
        add(1),
        Step::Pass(300),
        Step::App(0, Act::TakeOver(0)),
        Step::Pass(4_000),
        Step::Link(1, Weather::Mend),
        SHORTLY,
    ];
    let honest = record(&before, |_| (), &after);
    assert_eq!(judge(&honest), []);
    let taken = |record: &Record| {
        let mut frames = record.logs.iter().flatten();
        frames.any(|frame| frame["event"]["type"] == "document_force_taken")
    };
    assert!(taken(&honest));
    let blind = |world: &mut World<'_>| {
        let database = world.host().data_dir().join("holdfast.db");
        let url = format!("sqlite:{}", database.display());
        sqlx::any::install_default_drivers();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let mut conn = sqlx::AnyConnection::connect(&url)
                .await
                .expect("the database opens");
            sqlx::raw_sql(BLIND)
                .execute(&mut conn)
                .await
                .expect("the triggers are there");
            conn.close().await.expect("it closes");
        });
    };
    let record = record(&before, blind, &after);
    assert!(taken(&record));
    finds(&record, "the second writer", |found| {
        matches!(found, Violation::TwoWriters(_))
    });
}

#[test]
fn a_fence_that_does_not_rise_is_found() {
    let before = [
        open(0),
        SHORTLY,
        add(0),
        SHORTLY,
        Step::App(0, Act::StopEditing(0)),
        SHORTLY,
        open(1),
        SHORTLY,
    ];
    let mut record = record(&before, |_| (), &[]);
    assert_eq!(judge(&record), []);
    for frame in record.logs.iter_mut().flatten() {
        if frame["event"]["type"] == "document_locked" {
            frame["event"]["lock"]["fence"] = serde_json::json!(1);
        }
    }
    finds(&record, "the fence", |found| matches!(found, Violation::Fence(_)));
}

#[test]
fn what_is_there_twice_or_has_gaps_is_found() {
    let before = [open(0), SHORTLY, add(0), SHORTLY, add(0), SHORTLY];
    let record = record(&before, |_| (), &[]);
    assert_eq!(judge(&record), []);

    let mut doubled = record.clone();
    let last = doubled.histories[0].versions.last_mut().expect("a version");
    let (_, trail) = last.drawing.elements.first_key_value().expect("an element");
    let trail = trail.clone();
    last.drawing.elements.insert("another".to_owned(), trail);
    finds(&doubled, "the double", |found| {
        matches!(found, Violation::Twice(_))
    });

    let mut holed = record.clone();
    holed.histories[0].versions.remove(0);
    finds(&holed, "the gap", |found| matches!(found, Violation::Gap(_)));

    let mut kept = record.clone();
    let drawing = kept.histories[0].versions[0].drawing.clone();
    kept.drafts.push(holdfast_plans::record::Kept {
        app: 0,
        document: kept.histories[0].document.clone(),
        drawing,
        ..Default::default()
    });
    finds(&kept, "the phantom", |found| {
        matches!(found, Violation::Phantom(_))
    });

    let mut unwanted = record;
    unwanted.strokes[0].fate = Fate::Refused;
    finds(&unwanted, "the refused edit", |found| {
        matches!(found, Violation::Unwanted(_))
    });
}

#[test]
fn time_in_a_plan_is_not_the_computer_s() {
    let began = std::time::Instant::now();
    let long = Duration::from_secs(30 * 60);
    let millis = u64::try_from(long.as_millis()).expect("a number");
    let record = record(&[open(0), Step::Pass(millis)], |_| (), &[]);
    assert_eq!(judge(&record), []);
    assert!(began.elapsed() < long / 10, "{:?}", began.elapsed());
}
