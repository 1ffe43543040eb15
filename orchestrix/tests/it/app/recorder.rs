//! Keeps every span and log line with its fields.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// A span, as it was recorded.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    id: u64,
    parent: Option<usize>,
    pub(crate) name: &'static str,
    fields: Fields,
}

impl Span {
    /// A field's value as text.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.0.get(name).map(String::as_str)
    }
}

#[derive(Debug, Clone, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

/// While there is one subscriber only, a span that another thread comes to first is decided by that thread, which has
/// none, and stays off for all. With more of them all are asked.
static OTHERS: LazyLock<[Dispatch; 2]> =
    LazyLock::new(|| [(); 2].map(|()| Dispatch::new(tracing_subscriber::registry())));

/// Clones share what was recorded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Recorded>>);

/// Ids are used again when a span has ended: the last one of an id is meant.
#[derive(Debug, Default)]
struct Recorded {
    spans: Vec<Span>,
    log: Vec<Fields>,
}

impl Recorded {
    fn find(&self, id: &Id) -> Option<usize> {
        self.spans.iter().rposition(|span| span.id == id.into_u64())
    }
}

impl Recorder {
    /// Records what this thread does until the guard is dropped.
    pub(crate) fn here() -> (Self, DefaultGuard) {
        let recorder = Self::default();
        LazyLock::force(&OTHERS);
        let subscriber = tracing_subscriber::registry().with(recorder.clone());
        let guard = tracing::subscriber::set_default(subscriber);
        tracing::callsite::rebuild_interest_cache();
        (recorder, guard)
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap()
    }

    /// All spans of a name, oldest first.
    pub(crate) fn spans(&self, name: &str) -> Vec<Span> {
        self.lock()
            .spans
            .iter()
            .filter(|span| span.name == name)
            .cloned()
            .collect()
    }

    /// The names of a span's ancestors, nearest first.
    pub(crate) fn ancestors(&self, span: &Span) -> Vec<&'static str> {
        let recorded = self.lock();
        let parents = std::iter::successors(span.parent, |at| recorded.spans[*at].parent);
        parents.map(|at| recorded.spans[at].name).collect()
    }

    /// The log lines that have this field, oldest first, each with its fields by name.
    pub(crate) fn lines(&self, field: &str) -> Vec<BTreeMap<&'static str, String>> {
        let recorded = self.lock();
        let lines = recorded.log.iter().map(|Fields(fields)| fields);
        lines
            .filter(|fields| fields.contains_key(field))
            .cloned()
            .collect()
    }

    /// All that was written: spans, their fields, and log lines.
    pub(crate) fn text(&self) -> String {
        format!("{:?}", self.lock())
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let parent = context
            .span(id)
            .and_then(|span| span.parent())
            .map(|parent| parent.id());
        let mut recorded = self.lock();
        let span = Span {
            id: id.into_u64(),
            parent: parent.and_then(|parent| recorded.find(&parent)),
            name: attributes.metadata().name(),
            fields,
        };
        recorded.spans.push(span);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut recorded = self.lock();
        if let Some(at) = recorded.find(id) {
            values.record(&mut recorded.spans[at].fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.lock().log.push(fields);
    }
}
