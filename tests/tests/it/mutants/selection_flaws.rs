//! Flaws in reading a part of the log, in finding single events, and in reading page by page.

use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use orchestrix::store::{
    EventQuery, EventStore as _, Filter, GlobalPosition, QueryItem, ReadAll, ReadStream,
};

use super::mutant::Mutant;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_filters(), of_pages(), of_ids()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_filters() -> Vec<Flaw> {
    vec![
        flaw(
            "any tag of a filter will do",
            &["a_filter_takes_its_tags"],
            |mutant| {
                filtering(mutant, |filter| {
                    let tags = filter.query.items().iter().flat_map(QueryItem::tags);
                    let items = tags.map(|tag| QueryItem::tagged([tag.clone()]));
                    filter.query = items.fold(EventQuery::all(), EventQuery::or);
                })
            },
        ),
        flaw(
            "a filter's query has one item",
            &["a_filter_takes_its_query"],
            |mutant| {
                filtering(mutant, |filter| {
                    let first = filter.query.items().first().cloned();
                    filter.query = first.map_or_else(EventQuery::all, EventQuery::of);
                })
            },
        ),
        flaw(
            "since is exclusive",
            &["a_filter_takes_its_times"],
            |mutant| filtering(mutant, |filter| filter.since = filter.since.map(later)),
        ),
        flaw(
            "until is inclusive",
            &["a_filter_takes_its_times"],
            |mutant| filtering(mutant, |filter| filter.until = filter.until.map(later)),
        ),
        flaw(
            "times of filters are cut to microseconds",
            &["times_of_filters_are_instants"],
            |mutant| {
                filtering(mutant, |filter| {
                    filter.since = filter.since.map(cut);
                    filter.until = filter.until.map(cut);
                })
            },
        ),
        flaw(
            "times do not count beside a query",
            &["all_parts_of_a_filter_combine"],
            |mutant| {
                filtering(mutant, |filter| {
                    if !filter.query.takes_all() {
                        filter.since = None;
                        filter.until = None;
                    }
                })
            },
        ),
    ]
}

fn of_pages() -> Vec<Flaw> {
    vec![
        flaw(
            "a filtered page is scanned to its last event",
            &["scanned_to_passes_what_has_other_tags"],
            |mutant| {
                mutant.paging(|page, read| {
                    if !read.filter.query.takes_all() {
                        let last = page.events.last().map(|event| event.position);
                        page.scanned_to = last.unwrap_or(read.after);
                    }
                })
            },
        ),
        flaw(
            "every page says that it is the last",
            &["the_log_is_streamed_in_pages"],
            |mutant| mutant.paging(|page, _| page.at_head = true),
        ),
        flaw(
            "a page of a stream is one event short",
            &["a_stream_is_streamed_in_pages"],
            |mutant| {
                mutant.read_stream(|store, read: ReadStream| async move {
                    let limit = read.limit;
                    let mut page = store.read_stream(read).await?;
                    page.truncate(limit.saturating_sub(1).max(1));
                    Ok(page)
                })
            },
        ),
    ]
}

fn of_ids() -> Vec<Flaw> {
    vec![
        flaw(
            "an id finds nothing",
            &[
                "an_event_is_found_by_its_id",
                "an_event_of_an_archived_stream_is_found",
            ],
            |mutant| mutant.find_event(|_, _| async { Ok(None) }),
        ),
        flaw(
            "an event is found without its tags",
            &["an_event_is_found_by_its_id"],
            |mutant| {
                mutant.find_event(|store, (tenant, id)| async move {
                    let mut found = store.find_event(&tenant, id).await?;
                    if let Some(event) = &mut found {
                        event.data = event.data.clone().with_tags([]);
                    }
                    Ok(found)
                })
            },
        ),
        flaw(
            "an unknown id finds the first event",
            &["an_unknown_id_finds_nothing"],
            |mutant| {
                mutant.find_event(|store, (tenant, id)| async move {
                    let found = store.find_event(&tenant, id).await?;
                    let first = ReadAll::after(GlobalPosition::START).limit(1);
                    let first = store.read_all(first).await?.events.pop();
                    Ok(found.or(first))
                })
            },
        ),
        flaw(
            "ids are looked up in all tenants",
            &["an_event_is_found_in_its_tenant_only"],
            |mutant| {
                mutant.find_event(|store, (_, id)| async move {
                    let log = store
                        .read_all(ReadAll::after(GlobalPosition::START))
                        .await?;
                    Ok(log.events.into_iter().find(|event| event.event_id() == id))
                })
            },
        ),
        flaw(
            "ids are looked up in streams that are not archived",
            &["an_event_of_an_archived_stream_is_found"],
            |mutant| {
                mutant.find_event(|store, (tenant, id)| async move {
                    let found = store.find_event(&tenant, id).await?;
                    let Some(event) = found else {
                        return Ok(None);
                    };
                    let hot = store
                        .read_stream(ReadStream::forward(event.stream.clone()))
                        .await?;
                    Ok((!hot.is_empty()).then_some(event))
                })
            },
        ),
    ]
}

fn filtering(mutant: Mutant, change: fn(&mut Filter)) -> Mutant {
    mutant.read_all(move |store, mut read| {
        change(&mut read.filter);
        async move { store.read_all(read).await }
    })
}

fn later(time: Timestamp) -> Timestamp {
    time.checked_add(SignedDuration::from_micros(1))
        .unwrap_or(time)
}

fn cut(time: Timestamp) -> Timestamp {
    let rounding = TimestampRound::new()
        .smallest(Unit::Microsecond)
        .mode(RoundMode::Floor);
    time.round(rounding).unwrap_or(time)
}
