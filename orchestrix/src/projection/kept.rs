//! Documents that stay in memory between pages, so that they need not be read again.
//!
//! What is kept is what is stored: nobody else writes these documents without moving the checkpoint, and then the next
//! commit is refused and all of it forgotten. So it is whenever a page could not be committed as a whole.

use std::collections::HashMap;
use std::mem;

use foldhash::fast::RandomState;

use crate::message::Key;
use crate::store::TenantId;

/// Beyond so many documents those that were not used of late are forgotten.
const MOST: usize = 8_192;
/// Larger documents are read again each time, in bytes of JSON.
const LARGEST: usize = 4_096;
/// The page of a document that is not to be kept; there is no such page.
const FORGOTTEN: u64 = 0;

/// The documents of a projection that were used last, by tenant and key.
pub(super) struct Kept<P> {
    tenants: HashMap<TenantId, OfTenant<P>, RandomState>,
    /// Counts the pages.
    page: u64,
    /// The page after which documents were forgotten last.
    swept: u64,
}

/// Those of one tenant.
pub(super) struct OfTenant<P> {
    slots: HashMap<String, Slot<P>, RandomState>,
    /// The keys of what the page has changed so far, each once.
    changed: Vec<String>,
    page: u64,
    /// Kept for its memory.
    key: String,
    /// Whether something is to be forgotten once the page is committed.
    forgets: bool,
}

/// One document, or the knowledge that there is none.
struct Slot<P> {
    document: Option<P>,
    changed: bool,
    /// The last page that concerned it.
    page: u64,
}

impl<P> Default for Kept<P> {
    fn default() -> Self {
        Self {
            tenants: HashMap::default(),
            page: 0,
            swept: 0,
        }
    }
}

impl<P> Default for OfTenant<P> {
    fn default() -> Self {
        Self {
            slots: HashMap::default(),
            changed: Vec::new(),
            page: 0,
            key: String::new(),
            forgets: false,
        }
    }
}

impl<P> Kept<P> {
    /// A page begins.
    pub(super) fn begin(&mut self) {
        self.page += 1;
    }

    pub(super) fn of_tenant(&mut self, tenant: &TenantId) -> &mut OfTenant<P> {
        let documents = self.tenants.entry(tenant.clone()).or_default();
        documents.page = self.page;
        documents
    }

    /// All that have documents.
    pub(super) fn tenants(&mut self) -> impl Iterator<Item = (&TenantId, &mut OfTenant<P>)> {
        self.tenants.iter_mut()
    }

    /// What the page changed is stored now. Forgets what was not used of late, should it have become too much.
    pub(super) fn committed(&mut self) {
        for documents in self.tenants.values_mut() {
            if mem::take(&mut documents.forgets) {
                documents.slots.retain(|_, slot| slot.page != FORGOTTEN);
            }
        }
        let kept = |tenants: &HashMap<_, OfTenant<P>, _>| -> usize {
            tenants
                .values()
                .map(|documents| documents.slots.len())
                .sum()
        };
        if kept(&self.tenants) <= MOST {
            return;
        }
        let recent = self.swept + (self.page - self.swept) / 2;
        for documents in self.tenants.values_mut() {
            documents.slots.retain(|_, slot| slot.page > recent);
        }
        self.tenants
            .retain(|_, documents| !documents.slots.is_empty());
        self.swept = self.page;
        if kept(&self.tenants) > MOST {
            self.tenants.clear();
        }
    }
}

impl<P> OfTenant<P> {
    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.slots.keys()
    }

    /// The page concerns the document with this key; says whether what is stored of it is known.
    pub(super) fn concerns(&mut self, key: &str) -> bool {
        match self.slots.get_mut(key) {
            Some(slot) => {
                slot.page = self.page;
                true
            }
            None => {
                self.learn(key.to_owned(), None);
                false
            }
        }
    }

    /// What is stored under this key.
    pub(super) fn learn(&mut self, key: String, document: Option<P>) {
        let slot = Slot {
            document,
            changed: false,
            page: self.page,
        };
        self.slots.insert(key, slot);
    }

    /// The document with this key, which is about to be changed; the key, if it is not one that the page concerns.
    pub(super) fn changed<K: Key + ?Sized>(&mut self, key: &K) -> Result<&mut Option<P>, String> {
        self.key.clear();
        key.write_key(&mut self.key);
        match self.slots.get_mut(self.key.as_str()) {
            Some(slot) if slot.page == self.page => {
                if !mem::replace(&mut slot.changed, true) {
                    self.changed.push(self.key.clone());
                }
                Ok(&mut slot.document)
            }
            _ => Err(self.key.clone()),
        }
    }

    /// Hands out what the page changed, by key; each is told how many bytes it takes where it is stored.
    pub(super) fn write<E>(
        &mut self,
        mut each: impl FnMut(String, Option<&P>) -> Result<usize, E>,
    ) -> Result<(), E> {
        for key in self.changed.drain(..) {
            let Some(slot) = self.slots.get_mut(&key) else {
                continue;
            };
            slot.changed = false;
            if each(key, slot.document.as_ref())? > LARGEST {
                slot.page = FORGOTTEN;
                self.forgets = true;
            }
        }
        Ok(())
    }

    /// How many documents the page has changed so far.
    pub(super) fn changes(&self) -> usize {
        self.changed.len()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// A page that writes these documents, of so many bytes each.
    fn page(kept: &mut Kept<usize>, tenant: &TenantId, keys: &[usize], bytes: usize) {
        kept.begin();
        let documents = kept.of_tenant(tenant);
        for key in keys {
            documents.concerns(&key.to_string());
            let document = documents.changed(key);
            *document.expect("the page concerns it") = Some(*key);
        }
        let mut written = Vec::new();
        let each = |key, document: Option<&usize>| {
            written.push((key, document.copied()));
            Ok::<_, Infallible>(bytes)
        };
        let Ok(()) = documents.write(each);
        assert_eq!(written.len(), keys.len(), "each is written once");
        kept.committed();
    }

    fn held(kept: &Kept<usize>) -> usize {
        let tenants = kept.tenants.values();
        tenants.map(|documents| documents.slots.len()).sum()
    }

    /// What is known, without asking a store.
    fn known(kept: &mut Kept<usize>, tenant: &TenantId, key: usize) -> Option<Option<usize>> {
        let documents = kept.of_tenant(tenant);
        match documents.concerns(&key.to_string()) {
            true => documents.changed(&key).ok().cloned(),
            false => None,
        }
    }

    #[test]
    fn what_was_used_last_is_kept() {
        let (tenant, mut kept) = (TenantId::default(), Kept::default());
        for n in 1..3 * MOST {
            // One is used all the time.
            page(&mut kept, &tenant, &[0, n], 10);
            assert!(held(&kept) <= MOST, "{} are kept", held(&kept));
        }
        let last = 3 * MOST - 1;
        kept.begin();
        assert_eq!(known(&mut kept, &tenant, 0), Some(Some(0)));
        assert_eq!(known(&mut kept, &tenant, last), Some(Some(last)));
        assert_eq!(known(&mut kept, &tenant, 1), None);
    }

    #[test]
    fn a_page_with_too_many_leaves_none() {
        let (tenant, mut kept) = (TenantId::default(), Kept::default());
        let all: Vec<usize> = (0..=MOST).collect();
        page(&mut kept, &tenant, &all, 10);
        assert_eq!(held(&kept), 0);
    }

    #[test]
    fn tenants_are_apart_and_large_documents_are_not_kept() {
        let (tenant, mut kept) = (TenantId::default(), Kept::default());
        let other = TenantId::new("other").expect("a good name");
        page(&mut kept, &tenant, &[1], LARGEST);
        page(&mut kept, &tenant, &[2], LARGEST + 1);
        kept.begin();
        assert_eq!(known(&mut kept, &other, 1), None);
        assert_eq!(known(&mut kept, &tenant, 2), None);
        assert_eq!(known(&mut kept, &tenant, 1), Some(Some(1)));
    }

    #[test]
    fn only_what_the_page_concerns_can_be_changed() {
        let (tenant, mut kept) = (TenantId::default(), Kept::default());
        page(&mut kept, &tenant, &[1], 10);
        kept.begin();
        let documents = kept.of_tenant(&tenant);
        assert_eq!(documents.changed(&1), Err("1".to_owned()));
        assert!(documents.concerns("1"), "it is kept");
        assert_eq!(documents.changed(&1), Ok(&mut Some(1)));
    }
}
