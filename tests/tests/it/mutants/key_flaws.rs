//! Flaws in knowing requests by their keys.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orchestrix::store::{Append, AppendError, Appended, ExpectedVersion, MemoryStore};

use super::append_flaws::{alone, one_by_one};
use super::concurrency_flaws::version;
use super::mutant::{Mutant, gap, without_key};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "keys are ignored",
            &[
                "a_key_again_gives_the_first_outcome",
                "a_key_after_later_appends_gives_the_first_outcome",
                "a_key_is_recognised_whatever_comes_with_it",
                "a_key_over_streams_gives_the_first_outcome",
                "a_key_within_one_call_gives_the_first_outcome",
                "a_key_at_once_stores_one_copy",
                "reopening_keeps_idempotency_keys",
                "a_key_outlives_archiving",
            ],
            |mutant| mutant.appending(without_key),
        ),
        flaw(
            "expectations are checked before keys",
            &[
                "a_key_after_later_appends_gives_the_first_outcome",
                "a_key_is_recognised_whatever_comes_with_it",
            ],
            |mutant| one_by_one(mutant, expectations_first),
        ),
        flaw(
            "the first outcome of a key is not told to be one",
            &["a_key_again_gives_the_first_outcome"],
            |mutant| {
                registering(
                    mutant,
                    Register {
                        marks_repeats: false,
                        ..Register::default()
                    },
                )
            },
        ),
        flaw(
            "the first outcome of a key has the first stream only",
            &["a_key_over_streams_gives_the_first_outcome"],
            |mutant| {
                mutant.telling(|outcome| {
                    outcome.map(|mut appended| {
                        if appended.repeated {
                            appended.streams.truncate(1);
                        }
                        appended
                    })
                })
            },
        ),
        flaw(
            "a key is looked up, then stored",
            &["a_key_at_once_stores_one_copy"],
            |mutant| {
                registering(
                    mutant,
                    Register {
                        hesitates: true,
                        ..Register::default()
                    },
                )
            },
        ),
        flaw(
            "keys are shared by all tenants",
            &["idempotency_keys_are_apart_by_tenant"],
            |mutant| {
                registering(
                    mutant,
                    Register {
                        name: |append| key_of(append).map(|(_, key)| key),
                        ..Register::default()
                    },
                )
            },
        ),
        flaw(
            "keys are compared without their case",
            &["hostile_idempotency_keys_are_kept_apart"],
            |mutant| {
                registering(
                    mutant,
                    Register {
                        name: |append| {
                            key_of(append).map(|(tenant, key)| tenant + " " + &key.to_lowercase())
                        },
                        ..Register::default()
                    },
                )
            },
        ),
        flaw(
            "keys are cut",
            &["the_longest_idempotency_keys_are_kept"],
            |mutant| {
                registering(
                    mutant,
                    Register {
                        name: |append| {
                            key_of(append).map(|(tenant, key)| {
                                let kept: String = key.chars().take(255).collect();
                                tenant + " " + &kept
                            })
                        },
                        ..Register::default()
                    },
                )
            },
        ),
        flaw(
            "a refused append takes its key",
            &["the_key_of_a_refused_append_stays_free"],
            |mutant| {
                registering(
                    mutant,
                    Register {
                        keeps_refused: true,
                        ..Register::default()
                    },
                )
            },
        ),
        flaw(
            "a repeat by ids takes its key",
            &["the_key_of_a_repeat_by_ids_stays_free"],
            |mutant| {
                registering(
                    mutant,
                    Register {
                        keeps_repeats: true,
                        ..Register::default()
                    },
                )
            },
        ),
    ]
}

/// A way to keep outcomes by key beside the store.
#[derive(Clone, Copy)]
struct Register {
    /// What an append is kept under.
    name: fn(&Append) -> Option<String>,
    marks_repeats: bool,
    hesitates: bool,
    keeps_refused: bool,
    keeps_repeats: bool,
}

impl Default for Register {
    fn default() -> Self {
        Self {
            name: |append| key_of(append).map(|(tenant, key)| tenant + " " + &key),
            marks_repeats: true,
            hesitates: false,
            keeps_refused: false,
            keeps_repeats: false,
        }
    }
}

/// Tenant and key of an append that has a key.
fn key_of(append: &Append) -> Option<(String, String)> {
    let tenant = append.writes().first()?.stream.tenant();
    let key = append.idempotency_key()?;
    Some((tenant.as_str().to_owned(), key.as_str().to_owned()))
}

/// The outcomes by name; nothing for what was refused.
type Outcomes = Arc<Mutex<HashMap<String, Option<Appended>>>>;

fn lock(outcomes: &Outcomes) -> MutexGuard<'_, HashMap<String, Option<Appended>>> {
    outcomes.lock().unwrap_or_else(PoisonError::into_inner)
}

fn registering(mutant: Mutant, register: Register) -> Mutant {
    let outcomes = Outcomes::default();
    mutant.append(move |store, appends| {
        let outcomes = outcomes.clone();
        async move {
            let mut told = Vec::new();
            for append in appends {
                told.push(register.append(&store, &outcomes, append).await);
            }
            told
        }
    })
}

impl Register {
    async fn append(
        self,
        store: &MemoryStore,
        outcomes: &Outcomes,
        append: Append,
    ) -> Result<Appended, AppendError> {
        let Some(name) = (self.name)(&append) else {
            return alone(store, append).await;
        };
        let known = lock(outcomes).get(&name).cloned();
        match known {
            Some(Some(first)) => {
                return Ok(Appended {
                    repeated: self.marks_repeats,
                    ..first
                });
            }
            Some(None) => {
                return Err(AppendError::Failed {
                    source: "the key is taken".into(),
                });
            }
            None => {}
        }
        if self.hesitates {
            gap().await;
        }
        let outcome = alone(store, without_key(append)).await;
        match &outcome {
            Ok(appended) if appended.repeated && !self.keeps_repeats => {}
            Ok(appended) => {
                lock(outcomes).insert(name, Some(appended.clone()));
            }
            Err(_) if self.keeps_refused => {
                lock(outcomes).insert(name, None);
            }
            Err(_) => {}
        }
        outcome
    }
}

async fn expectations_first(store: MemoryStore, append: Append) -> Result<Appended, AppendError> {
    for write in append.writes() {
        let actual = version(&store, &write.stream).await;
        if write.expected != ExpectedVersion::Any && !write.expected.is_met_by(actual) {
            return Err(AppendError::Conflict {
                stream: write.stream.clone(),
                expected: write.expected,
                actual,
            });
        }
    }
    alone(&store, append).await
}
