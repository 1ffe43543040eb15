//! Streams that were taken off the hot path.

use orchestrix::store::{
    Append, AppendError, EventQuery, EventStore, ExpectedVersion, Filter, GlobalPosition, ReadAll,
    ReadStream, StreamVersion, Tag, TenantId,
};
use sqlx::Connection;

use crate::fixture::{
    append_one, append_to, event, execute, in_database, raw_append, readable, stream, until,
    waiting_for_locks,
};

#[tokio::test]
async fn an_archived_stream_is_read_when_asked_for_and_takes_no_more() {
    in_database("an_archived_stream_is_read", |database| async move {
        let store = database.store().await;
        let about = Tag::of("course", "c1").unwrap();
        let ids: Vec<_> = (0..3).map(|_| event().with_tags([about.clone()])).collect();
        let append = Append::new(stream("a"), ExpectedVersion::NoStream, ids.clone());
        append_one(&store, "b").await;
        let first = store.append(vec![append.clone()]).await.remove(0).unwrap();

        let version = StreamVersion::new(3);
        let any = ExpectedVersion::Any;
        for expected in [ExpectedVersion::Exact(version), any] {
            assert_eq!(
                store.archive_stream(&stream("a"), expected).await.unwrap(),
                version
            );
        }
        let hot = store.read_stream(ReadStream::forward(stream("a"))).await;
        assert!(hot.unwrap().is_empty());
        let asked_for = ReadStream::backward(stream("a")).with_archived().limit(2);
        let asked_for = store.read_stream(asked_for).await.unwrap();
        let versions: Vec<_> = asked_for.iter().map(|event| event.version.get()).collect();
        assert_eq!(versions, [3, 2]);
        assert_eq!(asked_for[0].data.tags(), std::slice::from_ref(&about));

        // The last events of the log are archived: one who opens it now reads them.
        let reopened = database.store().await;
        assert_eq!(readable(&reopened).await, [1, 2, 3, 4]);
        let page =
            ReadAll::after(GlobalPosition::START).filter(Filter::all().tags([about.clone()]));
        let page = reopened.read_all(page).await.unwrap();
        assert_eq!((page.events.len(), page.scanned_to.get()), (3, 4));
        let found = store
            .find_event(&TenantId::default(), ids[1].event_id)
            .await
            .unwrap();
        assert_eq!(found.unwrap().version, StreamVersion::new(2));

        let decision = append_to("c").unless(EventQuery::tagged([about]), GlobalPosition::START);
        let outcomes = store
            .append(vec![
                append_to("a"),
                append.clone(),
                append_to("d").and(stream("a"), any, vec![event()]),
                decision,
                append_to("d"),
            ])
            .await;
        for refused in [&outcomes[0], &outcomes[2]] {
            assert!(
                matches!(refused, Err(AppendError::Archived { stream: of, version: at })
                         if (of, *at) == (&stream("a"), version)),
                "{refused:?}"
            );
        }
        let repeated = outcomes[1].as_ref().unwrap();
        assert!(repeated.repeated);
        assert_eq!(repeated.streams, first.streams);
        assert_eq!(repeated.position, first.position);
        assert!(matches!(
            outcomes[3],
            Err(AppendError::ConditionConflict { .. })
        ));
        assert_eq!(
            outcomes[4].as_ref().unwrap().streams[0].last_version.get(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_absent_or_not_as_expected_is_not_archived() {
    in_database("what_is_absent", |database| async move {
        let store = database.store().await;
        append_one(&store, "a").await;
        let wrong = ExpectedVersion::Exact(StreamVersion::new(2));
        for (key, expected, is) in [
            ("none", ExpectedVersion::Any, 0),
            ("none", ExpectedVersion::NoStream, 0),
            ("a", wrong, 1),
        ] {
            match store.archive_stream(&stream(key), expected).await {
                Err(AppendError::Conflict {
                    stream: of, actual, ..
                }) => {
                    assert_eq!((of, actual.get()), (stream(key), is));
                }
                other => panic!("{other:?}"),
            }
        }
        append_one(&store, "a").await;
        store.archive_stream(&stream("a"), wrong).await.unwrap();
        // Also of an archived stream.
        let never = store
            .archive_stream(&stream("a"), ExpectedVersion::NoStream)
            .await;
        assert!(never.unwrap_err().is_conflict());
    })
    .await;
}

#[tokio::test]
async fn archiving_waits_for_who_writes_to_the_stream() {
    in_database("archiving_waits_for_who_writes", |database| async move {
        let store = database.store().await;
        append_one(&store, "a").await;
        let mut session = database.session().await;
        let mut writing = session.begin().await.unwrap();
        raw_append(&mut writing, "a").await;
        let archiving = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .archive_stream(&stream("a"), ExpectedVersion::Any)
                    .await
            }
        });
        until("it waits", || async {
            waiting_for_locks(&database).await == 1
        })
        .await;
        writing.commit().await.unwrap();
        assert_eq!(archiving.await.unwrap().unwrap(), StreamVersion::new(2));
        assert_eq!(readable(&store).await, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn readers_miss_nothing_while_streams_are_archived() {
    const STREAMS: usize = 40;
    in_database("readers_miss_nothing", |database| async move {
        let (store, reader) = (database.store().await, database.store().await);
        for n in 0..STREAMS {
            append_one(&store, &n.to_string()).await;
            append_one(&store, &n.to_string()).await;
        }
        let archiving = tokio::spawn(async move {
            for n in (0..STREAMS).rev() {
                let stream = stream(&n.to_string());
                let archived = store.archive_stream(&stream, ExpectedVersion::Any).await;
                archived.unwrap();
            }
        });
        let all: Vec<_> = (1..=2 * STREAMS as u64).collect();
        let mut looks = 0;
        while !archiving.is_finished() || looks == 0 {
            assert_eq!(readable(&reader).await, all);
            assert_eq!(readable(&database.store().await).await, all);
            looks += 1;
        }
        archiving.await.unwrap();
        assert_eq!(readable(&reader).await, all);
    })
    .await;
}

#[tokio::test]
async fn the_id_of_an_archived_event_may_be_taken_again() {
    in_database("the_id_of_an_archived_event", |database| async move {
        let store = database.store().await;
        let event = event();
        for key in ["a", "b"] {
            let append = Append::new(stream(key), ExpectedVersion::NoStream, vec![event.clone()]);
            assert!(
                !store.append(vec![append]).await[0]
                    .as_ref()
                    .unwrap()
                    .repeated
            );
            store
                .archive_stream(&stream(key), ExpectedVersion::Any)
                .await
                .unwrap();
        }
        assert_eq!(readable(&store).await, [1, 2]);
    })
    .await;
}

/// The function that the version before calls, which knows of no archive.
#[tokio::test]
async fn a_process_of_the_version_before_cannot_write_to_an_archived_stream() {
    in_database("a_process_of_the_version_before", |database| async move {
        let store = database.store().await;
        append_one(&store, "a").await;
        store
            .archive_stream(&stream("a"), ExpectedVersion::Any)
            .await
            .unwrap();
        let mut session = database.session().await;
        let refused = sqlx::query(
            "select positions from orchestrix.append_batch(
                 '{1}', '{-1}', '{1}', '{1}', '{1}', '{default}', '{thing-a}', array[gen_random_uuid()], '{Happened}',
                 '{1}', array[now()], '{\"{}\"}', '{\"{}\"}')",
        )
        .execute(&mut session)
        .await
        .unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("55000"));
        execute(&mut session, "select 1").await;
        assert_eq!(readable(&store).await, [1]);
    })
    .await;
}
