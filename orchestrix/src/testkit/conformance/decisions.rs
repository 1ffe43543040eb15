//! Many writers at once whose conditions and events concern each other.

use super::concurrency::{at_once, at_once_over};
use super::conditions::{claims, ensure_condition_conflict};
use super::opened::Opened;
use super::samples::{about, event, stream, tag, tagged};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{
    Append, AppendError, Appended, EventQuery, ExpectedVersion, GlobalPosition, QueryItem, ReadAll,
};

const WRITERS: usize = 16;
const ROUNDS: usize = 10;

/// Of sixteen writers at once that decide about the same tag, one wins; the others are told its event.
pub async fn one_of_sixteen_deciders_wins(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for round in 0..ROUNDS {
        let (after, query) = (store.head().await?, about("course")?);
        let appends = (0..WRITERS)
            .map(|n| Ok(claims(&format!("{round}-{n}"), "course")?.unless(query.clone(), after)))
            .collect::<Result<Vec<_>, Violation>>()?;
        one_wins(at_once(&store, appends).await?, &query, after)?;
    }
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        ROUNDS,
    )
}

/// The same where each pair of writers has a tag in common, no two have all, and each asks for any of its own.
pub async fn one_of_many_with_overlapping_tags_wins(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for _ in 0..ROUNDS {
        let after = store.head().await?;
        let mut appends = Vec::new();
        for n in 0..WRITERS {
            // Writers n and m share the tag `n+m`, named by the smaller number first.
            let shared: Vec<_> = (0..WRITERS)
                .filter(|m| *m != n)
                .map(|m| format!("pair:{}-{}", n.min(m), n.max(m)))
                .collect();
            let names: Vec<&str> = shared.iter().map(String::as_str).collect();
            let mut query = about(names[0])?;
            for name in &names[1..] {
                query = query.or(QueryItem::tagged([tag(name)?]));
            }
            let stream = stream(&n.to_string())?;
            let append = Append::new(stream, ExpectedVersion::Any, vec![tagged(&names)?]);
            appends.push(append.unless(query, after));
        }
        let outcomes = at_once(&store, appends).await?;
        let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        ensure(winners == 1, "one winner", &outcomes)?;
        let only_conflicts = outcomes
            .iter()
            .filter_map(|outcome| outcome.as_ref().err())
            .all(|error| matches!(error, AppendError::ConditionConflict { .. }));
        ensure(only_conflicts, "conflicts for the others", &outcomes)?;
    }
    Ok(())
}

/// Writers at once that decide about tags of their own all win, also where they write to one stream.
pub async fn deciders_about_other_tags_do_not_conflict(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for round in 0..ROUNDS {
        let after = store.head().await?;
        let appends = (0..WRITERS)
            .map(|n| {
                let tag = format!("course:{n}");
                let key = if round % 2 == 0 { "shared" } else { &tag };
                Ok(claims(key, &tag)?.unless(about(&tag)?, after))
            })
            .collect::<Result<Vec<_>, Violation>>()?;
        for outcome in at_once(&store, appends).await? {
            outcome?;
        }
    }
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        ROUNDS * WRITERS,
    )
}

/// What is stored without a condition at the same time is seen by conditions, too: between the position that a stored
/// append named and its own, nothing matches.
pub async fn nothing_slips_behind_a_condition(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let queries = [
        about("course")?,
        EventQuery::of(QueryItem::default().event_types(["Happened"])),
        EventQuery::all(),
    ];
    let mut decided = Vec::new();
    for round in 0..2 * ROUNDS {
        let query = &queries[round % queries.len()];
        let after = store.head().await?;
        let appends = (0..WRITERS)
            .map(|n| {
                let append = claims(&format!("{round}-{n}"), "course")?;
                Ok(match n % 2 {
                    0 => append,
                    _ => append.unless(query.clone(), after),
                })
            })
            .collect::<Result<Vec<_>, Violation>>()?;
        for (n, outcome) in at_once(&store, appends).await?.into_iter().enumerate() {
            match (outcome, n % 2) {
                (Ok(_), 0) => {}
                (Err(AppendError::ConditionConflict { .. }), 1) => {}
                (Ok(appended), _) => decided.push((query, after, appended.position)),
                (Err(error), _) => return Err(error.into()),
            }
        }
    }
    let log = store.log().await?;
    for (query, after, position) in decided {
        let between = log
            .iter()
            .filter(|event| after < event.position && event.position < position)
            .find(|event| query.matches(&event.data))
            .map(|event| event.position);
        let expected = format!("no {query} between {after} and {position}");
        ensure(between.is_none(), expected, between)?;
    }
    Ok(())
}

/// Of writers at once that expect the same stream to be absent, one wins, whether or not they have conditions, too.
pub async fn deciders_and_expecting_writers_exclude_each_other(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for round in 0..ROUNDS {
        let (after, stream) = (store.head().await?, stream(&round.to_string())?);
        let expecting = |events| Append::new(stream.clone(), ExpectedVersion::NoStream, events);
        let appends = (0..WRITERS)
            .map(|n| {
                Ok(match n % 2 {
                    // Not what the conditions are about.
                    0 => expecting(vec![event()?]),
                    _ => expecting(vec![tagged(&["course"])?]).unless(about("course")?, after),
                })
            })
            .collect::<Result<Vec<_>, Violation>>()?;
        let outcomes = at_once(&store, appends).await?;
        let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        ensure(winners == 1, "one winner", &outcomes)?;
        for error in outcomes.into_iter().filter_map(Result::err) {
            ensure(error.is_conflict(), "a conflict", &error)?;
        }
    }
    Ok(())
}

/// Of deciders about the same tag in two that have the store open, one wins, as within one.
pub async fn deciders_of_two_conflict_as_within_one(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (one, two) = (Opened::open(subject).await?, Opened::open(subject).await?);
    for round in 0..ROUNDS {
        let (after, query) = (one.head().await?, about("course")?);
        let appends = (0..8)
            .map(|n| Ok(claims(&format!("{round}-{n}"), "course")?.unless(query.clone(), after)))
            .collect::<Result<Vec<_>, Violation>>()?;
        let outcomes = at_once_over(&[&one, &two], appends).await?;
        one_wins(outcomes, &query, after)?;
    }
    ensure_eq(
        "the number of events in the log",
        two.log().await?.len(),
        ROUNDS,
    )
}

impl Opened {
    /// How far a decision that begins now would read.
    async fn head(&self) -> Result<GlobalPosition, Violation> {
        let mut after = GlobalPosition::START;
        loop {
            let page = self.page(ReadAll::after(after)).await?;
            after = page.scanned_to;
            if page.at_head {
                return Ok(after);
            }
        }
    }
}

/// Checks that one was stored, and that the others were told of it.
fn one_wins(
    outcomes: Vec<Result<Appended, AppendError>>,
    query: &EventQuery,
    after: GlobalPosition,
) -> Result<(), Violation> {
    let winners: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().ok())
        .map(|appended| appended.position)
        .collect();
    ensure(winners.len() == 1, "one winner", &outcomes)?;
    for error in outcomes.into_iter().filter_map(Result::err) {
        ensure_condition_conflict(&error, query, after, &winners)?;
    }
    Ok(())
}
