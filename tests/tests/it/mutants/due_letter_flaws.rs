//! Flaws in listing dead letters, in requests about them, and in what is due.

use std::collections::HashSet;

use orchestrix::store::{
    DeadLetter, DeadLetterRequest, DeadLetterSelection, DeadLetterStore as _, GlobalPosition,
    StreamId,
};

use super::dead_letter_flaws::known;
use super::mutant::Mutant;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_lists(), of_what_is_due(), of_requests_and_counts()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_lists() -> Vec<Flaw> {
    vec![
        flaw(
            "dead letters are listed from the newest on",
            &["dead_letters_are_listed_by_position"],
            |mutant| {
                listing(mutant, |mut letters, _, after, limit| {
                    letters.retain(|letter| letter.position > after);
                    letters.reverse();
                    letters.truncate(limit);
                    letters
                })
            },
        ),
        flaw(
            "a list of dead letters begins at the position",
            &["dead_letters_are_listed_by_position"],
            |mutant| {
                listing(mutant, |mut letters, _, after, limit| {
                    letters.retain(|letter| letter.position >= after);
                    letters.truncate(limit);
                    letters
                })
            },
        ),
        flaw(
            "a list of dead letters has one too many",
            &["dead_letters_are_listed_by_position"],
            |mutant| {
                listing(mutant, |mut letters, _, after, limit| {
                    letters.retain(|letter| letter.position > after);
                    letters.truncate(limit.saturating_add(1));
                    letters
                })
            },
        ),
        flaw(
            "dead letters are limited, then selected",
            &["dead_letters_are_selected"],
            |mutant| {
                mutant.dead_letters(|store, (name, selection, after, limit)| async move {
                    let all = DeadLetterSelection::All;
                    let mut page = store.dead_letters(&name, &all, after, limit).await?;
                    page.retain(|letter| match &selection {
                        DeadLetterSelection::Stream(stream) => letter.stream == *stream,
                        DeadLetterSelection::At(position) => letter.position == *position,
                        _ => true,
                    });
                    Ok(page)
                })
            },
        ),
        flaw(
            "all dead letters are listed, whatever is selected",
            &[
                "dead_letters_are_selected",
                "dead_letters_are_apart_by_tenant",
            ],
            |mutant| {
                mutant.dead_letters(|store, (name, _, after, limit)| async move {
                    let all = DeadLetterSelection::All;
                    store.dead_letters(&name, &all, after, limit).await
                })
            },
        ),
        flaw(
            "streams of dead letters are known by category and key",
            &["dead_letters_are_apart_by_tenant"],
            |mutant| {
                listing(mutant, |mut letters, selection, after, limit| {
                    letters.retain(|letter| letter.position > after);
                    letters.retain(|letter| match selection {
                        DeadLetterSelection::Stream(stream) => without_tenant(letter, stream),
                        DeadLetterSelection::At(position) => letter.position == *position,
                        _ => true,
                    });
                    letters.truncate(limit);
                    letters
                })
            },
        ),
    ]
}

fn of_what_is_due() -> Vec<Flaw> {
    vec![
        flaw(
            "one of a stream in all tenants is due",
            &["dead_letters_are_apart_by_tenant"],
            |mutant| {
                due(mutant, |letters, limit| {
                    let mut streams: Vec<DeadLetter> = Vec::new();
                    for letter in letters {
                        if !streams
                            .iter()
                            .any(|first| without_tenant(first, &letter.stream))
                        {
                            streams.push(letter);
                        }
                    }
                    streams
                        .into_iter()
                        .filter(is_to_be_done)
                        .take(limit)
                        .collect()
                })
            },
        ),
        flaw(
            "all that are asked for are due",
            &[
                "the_first_of_each_stream_is_due",
                "a_request_waits_for_the_first_of_its_stream",
            ],
            |mutant| {
                due(mutant, |letters, limit| {
                    letters
                        .into_iter()
                        .filter(is_to_be_done)
                        .take(limit)
                        .collect()
                })
            },
        ),
        flaw(
            "the first of what is to be done in each stream is due",
            &[
                "the_first_of_each_stream_is_due",
                "a_request_waits_for_the_first_of_its_stream",
            ],
            |mutant| {
                due(mutant, |letters, limit| {
                    let to_be_done = letters.into_iter().filter(is_to_be_done);
                    first_of_each(to_be_done).into_iter().take(limit).collect()
                })
            },
        ),
        flaw(
            "one that failed is due without being asked for",
            &["the_first_of_each_stream_is_due"],
            |mutant| {
                due(mutant, |letters, limit| {
                    first_of_each(letters).into_iter().take(limit).collect()
                })
            },
        ),
        flaw(
            "only what is asked for is due",
            &[
                "the_first_of_each_stream_is_due",
                "a_request_waits_for_the_first_of_its_stream",
            ],
            |mutant| {
                due(mutant, |letters, limit| {
                    let first = first_of_each(letters).into_iter();
                    first
                        .filter(|letter| letter.request.is_some())
                        .take(limit)
                        .collect()
                })
            },
        ),
        flaw(
            "what is due is looked for among the first few",
            &["the_first_of_each_stream_is_due"],
            |mutant| {
                due(mutant, |letters, limit| {
                    let first = first_of_each(letters.into_iter().take(limit)).into_iter();
                    first.filter(is_to_be_done).collect()
                })
            },
        ),
    ]
}

fn of_requests_and_counts() -> Vec<Flaw> {
    vec![
        flaw(
            "the first request counts",
            &["the_last_request_counts"],
            |mutant| {
                mutant.request_dead_letters(|store, (name, selection, request)| async move {
                    let start = GlobalPosition::START;
                    let letters = store.dead_letters(&name, &selection, start, usize::MAX);
                    let letters = letters.await?;
                    for letter in letters.iter().filter(|letter| letter.request.is_none()) {
                        let this = DeadLetterSelection::At(letter.position);
                        store.request_dead_letters(&name, &this, request).await?;
                    }
                    Ok(letters.len() as u64)
                })
            },
        ),
        flaw(
            "all are asked for, whatever is selected",
            &[
                "the_last_request_counts",
                "a_request_waits_for_the_first_of_its_stream",
                "dead_letters_are_apart_by_tenant",
            ],
            |mutant| {
                mutant.request_dead_letters(|store, (name, _, request)| async move {
                    let all = DeadLetterSelection::All;
                    store.request_dead_letters(&name, &all, request).await
                })
            },
        ),
        flaw(
            "what is skipped is tried again",
            &["the_last_request_counts"],
            |mutant| {
                mutant.request_dead_letters(|store, (name, selection, _)| async move {
                    let retry = DeadLetterRequest::Retry;
                    store.request_dead_letters(&name, &selection, retry).await
                })
            },
        ),
        flaw(
            "only new requests are counted",
            &["the_last_request_counts"],
            |mutant| {
                mutant.request_dead_letters(|store, (name, selection, request)| async move {
                    let start = GlobalPosition::START;
                    let before = store.dead_letters(&name, &selection, start, usize::MAX);
                    let before = before.await?;
                    store
                        .request_dead_letters(&name, &selection, request)
                        .await?;
                    let new = before
                        .iter()
                        .filter(|letter| letter.request != Some(request));
                    Ok(new.count() as u64)
                })
            },
        ),
        flaw(
            "streams are counted, not dead letters",
            &["dead_letters_are_counted"],
            |mutant| {
                mutant.count_dead_letters(|store, name| async move {
                    Ok(first_of_each(known(&store, &name).await?).len() as u64)
                })
            },
        ),
        flaw(
            "those that wait are not counted",
            &["dead_letters_are_counted"],
            |mutant| {
                mutant.count_dead_letters(|store, name| async move {
                    let letters = known(&store, &name).await?;
                    let failed = letters.iter().filter(|letter| letter.attempts > 0);
                    Ok(failed.count() as u64)
                })
            },
        ),
    ]
}

/// Lists something else, of all of them and what is asked for.
fn listing(
    mutant: Mutant,
    list: fn(Vec<DeadLetter>, &DeadLetterSelection, GlobalPosition, usize) -> Vec<DeadLetter>,
) -> Mutant {
    mutant.dead_letters(move |store, (name, selection, after, limit)| async move {
        Ok(list(known(&store, &name).await?, &selection, after, limit))
    })
}

/// Tells others to be due, of all of them and a limit.
fn due(mutant: Mutant, due: fn(Vec<DeadLetter>, usize) -> Vec<DeadLetter>) -> Mutant {
    mutant.due_dead_letters(move |store, (name, limit)| async move {
        Ok(due(known(&store, &name).await?, limit))
    })
}

fn is_to_be_done(letter: &DeadLetter) -> bool {
    letter.request.is_some() || letter.attempts == 0
}

fn first_of_each(letters: impl IntoIterator<Item = DeadLetter>) -> Vec<DeadLetter> {
    let mut streams = HashSet::new();
    let letters = letters.into_iter();
    letters
        .filter(|letter| streams.insert(letter.stream.clone()))
        .collect()
}

/// Whether it is of a stream of this name, in whatever tenant.
fn without_tenant(letter: &DeadLetter, stream: &StreamId) -> bool {
    letter.stream.category() == stream.category() && letter.stream.key() == stream.key()
}
