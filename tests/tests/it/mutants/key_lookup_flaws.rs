//! Flaws in telling what came of a key.

use orchestrix::store::{
    Appended, AppendedStream, EventStore, GlobalPosition, IdempotencyKey, MemoryStore, ReadAll,
    ReadError, StreamId, StreamVersion, TenantId,
};

use super::{Flaw, Mutant, flaw};

type Found = Result<Option<Appended>, ReadError>;

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "no outcome of a key is found",
            &[
                "the_outcome_of_a_key_is_found",
                "the_outcome_of_a_key_after_later_appends_is_the_first",
                "outcomes_are_found_by_tenant_and_key",
            ],
            |mutant| mutant.outcome_of(|_, _| async { Ok(None) }),
        ),
        flaw(
            "an outcome that is found is not told to be a repeat",
            &["the_outcome_of_a_key_is_found"],
            |mutant| {
                changing(mutant, |_, found| Appended {
                    repeated: false,
                    ..found
                })
            },
        ),
        flaw(
            "an outcome is found with the first stream only",
            &["the_outcome_of_a_key_is_found"],
            |mutant| {
                changing(mutant, |_, mut found| {
                    found.streams.truncate(1);
                    found
                })
            },
        ),
        flaw(
            "an outcome is found with the head of the log",
            &["the_outcome_of_a_key_after_later_appends_is_the_first"],
            |mutant| {
                changing(mutant, |head, found| Appended {
                    position: head,
                    ..found
                })
            },
        ),
        flaw(
            "every key has an outcome",
            &["a_key_without_a_stored_append_has_no_outcome"],
            |mutant| {
                mutant.outcome_of(|store, (tenant, key)| async move {
                    let found = store.outcome_of(&tenant, &key).await?;
                    Ok(found.or_else(|| invented(tenant)))
                })
            },
        ),
        flaw(
            "the outcome of a key is found in any tenant",
            &["outcomes_are_found_by_tenant_and_key"],
            |mutant| {
                mutant.outcome_of(|store, (_, key)| async move {
                    for event in store
                        .read_all(ReadAll::after(GlobalPosition::START))
                        .await?
                        .events
                    {
                        let found = store.outcome_of(event.stream.tenant(), &key).await?;
                        if found.is_some() {
                            return Ok(found);
                        }
                    }
                    Ok(None)
                })
            },
        ),
        flaw(
            "the outcome of a key is found whatever its case",
            &["outcomes_are_found_by_tenant_and_key"],
            |mutant| mutant.outcome_of(without_case),
        ),
    ]
}

/// Tells outcomes that were changed, by a function that knows the head.
fn changing(mutant: Mutant, change: fn(GlobalPosition, Appended) -> Appended) -> Mutant {
    mutant.outcome_of(move |store, (tenant, key)| async move {
        let head = store.head().await?;
        let found = store.outcome_of(&tenant, &key).await?;
        Ok(found.map(|found| change(head, found)))
    })
}

fn invented(tenant: TenantId) -> Option<Appended> {
    let stream = StreamId::new("thing", "1").ok()?.with_tenant(tenant);
    Some(Appended {
        streams: vec![AppendedStream {
            stream,
            first_version: StreamVersion::FIRST,
            last_version: StreamVersion::FIRST,
        }],
        position: GlobalPosition::new(1),
        repeated: true,
    })
}

async fn without_case(store: MemoryStore, (tenant, key): (TenantId, IdempotencyKey)) -> Found {
    if let Ok(lower) = IdempotencyKey::new(key.as_str().to_lowercase()) {
        let found = store.outcome_of(&tenant, &lower).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    store.outcome_of(&tenant, &key).await
}
