//! Flaws in what is kept of names and of an event's contents.

use jiff::{RoundMode, TimestampRound, Unit};
use orchestrix::message::MessageId;
use orchestrix::store::{AppendError, EventStore as _, Payload, StreamId};
use serde_json::Value;

use super::mutant::Mutant;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_names(), of_contents()].into_iter().flatten().collect()
}

fn of_names() -> Vec<Flaw> {
    vec![
        flaw(
            "names are compared without their case",
            &[
                "hostile_stream_keys_are_kept_apart",
                "hostile_categories_are_kept_apart",
            ],
            |mutant| mutant.naming(|stream| renamed(stream, |part| part.to_lowercase())),
        ),
        flaw(
            "quotes are doubled",
            &[
                "hostile_stream_keys_are_kept_apart",
                "hostile_categories_are_kept_apart",
            ],
            |mutant| mutant.naming(|stream| renamed(stream, |part| part.replace('\'', "''"))),
        ),
        flaw(
            "long names are cut",
            &["the_longest_names_are_stored"],
            |mutant| {
                mutant.naming(|stream| renamed(stream, |part| part.chars().take(255).collect()))
            },
        ),
        flaw(
            "blanks around an event type are dropped",
            &["hostile_event_types_are_kept_apart"],
            |mutant| mutant.storing(|event| event.event_type = event.event_type.trim().into()),
        ),
        flaw("text ends at NUL", &["nul_never_cuts_a_name"], |mutant| {
            mutant.storing(|event| {
                let kept = event
                    .event_type
                    .split('\0')
                    .next()
                    .unwrap_or_default()
                    .into();
                event.event_type = kept;
            })
        }),
        flaw(
            "text with NUL fails all of its call",
            &["an_event_that_cannot_be_stored_harms_no_neighbour"],
            |mutant| {
                mutant.append(|store, appends| async move {
                    let mut writes = appends.iter().flat_map(|append| append.writes());
                    if writes.any(|w| w.events.iter().any(|e| e.event_type.contains('\0'))) {
                        let failed = |_| {
                            Err(AppendError::Failed {
                                source: "NUL".into(),
                            })
                        };
                        return appends.into_iter().map(failed).collect();
                    }
                    store.append(appends).await
                })
            },
        ),
    ]
}

fn of_contents() -> Vec<Flaw> {
    vec![
        flaw(
            "payloads are normalised",
            &["payloads_come_back_to_the_byte"],
            |mutant| {
                mutant.storing(|event| {
                    if let Some(normal) = normalised(&event.payload) {
                        event.payload = normal;
                    }
                })
            },
        ),
        flaw(
            "payloads are cut at 64 KiB",
            &["a_payload_of_a_megabyte_comes_back"],
            |mutant| {
                mutant.storing(|event| {
                    if event.payload.size() > 1 << 16 {
                        let kept = event
                            .payload
                            .as_json()
                            .unwrap_or_default()
                            .chars()
                            .take(1 << 16)
                            .collect();
                        event.payload = Payload::from_stored_text(kept);
                    }
                })
            },
        ),
        flaw("traces are dropped", &["metadata_comes_back"], |mutant| {
            mutant.storing(|event| event.metadata.trace = None)
        }),
        flaw(
            "empty extras are dropped",
            &["metadata_comes_back"],
            |mutant| {
                mutant.storing(|event| event.metadata.extra.retain(|_, value| !value.is_empty()))
            },
        ),
        flaw(
            "control characters are dropped from actors",
            &["hostile_metadata_comes_back"],
            |mutant| {
                mutant.storing(|event| {
                    if let Some(actor) = &mut event.metadata.actor {
                        actor.retain(|character| !character.is_control());
                    }
                })
            },
        ),
        flaw(
            "times are kept in milliseconds",
            &["times_are_kept_in_microseconds"],
            |mutant| rounding(mutant, Unit::Millisecond, RoundMode::Floor),
        ),
        flaw(
            "times are rounded up",
            &["times_are_kept_in_microseconds"],
            |mutant| rounding(mutant, Unit::Microsecond, RoundMode::HalfExpand),
        ),
        flaw(
            "schema versions have 16 bits",
            &["schema_versions_come_back"],
            |mutant| mutant.storing(|event| event.schema_version &= 0xffff),
        ),
        flaw(
            "ids are made to be of version 4",
            &["ids_of_every_kind_come_back"],
            |mutant| {
                mutant.storing(|event| {
                    let bytes = event.event_id.as_uuid().into_bytes();
                    let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
                    event.event_id = MessageId::from_uuid(id);
                })
            },
        ),
    ]
}

fn renamed(stream: &StreamId, change: impl Fn(&str) -> String) -> StreamId {
    StreamId::new(&change(stream.category()), &change(stream.key())).map_or_else(
        |_| stream.clone(),
        |other| other.with_tenant(stream.tenant().clone()),
    )
}

/// The same value as a database with a JSON type would write it, if it can.
pub(super) fn normalised(payload: &Payload) -> Option<Payload> {
    Payload::of(&payload.read::<Value>().ok()?).ok()
}

fn rounding(mutant: Mutant, unit: Unit, mode: RoundMode) -> Mutant {
    mutant.storing(move |event| {
        let rounding = TimestampRound::new().smallest(unit).mode(mode);
        if let Ok(rounded) = event.occurred_at.round(rounding) {
            event.occurred_at = rounded;
        }
    })
}
