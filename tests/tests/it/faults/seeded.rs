//! Faults that are drawn.

use std::sync::Arc;

use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, EventData, ExpectedVersion, MemoryStore, Payload, StreamId,
};
use orchestrix::testkit::faults::{AppendFault, FaultCounts, FaultOdds, FaultStore};
use orchestrix::testkit::history::{Contents, Recorder, Summary, check};

const APPENDS: usize = 400;

fn odds() -> FaultOdds {
    FaultOdds::none()
        .with(AppendFault::Unavailable, 50)
        .with(AppendFault::Failed, 20)
        .with(AppendFault::NotSent, 50)
        .with(AppendFault::AnswerLost, 50)
        .with(AppendFault::Twice, 50)
}

/// One worker who sends every second unknown append again.
async fn run(seed: u64) -> (FaultCounts, Summary) {
    let store = FaultStore::over(Arc::new(MemoryStore::new()));
    store.seeded(seed, odds());
    let recorder = Recorder::new();
    let worker = recorder.worker(1);
    let stream = StreamId::new("thing", "a").expect("a valid name");
    for n in 0..APPENDS {
        let payload = Payload::of(&n).expect("a number is JSON");
        let events = vec![EventData::new("Happened", 1, payload); 1 + n % 3];
        let events = events
            .into_iter()
            .map(|event| event.with_id(MessageId::new()));
        let append = Append::new(stream.clone(), ExpectedVersion::Any, events.collect());
        let outcome = worker.append(&store, append.clone()).await;
        if n % 2 == 0 && matches!(outcome, Err(AppendError::Indeterminate { .. })) {
            // Whatever comes of it is in the history.
            let _ = worker.append(&store, append).await;
        }
    }
    let history = recorder.history();
    let contents = Contents::of(&store, history.streams()).await.expect("all");
    let summary = check(&history, &contents);
    let summary = summary.unwrap_or_else(|found| panic!("seed {seed}: {found:#?}"));
    (store.counts(), summary)
}

#[tokio::test]
async fn every_seed_leaves_a_correct_history() {
    let mut different = std::collections::HashSet::new();
    for seed in 0..50 {
        let (counts, summary) = run(seed).await;
        assert_eq!(counts.unrecognised, 0, "seed {seed}");
        assert!(
            summary.indeterminate_stored > 0 && summary.indeterminate_absent > 0,
            "seed {seed}"
        );
        let unknown = summary.indeterminate_stored + summary.indeterminate_absent;
        assert_eq!(
            unknown,
            counts.not_sent + counts.answers_lost,
            "seed {seed}"
        );
        assert_eq!(
            summary.refused,
            counts.unavailable + counts.failed,
            "seed {seed}"
        );
        different.insert(format!("{counts:?}"));
    }
    assert!(different.len() > 40, "{}", different.len());
}

#[tokio::test]
async fn the_same_seed_draws_the_same() {
    for seed in [7, 2026] {
        assert_eq!(run(seed).await, run(seed).await);
    }
}

#[tokio::test]
async fn faults_come_about_as_often_as_was_said() {
    let (counts, _) = run(1).await;
    let faulty = counts.appends - counts.untouched;
    // 220 in a thousand.
    assert!((40..160).contains(&faulty), "{counts:?}");
}
