//! A module of which one handler may run in a replay, and one may not.

use std::sync::{Arc, Mutex};

use orchestrix::prelude::*;
use orchestrix::store::Backend;

use crate::app::counter::{Counted, Counter, Limited, Total};

pub(super) const INDEX: &str = "search.index";
pub(super) const MAIL: &str = "search.mail";

/// What the handlers were called with.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    all: Arc<Mutex<Vec<(u64, bool)>>>,
    mails: Arc<Mutex<Vec<u64>>>,
    /// Where indexing fails.
    poison: Arc<Mutex<Vec<u64>>>,
}

impl Calls {
    pub(super) fn fail_at(&self, positions: impl IntoIterator<Item = u64>) {
        *self.poison.lock().unwrap() = positions.into_iter().collect();
    }

    /// The positions that were indexed in a replay, or tried to be.
    pub(super) fn replayed(&self) -> Vec<u64> {
        self.calls(true)
    }

    /// Those that were indexed otherwise.
    pub(super) fn live(&self) -> Vec<u64> {
        self.calls(false)
    }

    pub(super) fn mails(&self) -> Vec<u64> {
        self.mails.lock().unwrap().clone()
    }

    pub(super) fn forget(&self) {
        self.all.lock().unwrap().clear();
        self.mails.lock().unwrap().clear();
    }

    fn calls(&self, in_replay: bool) -> Vec<u64> {
        let all = self.all.lock().unwrap();
        let those = all.iter().filter(|(_, is_replay)| *is_replay == in_replay);
        those.map(|(position, _)| *position).collect()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the index is read-only")]
pub(super) struct ReadOnly;

pub(super) struct Search(pub(super) Calls);

#[module(name = "search", aggregates(Counter), projections(Total))]
impl Search {
    #[on(replay)]
    async fn index(&self, _: &Counted, cx: &ReplayContext) -> Result<(), ReadOnly> {
        let position = cx.position().get();
        let call = (position, cx.is_replay());
        self.0.all.lock().unwrap().push(call);
        match self.0.poison.lock().unwrap().contains(&position) {
            true => Err(ReadOnly),
            false => Ok(()),
        }
    }

    #[on]
    async fn mail(&self, _: &Counted, cx: &EventContext) {
        self.0.mails.lock().unwrap().push(cx.position().get());
    }

    /// It needs no context.
    #[on(replay)]
    async fn limited(&self, _: &Limited) {}
}

pub(super) async fn searching(
    store: impl Backend,
    calls: &Calls,
) -> Result<App, orchestrix::app::StartError> {
    let builder = Orchestrix::builder().isolated().store(store);
    builder.module(Search(calls.clone())).start().await
}
