//! Conditions over events of many streams: whatever is done at once, one of those who exclude each other wins.

use orchestrix::store::{
    Append, AppendError, Appended, EventData, EventQuery, EventStore, ExpectedVersion,
    GlobalPosition, Payload, QueryItem, Tag,
};
use orchestrix_postgres::PostgresStore;
use sqlx::{Connection, PgConnection};

use crate::fixture::{
    TestDatabase, append_one, event, in_database, raw_append, readable, stream, until,
    waiting_for_locks,
};

fn tag(value: impl ToString) -> Tag {
    Tag::of("course", &value.to_string()).unwrap()
}

fn tagged<const N: usize>(key: &str, tags: [&Tag; N]) -> Append {
    let event = event().with_tags(tags.map(Clone::clone));
    Append::new(stream(key), ExpectedVersion::Any, vec![event])
}

/// A decision: an event with these tags, unless there is one that has the last of them.
fn decision<const N: usize>(key: &str, tags: [&Tag; N]) -> Append {
    let last = tags[N - 1].clone();
    tagged(key, tags).unless(EventQuery::tagged([last]), GlobalPosition::START)
}

async fn one(store: &PostgresStore, append: Append) -> Result<Appended, AppendError> {
    store.append(vec![append]).await.remove(0)
}

/// Appends an event with a tag as the store does, in the session's transaction.
async fn raw_append_tagged(session: &mut PgConnection, key: &str, tag: &Tag) -> u64 {
    let positions: Vec<i64> = sqlx::query_scalar(
        "select positions from orchestrix.append_batch_2(
             '{1}', '{-1}', '{1}', '{1}', '{1}', '{default}', array[$1], array[gen_random_uuid()], '{Happened}', '{1}',
             array[now()], '{\"{}\"}', '{\"{}\"}', null, array[$2], null, null, false)",
    )
    .bind(format!("thing-{key}"))
    .bind(tag.as_str())
    .fetch_one(session)
    .await
    .unwrap();
    positions[0] as u64
}

/// Sends all appends at once, each by one of two nodes, and gives how many were stored. The others must be refused by
/// their conditions.
async fn winners(database: &TestDatabase, rounds: Vec<Vec<Append>>) -> Vec<usize> {
    let nodes = [database.store().await, database.store().await];
    let mut winners = Vec::new();
    for appends in rounds {
        let sending: Vec<_> = (0..)
            .zip(appends)
            .map(|(n, append): (usize, _)| {
                let node = nodes[n % 2].clone();
                tokio::spawn(async move { one(&node, append).await })
            })
            .collect();
        let mut stored = Vec::new();
        let mut found = Vec::new();
        for sent in sending {
            match sent.await.unwrap() {
                Ok(done) => stored.push(done.position),
                Err(AppendError::ConditionConflict { found: at, .. }) => found.push(at),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(found.iter().all(|at| stored.contains(at)), "{found:?}");
        winners.push(stored.len());
    }
    winners
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixteen_decisions_about_one_tag_one_wins() {
    in_database("of_sixteen_decisions", |database| async move {
        let rounds = (0..20).map(|round| {
            let tag = tag(round);
            let decisions = (0..16).map(|n| decision(&format!("{round}-{n}"), [&tag]));
            decisions.collect()
        });
        assert_eq!(winners(&database, rounds.collect()).await, [1; 20]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decisions_about_different_tags_never_conflict() {
    in_database("decisions_about_different_tags", |database| async move {
        let rounds = (0..20).map(|round| {
            let decisions = (0..16).map(|n| {
                let key = format!("{round}-{n}");
                decision(&key, [&tag(&key)])
            });
            decisions.collect()
        });
        assert_eq!(winners(&database, rounds.collect()).await, [16; 20]);
    })
    .await;
}

/// Half of them write `a` and `b` and ask for `b`, half of them write both and ask for `a`; and some ask for items of
/// both in one condition, with any event of a type.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decisions_that_cross_do_not_lock_each_other_out() {
    in_database("decisions_that_cross", |database| async move {
        let rounds = (0..20).map(|round| {
            let (a, b) = (tag(format!("a{round}")), tag(format!("b{round}")));
            let decisions = (0..16).map(|n| {
                let key = format!("{round}-{n}");
                match n % 4 {
                    0 => decision(&key, [&a, &b]),
                    1 => decision(&key, [&b, &a]),
                    2 => {
                        let either = EventQuery::of(QueryItem::tagged([b.clone()]))
                            .or(QueryItem::tagged([a.clone()]));
                        tagged(&key, [&a, &b]).unless(either, GlobalPosition::START)
                    }
                    _ => {
                        let other_type = QueryItem::default().event_types(["NeverHappened"]);
                        let either = EventQuery::of(other_type).or(QueryItem::tagged([b.clone()]));
                        tagged(&key, [&a, &b]).unless(either, GlobalPosition::START)
                    }
                }
            });
            decisions.collect()
        });
        assert_eq!(winners(&database, rounds.collect()).await, [1; 20]);
    })
    .await;
}

/// More tags than there should be locks: the tenant is locked instead.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_with_very_many_tags_is_excluded_as_well() {
    in_database("an_append_with_very_many_tags", |database| async move {
        let rounds = (0..10).map(|round| {
            let shared = tag(format!("shared{round}"));
            let many = |n: usize| {
                let events = (0..30).map(|event_number| {
                    let mut tags: Vec<_> = (0..15)
                        .map(|t| tag(format!("{round}-{n}-{event_number}-{t}")))
                        .collect();
                    if event_number == 29 {
                        tags.push(shared.clone());
                    }
                    event().with_tags(tags)
                });
                let key = format!("many-{round}-{n}");
                Append::new(stream(&key), ExpectedVersion::Any, events.collect())
                    .unless(EventQuery::tagged([shared.clone()]), GlobalPosition::START)
            };
            let appends = (0..8).map(|n| match n % 2 {
                0 => many(n),
                _ => decision(&format!("{round}-{n}"), [&shared]),
            });
            appends.collect()
        });
        assert_eq!(winners(&database, rounds.collect()).await, [1; 10]);
    })
    .await;
}

#[tokio::test]
async fn a_decision_waits_for_those_who_may_be_writing_what_it_asks_for() {
    in_database("a_decision_waits_for_those", |database| async move {
        let store = database.store().await;
        for (n, commits) in [true, false].into_iter().enumerate() {
            let tag = tag(n);
            let mut session = database.session().await;
            let mut writing = session.begin().await.unwrap();
            let position = raw_append_tagged(&mut writing, &format!("w{n}"), &tag).await;
            // Others are not held up.
            one(
                &store,
                decision(&format!("o{n}"), [&self::tag(format!("other{n}"))]),
            )
            .await
            .unwrap();
            append_one(&store, &format!("plain{n}")).await;

            let deciding = tokio::spawn({
                let (store, append) = (store.clone(), decision(&format!("d{n}"), [&tag]));
                async move { one(&store, append).await }
            });
            until("the decision waits", || async {
                waiting_for_locks(&database).await == 1
            })
            .await;
            assert!(!deciding.is_finished());
            if commits {
                writing.commit().await.unwrap();
                match deciding.await.unwrap() {
                    Err(AppendError::ConditionConflict { found, .. }) => {
                        assert_eq!(found.get(), position);
                    }
                    other => panic!("{other:?}"),
                }
            } else {
                writing.rollback().await.unwrap();
                deciding.await.unwrap().unwrap();
            }
        }
    })
    .await;
}

/// Also those who run the version before, which knows no tags.
#[tokio::test]
async fn a_decision_about_a_type_waits_for_all_writers() {
    in_database("a_decision_about_a_type", |database| async move {
        let store = database.store().await;
        let mut session = database.session().await;
        let mut writing = session.begin().await.unwrap();
        let position = raw_append(&mut writing, "writer").await;
        let query = EventQuery::of(QueryItem::default().event_types(["Happened"]));
        let append = tagged("decider", []).unless(query, GlobalPosition::START);
        let deciding = tokio::spawn({
            let (store, append) = (store.clone(), append.clone());
            async move { one(&store, append).await }
        });
        until("the decision waits", || async {
            waiting_for_locks(&database).await == 1
        })
        .await;
        writing.commit().await.unwrap();
        match deciding.await.unwrap() {
            Err(error @ AppendError::ConditionConflict { found, .. }) => {
                assert_eq!(found.get(), position);
                assert!(error.is_conflict());
            }
            other => panic!("{other:?}"),
        }
        // Behind it, there is nothing.
        let after = GlobalPosition::new(position);
        let query = EventQuery::all();
        one(&store, append.unless(query, after)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn decisions_of_one_batch_see_each_other_and_fail_alone() {
    in_database("decisions_of_one_batch", |database| async move {
        let store = database.store().await;
        let (a, b) = (tag("a"), tag("b"));
        let both = EventQuery::tagged([a.clone(), b.clone()]);
        let of_type = |name: &str| {
            let item = QueryItem::tagged([a.clone()]).event_types([name.to_owned()]);
            EventQuery::of(item)
        };
        let start = GlobalPosition::START;
        let outcomes = store
            .append(vec![
                decision("1", [&a]),
                // The first is there.
                decision("2", [&a]),
                decision("3", [&b]),
                tagged("4", [&b]).unless(both.clone(), start),
                tagged("5", [&b, &a]).unless(both.clone(), start),
                tagged("6", [&b]).unless(both, start),
                tagged("7", []).unless(of_type("Happened"), start),
                tagged("8", []).unless(of_type("Other"), start),
                // Binary, and tagged.
                Append::new(
                    stream("9"),
                    ExpectedVersion::NoStream,
                    vec![
                        event(),
                        EventData::new("Bytes", 1, Payload::binary(vec![0, 255, 1]))
                            .with_tags([b.clone()]),
                    ],
                ),
            ])
            .await;
        let stored: Vec<_> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(
            stored,
            [true, false, true, true, true, false, false, true, true]
        );
        let found = |n: usize| match &outcomes[n] {
            Err(AppendError::ConditionConflict { found, .. }) => *found,
            other => panic!("{other:?}"),
        };
        let position = |n: usize| outcomes[n].as_ref().unwrap().position;
        assert_eq!(found(1), position(0));
        assert_eq!(found(5), position(4));
        assert_eq!(found(6), position(0));
        assert_eq!(readable(&store).await.len(), 7);
    })
    .await;
}
