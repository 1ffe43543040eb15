//! Which indexes hold all documents of their read models.

use std::collections::HashMap;

use tokio::sync::watch;
use tokio::time::timeout;

use super::reading::Query;
use super::{QueryError, ViewError};

/// What was found out about the indexes of read models.
#[derive(Debug, Default)]
pub(super) struct BuiltIndexes(watch::Sender<HashMap<String, Checked>>);

#[derive(Debug)]
struct Checked {
    /// Of which build.
    build: u64,
    /// Those that do not hold all documents.
    missing: Vec<String>,
}

impl BuiltIndexes {
    /// Whether it was looked at this build of a read model.
    pub(super) fn is_checked(&self, read_model: &str, build: u64) -> bool {
        let known = self.0.borrow();
        known
            .get(read_model)
            .is_some_and(|checked| checked.build == build)
    }

    /// What was found in a build.
    pub(super) fn checked(&self, read_model: &str, build: u64, missing: Vec<String>) {
        self.0.send_modify(|known| {
            known.insert(read_model.to_owned(), Checked { build, missing });
        });
    }
}

impl Query {
    /// Waits until it is known of these indexes whether they hold all documents, which they must.
    pub(super) async fn indexes_are_built(
        &self,
        read_model: &str,
        indexes: &[String],
    ) -> Result<(), QueryError> {
        if indexes.is_empty() {
            return Ok(());
        }
        let limit = self.core.config.view_timeout;
        let mut known = self.core.indexes.0.subscribe();
        let checked = known.wait_for(|known| known.contains_key(read_model));
        let Ok(Ok(known)) = timeout(limit, checked).await else {
            let reading = format!("the indexes of read model `{read_model}`");
            return Err(ViewError::Timeout { reading, limit }.into());
        };
        let missing = known.get(read_model).map(|checked| &checked.missing);
        let missing = missing.into_iter().flatten();
        match missing.into_iter().find(|index| indexes.contains(index)) {
            None => Ok(()),
            Some(index) => Err(QueryError::IndexNotBuilt {
                read_model: read_model.to_owned(),
                index: index.clone(),
            }),
        }
    }
}
