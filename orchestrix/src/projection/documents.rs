//! The documents of a projection, as the fold of a page of events changes them.

use std::fmt;

use super::kept::OfTenant;
use crate::message::Key;
use crate::store::StreamId;

/// The documents of one tenant that a projection folds events into.
pub struct Documents<'a, P> {
    documents: &'a mut OfTenant<P>,
    undeclared: Option<String>,
    /// In place of a document that was not loaded.
    stray: Option<P>,
}

impl<P> fmt::Debug for Documents<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.documents.keys()).finish()
    }
}

impl<'a, P> Documents<'a, P> {
    pub(super) fn new(documents: &'a mut OfTenant<P>) -> Self {
        Self {
            documents,
            undeclared: None,
            stray: None,
        }
    }

    /// Refuses what was done to a document that the projection had not named among the event's keys: it was not loaded,
    /// so what is stored of it would be lost.
    pub(super) fn finish(self) -> Result<(), FoldError> {
        match self.undeclared {
            Some(key) => Err(FoldError::UndeclaredKey { key }),
            None => Ok(()),
        }
    }

    /// Changes the document with this key, which begins as the default one.
    pub fn change<K: Key + ?Sized>(&mut self, key: &K, change: impl FnOnce(&mut P))
    where
        P: Default,
    {
        change(self.touch(key).get_or_insert_default());
    }

    /// Changes the document with this key, which an earlier event must have begun.
    ///
    /// # Errors
    /// [`FoldError::NoDocument`].
    pub fn change_existing<K: Key + ?Sized>(
        &mut self,
        key: &K,
        change: impl FnOnce(&mut P),
    ) -> Result<(), FoldError> {
        match self.touch(key) {
            Some(document) => {
                change(document);
                Ok(())
            }
            None => Err(FoldError::NoDocument { key: key.to_key() }),
        }
    }

    /// Begins the document with this key.
    ///
    /// # Errors
    /// [`FoldError::DocumentExists`].
    pub fn begin<K: Key + ?Sized>(&mut self, key: &K, document: P) -> Result<(), FoldError> {
        let place = self.touch(key);
        if place.is_some() {
            return Err(FoldError::DocumentExists { key: key.to_key() });
        }
        *place = Some(document);
        Ok(())
    }

    /// Changes the document with this key, which begins as the default one, or ends it by giving none.
    pub fn change_or_end<K: Key + ?Sized>(&mut self, key: &K, change: impl FnOnce(P) -> Option<P>)
    where
        P: Default,
    {
        let place = self.touch(key);
        *place = change(place.take().unwrap_or_default());
    }

    /// Changes the document with this key, which an earlier event must have begun, or ends it by giving none.
    ///
    /// # Errors
    /// [`FoldError::NoDocument`].
    pub fn change_or_end_existing<K: Key + ?Sized>(
        &mut self,
        key: &K,
        change: impl FnOnce(P) -> Option<P>,
    ) -> Result<(), FoldError> {
        let place = self.touch(key);
        match place.take() {
            Some(document) => {
                *place = change(document);
                Ok(())
            }
            None => Err(FoldError::NoDocument { key: key.to_key() }),
        }
    }

    fn touch<K: Key + ?Sized>(&mut self, key: &K) -> &mut Option<P> {
        match self.documents.changed(key) {
            Ok(document) => document,
            Err(key) => {
                self.undeclared = Some(key);
                self.stray = None;
                &mut self.stray
            }
        }
    }
}

/// An event cannot be folded into its document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FoldError {
    /// It changes a document that no earlier event began.
    #[error("there is no document `{key}`: no earlier event has begun it")]
    NoDocument {
        /// The key.
        key: String,
    },
    /// Its keys, as [`Projection::keys`](super::Projection::keys) gives them, do not name the document.
    #[error("document `{key}` is changed, but is not among the keys of the event")]
    UndeclaredKey {
        /// The key.
        key: String,
    },
    /// It is an inline projection's, whose documents have the keys of the streams that feed them, and names another.
    #[error("document `{key}` is not that of stream {stream}, as an inline projection needs")]
    ForeignKey {
        /// The key.
        key: String,
        /// The event's stream.
        stream: StreamId,
    },
    /// It begins a document that is there already.
    #[error("document `{key}` is there already")]
    DocumentExists {
        /// The key.
        key: String,
    },
}
