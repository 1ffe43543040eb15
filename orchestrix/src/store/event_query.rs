//! Which events a decision is about.

use std::fmt;
use std::sync::Arc;

use super::{EventData, Tag, tag};
use crate::message::Event;

/// Events that any of its items takes; without an item, all events.
///
/// ```
/// use orchestrix::store::{EventQuery, QueryItem, Tag};
/// let about_course = QueryItem::tagged([Tag::of("course", "c1")?]);
/// let about_student = QueryItem::tagged([Tag::of("student", "s7")?]).event_types(["StudentSubscribed"]);
/// let query = EventQuery::of(about_course).or(about_student);
/// assert_eq!(query.items().len(), 2);
/// # Ok::<(), orchestrix::store::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventQuery {
    items: Vec<QueryItem>,
}

/// Events of any of some types that have all of some tags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueryItem {
    event_types: Vec<Arc<str>>,
    tags: Vec<Tag>,
}

impl EventQuery {
    /// All events.
    pub fn all() -> Self {
        Self::default()
    }

    /// The events that one item takes.
    pub fn of(item: QueryItem) -> Self {
        Self { items: vec![item] }
    }

    /// The events that have all of these tags.
    pub fn tagged(tags: impl IntoIterator<Item = Tag>) -> Self {
        Self::of(QueryItem::tagged(tags))
    }

    /// And those that another item takes.
    #[must_use]
    pub fn or(mut self, item: QueryItem) -> Self {
        self.items.push(item);
        self
    }

    /// The items; without any, all events match.
    pub fn items(&self) -> &[QueryItem] {
        &self.items
    }

    /// Whether it takes every event.
    pub fn takes_all(&self) -> bool {
        self.items.is_empty() || self.items.iter().any(|item| *item == QueryItem::default())
    }

    /// Whether it takes this event.
    pub fn matches(&self, event: &EventData) -> bool {
        self.items.is_empty() || self.items.iter().any(|item| item.matches(event))
    }
}

impl QueryItem {
    /// Events of all types that have all of these tags.
    pub fn tagged(tags: impl IntoIterator<Item = Tag>) -> Self {
        Self {
            event_types: Vec::new(),
            tags: tag::sorted(tags),
        }
    }

    /// Events of the types that `E` stands for, whatever their tags.
    pub fn events<E: Event>() -> Self {
        Self::default().and_events::<E>()
    }

    /// Also, or only where none was named yet, the types that `E` stands for.
    #[must_use]
    pub fn and_events<E: Event>(self) -> Self {
        self.event_types(E::types().into_iter().map(|known| known.stored_name()))
    }

    /// Also, or only where none was named yet, these event types (stored names).
    #[must_use]
    pub fn event_types<T: Into<Arc<str>>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.event_types.extend(names.into_iter().map(Into::into));
        self.event_types.sort_unstable();
        self.event_types.dedup();
        self
    }

    /// Stored names, any of which an event must have; where there is none, any name will do.
    pub fn type_names(&self) -> &[Arc<str>] {
        &self.event_types
    }

    /// The tags, all of which an event must have, sorted.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Whether it takes this event.
    pub fn matches(&self, event: &EventData) -> bool {
        let has_type = self.event_types.is_empty()
            || self
                .event_types
                .iter()
                .any(|name| **name == *event.event_type);
        has_type && self.tags.iter().all(|tag| event.tags().contains(tag))
    }
}

impl fmt::Display for EventQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.items.is_empty() {
            return f.write_str("any event");
        }
        for (n, item) in self.items.iter().enumerate() {
            if n > 0 {
                f.write_str(" or ")?;
            }
            item.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for QueryItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.event_types[..] {
            [] => f.write_str("any event")?,
            names => f.write_str(&names.join("|"))?,
        }
        if !self.tags.is_empty() {
            let tags: Vec<_> = self.tags.iter().map(Tag::as_str).collect();
            write!(f, " tagged {}", tags.join("+"))?;
        }
        Ok(())
    }
}
