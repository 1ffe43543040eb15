//! Batches: what is in one, and what happens when they meet.

use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, EventData, EventStore, ExpectedVersion, GlobalPosition, Limit, Limits,
    Payload, ReadAll, ReadStream, StreamVersion,
};
use orchestrix_postgres::{PostgresOptions, PostgresStore};

use crate::fixture::{append_to, event, in_database, readable, stream};

#[tokio::test]
async fn each_append_of_a_batch_gets_its_own_outcome() {
    in_database("each_append_of_a_batch", |database| async move {
        let store = database.store().await;
        let (first, second) = (event(), event());
        let stored =
            Append::new(stream("a"), ExpectedVersion::NoStream, vec![first.clone(), second.clone()]);
        let position = store.append(vec![stored.clone()]).await.remove(0).unwrap().position;
        let at = |version| ExpectedVersion::Exact(StreamVersion::new(version));
        let outcomes = store
            .append(vec![
                append_to("b"),
                Append::new(stream("c"), at(7), vec![event()]),
                stored,
                Append::new(stream("a"), ExpectedVersion::Any, vec![event(), first.clone()]),
                Append::new(stream("d"), ExpectedVersion::Any, vec![]),
                // Sees what the first of this batch left.
                Append::new(stream("b"), at(1), vec![event(), event()]),
                // All or nothing over its streams.
                append_to("e").and(stream("b"), at(2), vec![event()]),
                append_to("a").and(stream("f"), ExpectedVersion::StreamExists, vec![event()]),
            ])
            .await;
        let [ok, conflict, repeated, duplicate, empty, seen, torn, lost]: [_; 8] =
            outcomes.try_into().unwrap();
        let ok = ok.unwrap();
        match conflict {
            Err(AppendError::Conflict { stream: of, expected, actual }) => {
                assert_eq!((of, expected, actual), (stream("c"), at(7), StreamVersion::NONE));
            }
            other => panic!("{other:?}"),
        }
        let repeated = repeated.unwrap();
        assert!(repeated.repeated);
        assert_eq!(repeated.position, position);
        assert_eq!(repeated.streams[0].last_version, StreamVersion::new(2));
        assert!(
            matches!(duplicate, Err(AppendError::DuplicateEvent { event_id, .. }) if event_id == first.event_id),
            "{duplicate:?}"
        );
        assert!(matches!(empty, Err(AppendError::Empty { .. })), "{empty:?}");
        let seen = seen.unwrap();
        assert_eq!(seen.streams[0].first_version, StreamVersion::new(2));
        assert_eq!(seen.position.get(), ok.position.get() + 2);
        match torn {
            Err(AppendError::Conflict { stream: of, actual, .. }) => {
                assert_eq!((of, actual), (stream("b"), StreamVersion::new(3)));
            }
            other => panic!("{other:?}"),
        }
        assert!(lost.unwrap_err().is_conflict());
        for (key, events) in [("a", 2), ("b", 3), ("c", 0), ("d", 0), ("e", 0), ("f", 0)] {
            let read = store.read_stream(ReadStream::forward(stream(key))).await.unwrap();
            assert_eq!(read.len(), events, "in {key}");
        }
        assert_eq!(readable(&store).await.len(), 5);
    })
    .await;
}

#[tokio::test]
async fn what_the_server_refuses_fails_alone() {
    in_database(
        "what_the_server_refuses_fails_alone",
        |database| async move {
            let store = database.store().await;
            // Refused before it is sent.
            let refused = EventData::new("Ha\0ppened", 1, Payload::of(&1).unwrap());
            let refused = Append::new(stream("b"), ExpectedVersion::Any, vec![refused]);
            // Before the year 4713 BC, where the database's time begins.
            let beyond = event().with_occurred_at(jiff::Timestamp::MIN);
            let beyond = Append::new(stream("b"), ExpectedVersion::Any, vec![beyond]);
            let outcomes = store
                .append(vec![
                    append_to("a"),
                    refused,
                    append_to("a"),
                    beyond,
                    append_to("c"),
                ])
                .await;
            let stored: Vec<_> = outcomes.iter().map(Result::is_ok).collect();
            assert_eq!(stored, [true, false, true, false, true]);
            assert!(
                matches!(outcomes[1], Err(AppendError::InvalidEventType { .. })),
                "{:?}",
                outcomes[1]
            );
            assert!(
                matches!(outcomes[3], Err(AppendError::Failed { .. })),
                "{:?}",
                outcomes[3]
            );
            assert_eq!(readable(&store).await.len(), 3);
        },
    )
    .await;
}

#[tokio::test]
async fn a_batch_of_any_size_is_stored_in_its_order() {
    in_database("a_batch_of_any_size", |database| async move {
        let mut limits = Limits::default();
        limits.append_events = 1_500;
        let options = PostgresOptions::new(&database.url).with_limits(limits);
        let store = PostgresStore::connect_with(options).await.unwrap();
        // With the quotes around it.
        let megabyte = Payload::of(&"x".repeat((1 << 20) - 2)).unwrap();
        let mut batch: Vec<_> = (0..2_500).map(|n| append_to(&n.to_string())).collect();
        batch.extend((0..20).map(|_| {
            let large = EventData::new("Large", 1, megabyte.clone());
            Append::new(stream("large"), ExpectedVersion::Any, vec![large])
        }));
        let many: Vec<_> = (0..1_501).map(|_| event()).collect();
        let too_many = Append::new(stream("too_many"), ExpectedVersion::NoStream, many.clone());
        let many = many[1..].to_vec();
        batch.push(Append::new(stream("many"), ExpectedVersion::NoStream, many));
        batch.push(too_many);
        let mut outcomes = store.append(batch).await;
        match outcomes.pop().unwrap() {
            Err(AppendError::LimitExceeded {
                limit: Limit::AppendEvents,
                found,
                allowed,
                ..
            }) => {
                assert_eq!((found, allowed), (1_501, 1_500));
            }
            other => panic!("{other:?}"),
        }
        let positions: Vec<_> = outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap().position)
            .collect();
        assert!(positions.is_sorted_by(|a, b| a < b));
        assert_eq!(readable(&store).await.len(), 2_500 + 20 + 1_500);
    })
    .await;
}

/// Batches over the same streams, in every order, from two stores: nobody deadlocks, nobody gets an error of the
/// driver, and versions stay dense.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_that_overlap_never_fail_each_other() {
    const STREAMS: usize = 12;
    const BATCHES: usize = 15;
    in_database("batches_that_overlap", |database| async move {
        let stores = [database.store().await, database.store().await];
        let writers: Vec<_> = (0..6)
            .map(|writer| {
                tokio::spawn(overlapping(
                    stores[writer % 2].clone(),
                    writer,
                    BATCHES,
                    STREAMS,
                ))
            })
            .collect();
        let mut stored = 0;
        for writer in writers {
            stored += writer.await.unwrap();
        }
        let mut events = 0;
        for n in 0..STREAMS {
            let read = stores[0]
                .read_stream(ReadStream::forward(stream(&n.to_string())))
                .await
                .unwrap();
            let versions: Vec<_> = read.iter().map(|event| event.version.get()).collect();
            assert_eq!(versions, (1..=read.len() as u64).collect::<Vec<_>>());
            assert!(read.is_sorted_by(|a, b| a.position < b.position));
            events += read.len();
        }
        assert_eq!(events, stored);
        assert_eq!(readable(&stores[1]).await.len(), stored);
    })
    .await;
}

/// How many events were stored.
async fn overlapping(store: PostgresStore, writer: usize, batches: usize, streams: usize) -> usize {
    let mut stored = 0;
    for batch in 0..batches {
        let appends = (0..16).map(|n| {
            let at = |step: usize| stream(&((writer * 5 + batch + n * step) % streams).to_string());
            let (one, other) = (at(7), at(5));
            let append = match n % 4 {
                // Mostly too late: somebody else was there.
                0 => Append::new(
                    one.clone(),
                    ExpectedVersion::Exact(StreamVersion::new(3)),
                    vec![event()],
                ),
                _ => Append::new(one.clone(), ExpectedVersion::Any, vec![event()]),
            };
            if one == other {
                append
            } else {
                append.and(other, ExpectedVersion::Any, vec![event()])
            }
        });
        let appends: Vec<_> = appends.collect();
        let sizes: Vec<_> = appends.iter().map(Append::event_count).collect();
        for (outcome, size) in store.append(appends).await.into_iter().zip(sizes) {
            match outcome {
                Ok(_) => stored += size,
                Err(error) => assert!(error.is_conflict(), "{error:?}"),
            }
        }
    }
    stored
}

/// Two writers send the same events at once to different streams: one of them wins, the other is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_event_id_sent_to_two_streams_at_once_is_stored_once() {
    in_database("one_event_id_sent_to_two_streams", |database| async move {
        let stores = [database.store().await, database.store().await];
        for round in 0..20 {
            let ids: Vec<_> = (0..4).map(|_| MessageId::new()).collect();
            let sending: Vec<_> = (0..2)
                .map(|n: usize| {
                    let mut ids = ids.clone();
                    if n == 1 {
                        ids.reverse();
                    }
                    let appends = ids.into_iter().map(|id| {
                        let key = format!("{round}-{n}-{id}");
                        Append::new(
                            stream(&key),
                            ExpectedVersion::Any,
                            vec![event().with_id(id)],
                        )
                    });
                    let (store, appends) = (stores[n].clone(), appends.collect());
                    tokio::spawn(async move { store.append(appends).await })
                })
                .collect();
            let mut stored = 0;
            for outcomes in sending {
                for outcome in outcomes.await.unwrap() {
                    match outcome {
                        Ok(_) => stored += 1,
                        Err(AppendError::DuplicateEvent { .. }) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
            }
            assert_eq!(stored, ids.len());
        }
        let page = stores[0]
            .read_all(ReadAll::after(GlobalPosition::START))
            .await
            .unwrap();
        assert_eq!(page.events.len(), 80);
    })
    .await;
}
