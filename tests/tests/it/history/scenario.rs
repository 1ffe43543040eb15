//! A short history that has everything in it once.

use orchestrix::store::{
    Append, EventData, EventStore as _, ExpectedVersion, GlobalPosition, MemoryStore, Payload,
    ReadStream, StreamId, StreamVersion,
};
use orchestrix::testkit::history::{Answer, Call, Contents, History, Recorder};

/// What happened, and what is stored in the end.
pub(super) struct Scenario {
    pub(super) history: History,
    pub(super) contents: Contents,
}

pub(super) fn stream(key: &str) -> StreamId {
    StreamId::new("thing", key).expect("a valid name")
}

pub(super) fn append(key: &str, expected: ExpectedVersion, events: usize) -> Append {
    Append::new(stream(key), expected, self::events(events))
}

pub(super) fn events(count: usize) -> Vec<EventData> {
    let payload = Payload::of(&"a body").expect("text is JSON");
    let event = || EventData::new("Happened", 1, payload.clone());
    std::iter::repeat_with(event).take(count).collect()
}

const fn exact(version: u64) -> ExpectedVersion {
    ExpectedVersion::Exact(StreamVersion::new(version))
}

/// The operations, by number:
///
/// 1. a gets versions 1 and 2 at positions 1 and 2
/// 2. b gets version 1 and c versions 1 and 2, at positions 3, 4 and 5
/// 3. worker 1 reads a
/// 4. a conflict on a
/// 5. a gets versions 3 to 5 at positions 6 to 8, but the answer is lost
/// 6. the same append again, which is repeated
/// 7. an append to b that never arrives
/// 8. worker 3 reads the log to position 4
/// 9. worker 3 goes on to position 8
/// 10. worker 1 reads the last two of a, newest first
/// 11. b gets version 2 at position 9
/// 12. worker 2 reads b
/// 13. worker 3 goes on to position 9
/// 14. worker 1 reads two of a from version 2
pub(super) async fn scenario() -> Scenario {
    let store = MemoryStore::new();
    let recorder = Recorder::new();
    let [one, two, three] = [1, 2, 3].map(|number| recorder.worker(number));
    let read = |key| ReadStream::forward(stream(key));
    let position = GlobalPosition::new;

    let first = append("a", ExpectedVersion::NoStream, 2);
    one.append(&store, first).await.expect("1");
    let second = append("b", ExpectedVersion::Any, 1);
    let second = second.and(stream("c"), ExpectedVersion::NoStream, events(2));
    two.append(&store, second).await.expect("2");
    one.read_stream(&store, read("a")).await.expect("3");
    let refused = append("a", ExpectedVersion::NoStream, 1);
    two.append(&store, refused).await.expect_err("4");

    let unknown = append("a", exact(2), 3);
    let pending = one.calls(Call::append(&unknown));
    assert!(store.append(vec![unknown.clone()]).await[0].is_ok());
    pending.answered(Answer::Indeterminate);
    one.append(&store, unknown).await.expect("6");
    drop(two.calls(Call::append(&append("b", ExpectedVersion::Any, 2))));

    let page = three.read_all(&store, position(0), 4).await;
    assert_eq!(page.expect("8").scanned_to, position(4));
    three.read_all(&store, position(4), 100).await.expect("9");
    let backward = ReadStream::backward(stream("a")).limit(2);
    one.read_stream(&store, backward).await.expect("10");
    let last = append("b", exact(1), 1);
    two.append(&store, last).await.expect("11");
    two.read_stream(&store, read("b")).await.expect("12");
    three.read_all(&store, position(8), 100).await.expect("13");
    let tail = read("a").from(StreamVersion::new(2)).limit(2);
    one.read_stream(&store, tail).await.expect("14");

    let history = recorder.history();
    let contents = Contents::of(&store, history.streams()).await.expect("all");
    Scenario { history, contents }
}
