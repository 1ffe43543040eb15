//! Requests that are sent more than once.

use orchestrix::store::{
    Append, Appended, EventStore, ExpectedVersion, IdempotencyKey, ReadStream, StreamVersion,
    TenantId,
};

use crate::fixture::{append_one, append_to, event, in_database, readable, stream};

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

fn first_of(outcome: &Appended) -> Appended {
    Appended {
        repeated: false,
        ..outcome.clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_sent_by_eight_at_once_is_stored_once() {
    in_database("one_request_sent_by_eight", |database| async move {
        let nodes = [database.store().await, database.store().await];
        for round in 0..10 {
            let sending: Vec<_> = (0..8)
                .map(|n: usize| {
                    let node = nodes[n % 2].clone();
                    let append = append_to(&format!("{round}-{n}"))
                        .with_idempotency_key(key(&format!("request-{round}")));
                    tokio::spawn(async move { node.append(vec![append]).await.remove(0) })
                })
                .collect();
            let mut outcomes = Vec::new();
            for sent in sending {
                outcomes.push(sent.await.unwrap().unwrap());
            }
            let stored: Vec<_> = outcomes.iter().filter(|done| !done.repeated).collect();
            assert_eq!(stored.len(), 1);
            for outcome in &outcomes {
                assert_eq!(&first_of(outcome), stored[0]);
            }
        }
        assert_eq!(readable(&nodes[0]).await.len(), 10);
    })
    .await;
}

#[tokio::test]
async fn the_first_outcome_is_given_again_whole() {
    in_database("the_first_outcome_is_given_again", |database| async move {
        let store = database.store().await;
        append_one(&store, "a").await;
        let other = stream("b\u{1f980}\"").with_tenant(TenantId::new("o'ther").unwrap());
        let append = append_to("c")
            .and(stream("a"), ExpectedVersion::Any, vec![event(), event()])
            .and(other.clone(), ExpectedVersion::NoStream, vec![event()])
            .with_idempotency_key(key("k"));
        let first = store.append(vec![append.clone()]).await.remove(0).unwrap();
        assert_eq!(first.streams[1].last_version, StreamVersion::new(3));
        assert_eq!(first.streams[2].stream, other);

        // On another node, under other expectations, with other events; its neighbours are stored.
        let again = append_to("z").with_idempotency_key(key("k"));
        let never = Append::new(stream("a"), ExpectedVersion::NoStream, vec![event()])
            .with_idempotency_key(key("k"));
        let outcomes = database
            .store()
            .await
            .append(vec![append_to("d"), again, never, append, append_to("d")])
            .await;
        for n in [1, 2, 3] {
            let outcome = outcomes[n].as_ref().unwrap();
            assert!(outcome.repeated);
            assert_eq!(first_of(outcome), first);
        }
        assert!(!outcomes[0].as_ref().unwrap().repeated);
        assert!(!outcomes[4].as_ref().unwrap().repeated);
        let nothing = store.read_stream(ReadStream::forward(stream("z"))).await;
        assert!(nothing.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    in_database("a_refused_request", |database| async move {
        let store = database.store().await;
        let refused = Append::new(stream("a"), ExpectedVersion::StreamExists, vec![event()])
            .with_idempotency_key(key("k"));
        let accepted = append_to("a").with_idempotency_key(key("k"));
        // In one call, and each in a round of its own.
        let outcomes = store
            .append(vec![refused.clone(), accepted, refused.clone()])
            .await;
        assert!(outcomes[0].as_ref().unwrap_err().is_conflict());
        let stored = outcomes[1].as_ref().unwrap();
        assert!(!stored.repeated);
        assert_eq!(&first_of(outcomes[2].as_ref().unwrap()), stored);
        // Another tenant's key is another.
        let other = stream("a").with_tenant(TenantId::new("other").unwrap());
        let of_other = Append::new(other, ExpectedVersion::NoStream, vec![event()])
            .with_idempotency_key(key("k"));
        assert!(
            !store.append(vec![of_other]).await[0]
                .as_ref()
                .unwrap()
                .repeated
        );
    })
    .await;
}
