//! What a filter asks the database for.

use std::sync::Arc;

use orchestrix::store::{Filter, QueryItem};

use crate::append::items;
use crate::row::Microseconds;

/// The parameters of `all.sql` and `tagged.sql` that stand for the filter. What is `None` wants everything.
pub(super) struct Selection<'a> {
    pub(super) path: Path,
    pub(super) event_types: Option<Vec<&'a str>>,
    pub(super) categories: Option<Vec<&'a str>>,
    pub(super) tenant: Option<&'a str>,
    pub(super) since: Option<Microseconds>,
    pub(super) until: Option<Microseconds>,
    /// The items of the query, as JSON.
    pub(super) items: Option<String>,
}

/// By what index the events are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    /// All positions are looked through.
    Log,
    /// The rows of tags.
    Tags,
}

impl<'a> Selection<'a> {
    pub(super) fn of(filter: &'a Filter) -> Self {
        let query = &filter.query;
        let mut selection = Self {
            path: Path::Log,
            event_types: any_of(&filter.event_types),
            categories: any_of(&filter.categories),
            tenant: filter.tenant.as_ref().map(|tenant| tenant.as_str()),
            since: filter.since.map(Microseconds::ceiling),
            until: filter.until.map(Microseconds::ceiling),
            items: None,
        };
        let has_tags = |item: &QueryItem| !item.tags().is_empty();
        if query.takes_all() {
            // Nothing to add.
        } else if query.items().iter().all(has_tags) {
            selection.path = Path::Tags;
            selection.items = Some(items(query).to_string());
        } else if query.items().iter().any(has_tags) {
            selection.items = Some(items(query).to_string());
        } else {
            let names = query.items().iter().flat_map(QueryItem::type_names);
            let is_wanted = |name: &&Arc<str>| {
                filter.event_types.is_empty() || filter.event_types.contains(*name)
            };
            selection.event_types = Some(names.filter(is_wanted).map(|name| &**name).collect());
        }
        selection
    }
}

fn any_of(names: &[Arc<str>]) -> Option<Vec<&str>> {
    (!names.is_empty()).then(|| names.iter().map(|name| &**name).collect())
}
