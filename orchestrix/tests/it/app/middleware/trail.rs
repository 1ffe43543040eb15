//! What passed through which layer.

use std::sync::{Arc, Mutex};

use orchestrix::app::Builder;
use orchestrix::middleware::{Around, Call, Middleware, Next, around};
use orchestrix::prelude::*;
use orchestrix::store::Backend;

/// What layers have noted. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Trail(Arc<Mutex<Vec<String>>>);

impl Trail {
    pub(super) fn note(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    pub(super) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// A layer that notes when a call comes, and when it goes back.
    pub(super) fn layer(&self, name: &'static str) -> Around<Noted> {
        let trail = self.clone();
        around(Noted { name, trail })
    }
}

pub(super) struct Noted {
    name: &'static str,
    trail: Trail,
}

impl<C: Call> Middleware<C> for Noted {
    async fn handle(&self, call: C, next: Next<C>) -> Result<C::Reply, C::Error> {
        self.trail.note(format!("into {}", self.name));
        let outcome = next.run(call).await;
        self.trail.note(format!("out of {}", self.name));
        outcome
    }
}

pub(super) fn building(store: impl Backend, module: impl Module) -> Builder {
    Orchestrix::builder().isolated().store(store).module(module)
}
