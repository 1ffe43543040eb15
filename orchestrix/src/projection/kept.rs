//! Documents that stay in memory between pages, so that they need not be read again.
//!
//! What is kept is what is stored: nobody else writes these documents without moving the checkpoint, and then the next
//! commit is refused and all of it forgotten.

use std::collections::HashMap;

use crate::store::TenantId;

/// After so many documents the older half is forgotten.
const MOST: usize = 4_096;
/// Larger documents are read again each time, in bytes of JSON.
const LARGEST: usize = 4_096;

type Documents<P> = HashMap<TenantId, HashMap<String, P>>;

/// In two generations: what was not used since the last one began is forgotten when the next one does.
pub(super) struct Kept<P> {
    recent: Documents<P>,
    before: Documents<P>,
    count: usize,
}

impl<P> Default for Kept<P> {
    fn default() -> Self {
        Self {
            recent: HashMap::new(),
            before: HashMap::new(),
            count: 0,
        }
    }
}

impl<P> Kept<P> {
    /// Takes a document out: it is in the caller's hands until it is kept again.
    pub(super) fn take(&mut self, tenant: &TenantId, key: &str) -> Option<P> {
        let take = |documents: &mut Documents<P>| documents.get_mut(tenant)?.remove(key);
        match take(&mut self.recent) {
            Some(document) => {
                self.count -= 1;
                Some(document)
            }
            None => take(&mut self.before),
        }
    }

    /// Keeps a document that takes so many bytes where it is stored.
    pub(super) fn keep(&mut self, tenant: &TenantId, key: String, document: P, bytes: usize) {
        if bytes > LARGEST {
            return;
        }
        if self.count >= MOST {
            self.before = std::mem::take(&mut self.recent);
            self.count = 0;
        }
        let documents = match self.recent.get_mut(tenant) {
            Some(documents) => documents,
            None => self.recent.entry(tenant.clone()).or_default(),
        };
        if documents.insert(key, document).is_none() {
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_is_kept() {
        let (tenant, mut kept) = (TenantId::default(), Kept::default());
        for n in 0..3 * MOST {
            kept.keep(&tenant, n.to_string(), n, 10);
            // One is used all the time.
            let first = kept.take(&tenant, "0");
            assert_eq!(first, Some(0));
            kept.keep(&tenant, "0".to_owned(), 0, 10);
        }
        let held =
            |documents: &Documents<usize>| documents.values().map(HashMap::len).sum::<usize>();
        assert!(held(&kept.recent) + held(&kept.before) <= 2 * MOST);
        let last = 3 * MOST - 1;
        assert_eq!(kept.take(&tenant, &last.to_string()), Some(last));
        assert_eq!(kept.take(&tenant, "1"), None);
    }

    #[test]
    fn tenants_are_apart_and_large_documents_are_not_kept() {
        let (tenant, mut kept) = (TenantId::default(), Kept::default());
        let other = TenantId::new("other").expect("a good name");
        kept.keep(&tenant, "a".to_owned(), 1, 10);
        kept.keep(&tenant, "b".to_owned(), 2, LARGEST + 1);
        assert_eq!(kept.take(&other, "a"), None);
        assert_eq!(kept.take(&tenant, "b"), None);
        assert_eq!(kept.take(&tenant, "a"), Some(1));
        assert_eq!(kept.take(&tenant, "a"), None, "it was taken out");
    }
}
