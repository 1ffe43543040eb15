//! Flaws in reading streams and the whole store.

use std::sync::Arc;

use orchestrix::store::{
    Direction, EventStore as _, Filter, GlobalPosition, MAX_PAGE, ReadAll, ReadError, ReadStream,
    RecordedEvent, StreamVersion, TenantId,
};

use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_streams(), of_the_log(), of_filters()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_streams() -> Vec<Flaw> {
    vec![
        flaw(
            "reading an absent stream fails",
            &["an_absent_stream_has_no_events"],
            |mutant| {
                mutant.read_stream(|store, read| async move {
                    let events = store.read_stream(read.clone()).await?;
                    let any = store
                        .read_stream(ReadStream::forward(read.stream).limit(1))
                        .await?;
                    match any.is_empty() {
                        true => Err(ReadError::Failed {
                            source: "no such stream".into(),
                        }),
                        false => Ok(events),
                    }
                })
            },
        ),
        flaw(
            "backward reads forward",
            &[
                "backward_reads_the_newest_first",
                "direction_bounds_and_limit_combine",
                "a_limit_takes_the_first_events",
            ],
            |mutant| {
                mutant.read_stream(|store, mut read| async move {
                    read.direction = Direction::Forward;
                    store.read_stream(read).await
                })
            },
        ),
        flaw(
            "forward reads backward",
            &["forward_reads_the_oldest_first"],
            |mutant| {
                mutant.read_stream(|store, mut read| async move {
                    read.direction = Direction::Backward;
                    store.read_stream(read).await
                })
            },
        ),
        flaw(
            "`from` is exclusive",
            &[
                "from_and_to_are_inclusive",
                "direction_bounds_and_limit_combine",
            ],
            |mutant| {
                mutant.read_stream(|store, mut read| async move {
                    if read.from > StreamVersion::FIRST {
                        read.from = read.from.next();
                    }
                    store.read_stream(read).await
                })
            },
        ),
        flaw(
            "a limit takes the oldest events",
            &["a_limit_takes_the_first_events"],
            |mutant| {
                mutant.read_stream(|store, mut read| async move {
                    let direction = std::mem::take(&mut read.direction);
                    let mut events = store.read_stream(read).await?;
                    if direction == Direction::Backward {
                        events.reverse();
                    }
                    Ok(events)
                })
            },
        ),
        flaw(
            "versions beyond 63 bits fail",
            &["bounds_beyond_the_end_are_no_error"],
            |mutant| {
                mutant.read_stream(|store, read| async move {
                    match i64::try_from(read.from.get()) {
                        Ok(_) => store.read_stream(read).await,
                        Err(error) => Err(ReadError::Failed {
                            source: error.into(),
                        }),
                    }
                })
            },
        ),
        flaw(
            "a stream ends after 1,500 events",
            &["a_long_stream_is_read_in_pages"],
            |mutant| {
                mutant.read_stream(|store, read| async move {
                    let read = read.to(StreamVersion::new(1_500));
                    store.read_stream(read).await
                })
            },
        ),
        flaw(
            "the newest event is not read yet",
            &[
                "a_read_sees_what_was_acknowledged",
                "what_one_acknowledges_another_reads",
            ],
            |mutant| {
                mutant.read_stream(|store, read| async move {
                    let newest = ReadStream::backward(read.stream.clone()).limit(1);
                    let newest = store.read_stream(newest).await?;
                    let mut events = store.read_stream(read).await?;
                    events.retain(|event| !newest.contains(event));
                    Ok(events)
                })
            },
        ),
    ]
}

fn of_the_log() -> Vec<Flaw> {
    vec![
        flaw(
            "the log is in the order of its streams",
            &["events_come_in_the_order_of_their_positions"],
            |mutant| {
                mutant.paging(|page, _| {
                    let positions: Vec<_> = page.events.iter().map(|e| e.position).collect();
                    let place = |e: &RecordedEvent| (e.stream.clone(), e.version);
                    page.events.sort_by_key(place);
                    for (event, position) in page.events.iter_mut().zip(positions) {
                        event.position = position;
                    }
                })
            },
        ),
        flaw(
            "positions of a page fall",
            &["events_come_in_the_order_of_their_positions"],
            |mutant| mutant.paging(|page, _| page.events.reverse()),
        ),
        flaw(
            "two events of a stream change places",
            &["versions_of_a_stream_come_in_their_order"],
            |mutant| {
                mutant.paging(|page, _| {
                    let events = &mut page.events;
                    let other = events
                        .iter()
                        .skip(1)
                        .position(|e| e.stream == events[0].stream);
                    if let Some(other) = other {
                        let (first, rest) = events.split_at_mut(1);
                        std::mem::swap(&mut first[0].version, &mut rest[other].version);
                        std::mem::swap(&mut first[0].data, &mut rest[other].data);
                    }
                })
            },
        ),
        flaw(
            "the position itself is read again",
            &["after_is_exclusive"],
            |mutant| {
                mutant.read_all(|store, mut read| async move {
                    read.after = GlobalPosition::new(read.after.get().saturating_sub(1));
                    store.read_all(read).await
                })
            },
        ),
        flaw(
            "a limit is ignored",
            &["a_limit_takes_the_first_events_behind"],
            |mutant| {
                mutant.read_all(
                    |store, read| async move { store.read_all(read.limit(MAX_PAGE)).await },
                )
            },
        ),
        flaw(
            "a page ends at its last match",
            &["scanned_to_passes_what_does_not_match"],
            |mutant| {
                mutant.paging(|page, read| {
                    page.scanned_to = page.events.last().map_or(read.after, |last| last.position);
                })
            },
        ),
        flaw(
            "a page behind the head is scanned to the head",
            &["a_position_behind_the_head_is_no_error"],
            |mutant| {
                mutant.read_all(|store, read| async move {
                    let head = store.head().await?;
                    let mut page = store.read_all(read).await?;
                    page.scanned_to = page.scanned_to.min(head);
                    Ok(page)
                })
            },
        ),
        flaw(
            "every page is at the head",
            &[
                "at_head_tells_whether_more_can_be_read",
                "pages_together_give_the_whole_log",
                "a_long_log_is_read_in_pages",
            ],
            |mutant| mutant.paging(|page, _| page.at_head = true),
        ),
        flaw(
            "an event between two pages is skipped",
            &[
                "pages_together_give_the_whole_log",
                "a_long_log_is_read_in_pages",
            ],
            |mutant| {
                mutant.paging(|page, _| {
                    if !page.at_head {
                        page.scanned_to = GlobalPosition::new(page.scanned_to.get() + 1);
                    }
                })
            },
        ),
        flaw(
            "the head lags behind",
            &["the_head_is_behind_every_acknowledged_event"],
            |mutant| {
                mutant.head(|store, ()| async move {
                    Ok(GlobalPosition::new(
                        store.head().await?.get().saturating_sub(1),
                    ))
                })
            },
        ),
        flaw(
            "an empty store has a head",
            &["an_empty_store_has_no_events_and_no_head"],
            |mutant| {
                mutant.head(|store, ()| async move {
                    Ok(store.head().await?.max(GlobalPosition::new(1)))
                })
            },
        ),
    ]
}

fn of_filters() -> Vec<Flaw> {
    vec![
        flaw(
            "event types are not filtered",
            &[
                "a_filter_takes_its_event_types",
                "filters_combine",
                "hostile_event_types_are_kept_apart",
                "scanned_to_passes_what_does_not_match",
            ],
            |mutant| {
                mutant.read_all(|store, mut read| async move {
                    read.filter.event_types.clear();
                    store.read_all(read).await
                })
            },
        ),
        flaw(
            "categories are not filtered",
            &[
                "a_filter_takes_its_categories",
                "filters_combine",
                "hostile_categories_are_kept_apart",
            ],
            |mutant| {
                mutant.read_all(|store, mut read| async move {
                    read.filter.categories.clear();
                    store.read_all(read).await
                })
            },
        ),
        flaw(
            "tenants are not filtered",
            &[
                "a_filter_takes_its_tenant",
                "filters_combine",
                "hostile_tenants_are_kept_apart",
                "tenants_with_equal_stream_names_are_apart",
            ],
            |mutant| {
                mutant.read_all(|store, mut read| async move {
                    read.filter.tenant = None;
                    store.read_all(read).await
                })
            },
        ),
        flaw(
            "a filter is met by one of its parts",
            &["filters_combine"],
            |mutant| {
                mutant.read_all(|store, mut read| async move {
                    let filter = std::mem::take(&mut read.filter);
                    let mut page = store.read_all(read).await?;
                    page.events.retain(|event| met_in_part(&filter, event));
                    Ok(page)
                })
            },
        ),
        flaw(
            "a category is taken for a prefix",
            &["a_filter_takes_its_categories"],
            |mutant| {
                mutant.read_all(|store, mut read| async move {
                    let categories = std::mem::take(&mut read.filter.categories);
                    let begins = |event: &RecordedEvent, prefix: &Arc<str>| {
                        event.stream.name().starts_with(&**prefix)
                    };
                    let mut page = store.read_all(read).await?;
                    page.events.retain(|event| {
                        categories.is_empty()
                            || categories.iter().any(|prefix| begins(event, prefix))
                    });
                    Ok(page)
                })
            },
        ),
        flaw(
            "equal names of two tenants are one stream",
            &[
                "tenants_with_equal_stream_names_are_apart",
                "hostile_tenants_are_kept_apart",
            ],
            |mutant| mutant.naming(|stream| stream.clone().with_tenant(TenantId::default())),
        ),
        flaw(
            "filtered pages hold one event too few",
            &[
                "pages_together_give_the_whole_log",
                "a_filter_takes_its_event_types",
            ],
            |mutant| {
                mutant.paging(|page, read: &ReadAll| {
                    if read.filter != Filter::all() {
                        page.events.pop();
                    }
                })
            },
        ),
    ]
}

fn met_in_part(filter: &Filter, event: &RecordedEvent) -> bool {
    *filter == Filter::all()
        || filter
            .event_types
            .iter()
            .any(|wanted| **wanted == *event.event_type())
        || filter
            .categories
            .iter()
            .any(|wanted| **wanted == *event.stream.category())
        || filter.tenant.as_ref() == Some(event.stream.tenant())
}
