//! Names of subscriptions that are not there.

/// A name that is none of the app's subscriptions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no subscription `{name}`; there are: {}",
    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
)]
#[non_exhaustive]
pub struct UnknownSubscription {
    /// The name as given.
    pub name: String,
    /// The names there are, in order.
    pub known: Vec<String>,
}

impl UnknownSubscription {
    pub(crate) fn new<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Self {
        let mut known: Vec<_> = known.cloned().collect();
        known.sort();
        Self {
            name: name.to_owned(),
            known,
        }
    }
}
