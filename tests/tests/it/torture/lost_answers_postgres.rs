//! The answer to an append is lost on the way from PostgreSQL, again and again: nothing is stored twice, nothing is
//! missing, and nobody is told what is not known.

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, AppendError, Backend as _, EventData, EventStore as _, ExpectedVersion, Payload,
    ReadStream, StreamId,
};
use orchestrix::testkit::history::{Contents, Recorder, check};
use orchestrix::testkit::proxy::Proxy;
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use test_servers::QUICK_VARIABLE;
use url::Url;

use super::in_database::in_database;
use super::work::{PATIENCE, within};

fn rounds() -> u64 {
    match std::env::var(QUICK_VARIABLE).is_ok_and(|value| value == "1") {
        true => 20,
        false => 200,
    }
}

/// A proxy before the server of this URL, and the URL that leads through it.
async fn before(url: &Url) -> Result<(Proxy, Url), BoxError> {
    let host = url.host_str().ok_or("the server's URL has no host")?;
    let proxy = Proxy::start(format!("{host}:{}", url.port().unwrap_or(5432))).await?;
    let mut through = url.clone();
    through
        .set_ip_host(proxy.address().ip())
        .map_err(|()| "an URL that takes no host")?;
    through
        .set_port(Some(proxy.address().port()))
        .map_err(|()| "an URL that takes no port")?;
    Ok((proxy, through))
}

#[test]
fn an_append_without_an_answer_is_indeterminate_and_repeated_when_sent_again()
-> Result<(), BoxError> {
    const TEST: &str = "an_append_without_an_answer_is_indeterminate_and_repeated";
    in_database(TEST, |url| async move {
        let (proxy, through) = before(&url).await?;
        let options = PostgresOptions::new(through).with_max_connections(2);
        let store = PostgresStore::connect_with(options).await?;
        let recorder = Recorder::new();
        let worker = recorder.worker(1);
        let stream = StreamId::new("account", "7")?;
        for round in 0..rounds() {
            // Only the append says the type of its events.
            let event_type = format!("Lost{round}x");
            let event = || Ok::<_, BoxError>(EventData::new(&*event_type, 1, Payload::of(&round)?));
            let events = vec![event()?, event()?, event()?];
            let append = Append::new(stream.clone(), ExpectedVersion::Any, events);
            proxy.drop_response_to(event_type, 1);
            let sending = worker.append(&store, append.clone());
            let unanswered = within(PATIENCE, "the append ends", sending).await?;
            let Err(AppendError::Indeterminate { .. }) = unanswered else {
                return Err(format!("round {round}: {unanswered:?}").into());
            };
            let resending = worker.append(&store, append);
            let known = within(PATIENCE, "the append is answered", resending).await??;
            assert!(known.repeated, "round {round}: {known:?}");
            assert_eq!(known.streams[0].first_version.get(), 3 * round + 1);
        }
        assert_eq!(proxy.counts().dropped_responses, rounds());

        let direct = PostgresStore::connect(url).await?;
        let history = recorder.history();
        let contents = Contents::of(&direct, history.streams()).await?;
        let summary = check(&history, &contents).map_err(|found| format!("{found:#?}"))?;
        eprintln!("{} answers lost: {summary}", rounds());
        assert_eq!(summary.repeated as u64, rounds());
        assert_eq!(summary.indeterminate_stored as u64, rounds());
        assert_eq!(summary.stored_events as u64, 3 * rounds());
        store.close().await?;
        direct.close().await
    })
}

#[derive(Event, Serialize, Deserialize)]
struct Counted {
    by: u64,
}

#[derive(Command)]
struct Count {
    #[id]
    counter: String,
    by: u64,
}

#[derive(Default)]
struct Counter {
    total: u64,
}

#[aggregate]
impl Counter {
    #[handle]
    fn count(&self, cmd: Count) -> Counted {
        Counted { by: cmd.by }
    }

    #[apply]
    fn counted(&mut self, event: &Counted) {
        self.total += event.by;
    }
}

#[module(aggregates(Counter))]
struct Counting;

#[test]
fn commands_whose_answers_are_lost_take_effect_once() -> Result<(), BoxError> {
    const TEST: &str = "commands_whose_answers_are_lost_take_effect_once";
    in_database(TEST, |url| async move {
        let (proxy, through) = before(&url).await?;
        let options = PostgresOptions::new(through).with_max_connections(2);
        let store = PostgresStore::connect_with(options).await?;
        let app = Orchestrix::builder()
            .isolated()
            .store(store)
            .module(Counting);
        let app = app.start().await?;
        let mut lost = 0;
        for round in 1..=rounds() {
            // Only the append says this number; now and then the answer to its repetition is lost too.
            let by = 7_000_000_000 + round;
            let answers = if round % 8 == 0 { 2 } else { 1 };
            proxy.drop_response_to(by.to_string(), answers);
            lost += answers as u64;
            let count = Count {
                counter: "a".to_owned(),
                by,
            };
            let command = app.dispatch(count).into_future();
            let receipt = within(PATIENCE, "the command ends", command).await??;
            assert_eq!(receipt.version.get(), round);
        }
        assert_eq!(proxy.counts().dropped_responses, lost);
        app.shutdown().await?;

        let direct = PostgresStore::connect(url).await?;
        let stream = StreamId::new("counter", "a")?;
        let stored = direct.read_stream(ReadStream::forward(stream)).await?;
        let counted: Result<Vec<Counted>, _> = stored
            .iter()
            .map(|event| event.data.payload.read())
            .collect();
        let counted: Vec<u64> = counted?.iter().map(|event| event.by).collect();
        let wanted: Vec<u64> = (1..=rounds()).map(|round| 7_000_000_000 + round).collect();
        assert_eq!(counted, wanted);
        eprintln!(
            "{} commands, {lost} answers lost: 0 doubled, 0 lost",
            rounds()
        );
        direct.close().await
    })
}
