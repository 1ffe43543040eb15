//! Nodes and leases.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::store::{Fence, Lease, LeaseView, MAX_LEASE, Node, NodeId};

#[derive(Debug, Default)]
pub(super) struct Leases {
    nodes: BTreeMap<NodeId, Announced>,
    leases: BTreeMap<String, Held>,
}

#[derive(Debug)]
struct Announced {
    wants: Vec<String>,
    beats: u64,
    until: Instant,
}

#[derive(Debug)]
struct Held {
    /// None once it was given back. Its token stays.
    by: Option<NodeId>,
    token: u64,
    until: Instant,
}

impl Held {
    fn holder(&self, now: Instant) -> Option<&NodeId> {
        self.by.as_ref().filter(|_| self.until > now)
    }
}

impl Leases {
    pub(super) fn renew(
        &mut self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> LeaseView {
        let now = Instant::now();
        let until = now + duration.min(MAX_LEASE);
        let beats = self.nodes.get(node).map_or(0, |known| known.beats);
        let announced = Announced {
            wants: wants.to_vec(),
            beats: beats + 1,
            until,
        };
        self.nodes.insert(node.clone(), announced);
        self.nodes.retain(|_, known| known.until > now);
        for held in self.leases.values_mut() {
            if held.holder(now) == Some(node) {
                held.until = until;
            }
        }
        let nodes = self.nodes.iter().map(|(id, known)| Node {
            id: id.clone(),
            wants: known.wants.clone(),
            beats: known.beats,
        });
        LeaseView {
            nodes: nodes.collect(),
            leases: self
                .leases
                .iter()
                .filter_map(|(name, held)| lease(name, held, now))
                .collect(),
        }
    }

    pub(super) fn acquire(
        &mut self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Vec<Lease> {
        let (now, expires_in) = (Instant::now(), duration.min(MAX_LEASE));
        let mut taken = Vec::new();
        for name in names {
            let held = self.leases.entry(name.clone()).or_insert(Held {
                by: None,
                token: 0,
                until: now,
            });
            if held.holder(now).is_none() {
                *held = Held {
                    by: Some(node.clone()),
                    token: held.token + 1,
                    until: now + expires_in,
                };
                taken.push(Lease {
                    name: name.clone(),
                    node: node.clone(),
                    token: held.token,
                    expires_in,
                });
            }
        }
        taken
    }

    pub(super) fn release(&mut self, node: &NodeId, names: &[String]) {
        for name in names {
            if let Some(held) = self.leases.get_mut(name)
                && held.by.as_ref() == Some(node)
            {
                held.by = None;
            }
        }
    }

    pub(super) fn retire(&mut self, node: &NodeId) {
        self.nodes.remove(node);
        for held in self.leases.values_mut() {
            held.by.take_if(|by| by == node);
        }
    }

    /// Whether the lease holds, with this token.
    pub(super) fn holds(&self, fence: &Fence) -> bool {
        let held = self.leases.get(&*fence.lease);
        held.is_some_and(|held| held.token == fence.token && held.holder(Instant::now()).is_some())
    }
}

fn lease(name: &str, held: &Held, now: Instant) -> Option<Lease> {
    Some(Lease {
        name: name.to_owned(),
        node: held.holder(now)?.clone(),
        token: held.token,
        expires_in: held.until - now,
    })
}
