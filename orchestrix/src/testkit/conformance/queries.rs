//! Which events a condition is about.

use super::conditions::{ensure_condition_conflict, with_courses};
use super::opened::Opened;
use super::samples::{about, some, stream, tag};
use super::subject::StoreUnderTest;
use super::violation::Violation;
use crate::store::{EventQuery, GlobalPosition, QueryItem};

/// An event that any of the items takes refuses.
pub async fn items_of_a_condition_are_alternatives(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    let either = about("course:c2")?.or(QueryItem::tagged([tag("student:s1")?]));
    decides(&store, either).await?;
    let none_and_one = about("nothing")?.or(QueryItem::tagged([tag("course:c2")?]));
    decides(&store, none_and_one).await?;
    let by_type = about("course:c2")?.or(QueryItem::default().event_types(["Renamed"]));
    decides(&store, by_type).await
}

/// An event refuses only if it has all tags of an item.
pub async fn tags_of_an_item_are_all_needed(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    for tags in [
        ["course:c1", "student:s1"],
        ["course:c2", "student:s1"],
        ["course:c2", "student:s2"],
        ["course:c1", "nothing"],
    ] {
        let item = QueryItem::tagged([tag(tags[0])?, tag(tags[1])?]);
        decides(&store, EventQuery::of(item)).await?;
    }
    Ok(())
}

/// An event refuses if it has any of an item's types, beside the tags.
pub async fn types_of_an_item_are_alternatives(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    for types in [
        vec!["Defined", "Renamed"],
        vec!["Subscribed"],
        vec!["Defined", "Never"],
        vec!["defined"],
    ] {
        let item = QueryItem::tagged([tag("course:c1")?]).event_types(types);
        decides(&store, EventQuery::of(item)).await?;
    }
    Ok(())
}

/// An item without tags takes events of its types whatever their tags.
pub async fn an_item_of_types_only_matches_by_type(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    for name in ["Defined", "Subscribed", "Untagged", "Never"] {
        let item = QueryItem::default().event_types([name]);
        decides(&store, EventQuery::of(item)).await?;
    }
    Ok(())
}

/// A condition on all events, with no item or an empty one, sees each event of the tenant.
pub async fn a_condition_on_everything_sees_every_event(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    decides(&store, EventQuery::all()).await?;
    decides(&store, EventQuery::of(QueryItem::default())).await?;
    decides(&store, about("nothing")?.or(QueryItem::default())).await
}

/// Checks from each position of the log that a condition refuses where an event matches behind it, and only there.
async fn decides(store: &Opened, query: EventQuery) -> Result<(), Violation> {
    let log = store.log().await?;
    let positions = log.iter().map(|event| event.position);
    for after in [GlobalPosition::START].into_iter().chain(positions) {
        let mut behind = store.matching(&query).await?;
        behind.retain(|position| *position > after);
        let append = some(&stream("decided")?, 1)?.unless(query.clone(), after);
        match (store.try_append(append).await?, behind.is_empty()) {
            (Ok(_), true) => {}
            (Err(error), false) => ensure_condition_conflict(&error, &query, after, &behind)?,
            (outcome, _) => {
                let expected = format!("unless {query} after {after}, found at {behind:?}");
                return Err(Violation::new(expected, format_args!("{outcome:?}")));
            }
        }
    }
    Ok(())
}
