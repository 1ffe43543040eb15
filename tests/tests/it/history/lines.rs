//! Histories as JSON lines.

use std::io;
use std::sync::{Arc, Mutex};

use orchestrix::store::{ExpectedVersion, MemoryStore, TenantId};
use orchestrix::testkit::history::{Call, Contents, History, LineError, Recorder, check};

use super::scenario::{append, scenario, stream};

/// A sink that can be looked at.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("whole").clone()).expect("JSON is text")
    }
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct FullDisk;

impl io::Write for FullDisk {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("no space"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_history_is_read_as_it_was_written() {
    let history = scenario().await.history;
    let text = history.to_lines().expect("JSON");
    assert_eq!(text.lines().count(), 2 * history.operations.len() - 1);
    assert_eq!(History::from_lines(&text).expect("a history"), history);
}

#[tokio::test]
async fn a_sink_gets_the_call_before_it_is_made() {
    let (sink, store) = (Sink::default(), MemoryStore::new());
    let recorder = Recorder::writing_to(sink.clone());
    let mut one = append("a", ExpectedVersion::Any, 1);
    one = one.and(
        stream("b").with_tenant(TenantId::new("Ünï/1").expect("a tenant")),
        ExpectedVersion::NoStream,
        super::scenario::events(2),
    );
    let pending = recorder.worker(1).calls(Call::append(&one));
    assert_eq!(sink.text().lines().count(), 1);
    drop(pending);
    recorder
        .worker(2)
        .append(&store, one)
        .await
        .expect("stored");
    assert_eq!(sink.text().lines().count(), 3);

    let history = History::from_lines(&sink.text()).expect("a history");
    let contents = Contents::of(&store, history.streams()).await.expect("all");
    let summary = check(&history, &contents).expect("correct");
    // The second attempt was acknowledged as new, so the first one stored nothing.
    assert_eq!((summary.acknowledged, summary.indeterminate_absent), (1, 1));
    assert!(recorder.history().operations.is_empty());
}

#[tokio::test]
async fn the_line_that_a_killed_writer_began_is_left_out() {
    let history = scenario().await.history;
    let text = history.to_lines().expect("JSON");
    let torn = &text[..text.len() - 5];
    let read = History::from_lines(torn).expect("a history");
    assert_eq!(read.operations.len(), history.operations.len());
    assert_eq!(read.operations.last().expect("the last").answer, None);
    assert_eq!(
        History::from_lines("{\"cal").expect("empty"),
        History::default()
    );
}

#[tokio::test]
async fn what_is_no_history_is_refused() {
    let text = scenario().await.history.to_lines().expect("JSON");
    let first = text.lines().next().expect("a line");
    let unreadable = History::from_lines(&format!("{first}\nx\n")).expect_err("no JSON");
    assert!(matches!(
        unreadable,
        LineError::Unreadable { number: 2, .. }
    ));
    let twice = History::from_lines(&format!("{first}\n{first}\n")).expect_err("twice");
    assert!(matches!(
        twice,
        LineError::Misfit {
            number: 2,
            operation: 1
        }
    ));
    let answer = text.lines().nth(1).expect("a line");
    let alone = History::from_lines(&format!("{answer}\n")).expect_err("no call");
    assert!(matches!(
        alone,
        LineError::Misfit {
            number: 1,
            operation: 1
        }
    ));
}

#[tokio::test]
async fn lines_that_cannot_be_written_are_counted() {
    let (recorder, store) = (Recorder::writing_to(FullDisk), MemoryStore::new());
    let append = append("a", ExpectedVersion::Any, 1);
    recorder
        .worker(1)
        .append(&store, append)
        .await
        .expect("stored");
    assert_eq!(recorder.lost_lines(), 2);
    let contents = Contents::of(&store, []).await.expect("all");
    check(&History::default(), &contents).expect_err("an event of nobody");
}

#[tokio::test]
async fn a_later_history_goes_on_where_the_first_ended() {
    let store = MemoryStore::new();
    let mut whole = History::default();
    for _process in 0..3 {
        let recorder = Recorder::new();
        let worker = recorder.worker(1);
        for _ in 0..2 {
            let append = append("a", ExpectedVersion::Any, 2);
            worker.append(&store, append).await.expect("stored");
        }
        drop(worker.calls(Call::append(&append("a", ExpectedVersion::Any, 1))));
        whole.followed_by(recorder.history());
    }
    let numbers: Vec<_> = whole
        .operations
        .iter()
        .map(|operation| operation.id)
        .collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    let times: Vec<_> = whole
        .operations
        .iter()
        .map(|operation| operation.called_at)
        .collect();
    assert!(
        times.is_sorted_by(|earlier, later| earlier < later),
        "{times:?}"
    );
    let contents = Contents::of(&store, whole.streams()).await.expect("all");
    let summary = check(&whole, &contents).expect("correct");
    assert_eq!((summary.acknowledged, summary.indeterminate_absent), (6, 3));
}
