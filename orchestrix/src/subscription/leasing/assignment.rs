//! Who is to serve what: the same answer on every node.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::store::{Node, NodeId, hash};

/// The node that each lease is to be held by. Each node gets about as many as every other, and few change when a node
/// comes or goes.
///
/// Rendezvous hashing with bounded loads: Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998;
/// Mirrokni, Thorup and Zadimoghaddam, "Consistent hashing with bounded loads", 2018.
pub(super) fn owners(nodes: &[Node]) -> BTreeMap<&str, &NodeId> {
    let mut wanted: BTreeMap<&str, Vec<&NodeId>> = BTreeMap::new();
    let mut serving = BTreeSet::new();
    for node in nodes {
        for name in &node.wants {
            wanted.entry(name).or_default().push(&node.id);
            serving.insert(&node.id);
        }
    }
    let most = wanted.len().div_ceil(serving.len().max(1));
    let mut loads: HashMap<&NodeId, usize> = HashMap::new();
    let mut owners = BTreeMap::new();
    for (name, mut candidates) in wanted {
        candidates.sort_by_key(|&node| (std::cmp::Reverse(weight(node, name)), node));
        let load = |node: &NodeId| loads.get(node).copied().unwrap_or(0);
        let free = candidates.iter().find(|&&node| load(node) < most);
        let least = || candidates.iter().min_by_key(|&&node| load(node));
        if let Some(&owner) = free.or_else(least) {
            *loads.entry(owner).or_default() += 1;
            owners.insert(name, owner);
        }
    }
    owners
}

fn weight(node: &NodeId, name: &str) -> u64 {
    let bytes = node.as_str().bytes().chain([0x1f]).chain(name.bytes());
    // Names that differ in their last letters only are spread too.
    hash(bytes).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(count: usize, wants: &[String]) -> Vec<Node> {
        let node = |n| Node {
            id: NodeId::new(format!("node-{n}")),
            wants: wants.to_vec(),
            beats: 1,
        };
        (0..count).map(node).collect()
    }

    fn names(count: usize) -> Vec<String> {
        (1..=count)
            .map(|n| format!("shop.mail#{n}/{count}"))
            .collect()
    }

    #[test]
    fn loads_are_even() {
        for (count, leases) in [(1, 8), (2, 8), (3, 8), (3, 1), (7, 100), (100, 8)] {
            let wants = names(leases);
            let nodes = nodes(count, &wants);
            let owners = owners(&nodes);
            assert_eq!(owners.len(), leases);
            let most = leases.div_ceil(count);
            for node in &nodes {
                let load = owners.values().filter(|&&owner| *owner == node.id).count();
                assert!(load <= most, "{count} nodes, {leases} leases: {load}");
            }
        }
    }

    #[test]
    fn the_order_in_which_nodes_are_told_does_not_matter() {
        let wants = names(8);
        let mut there = nodes(5, &wants);
        let before: BTreeMap<_, _> = named(&owners(&there));
        there.reverse();
        assert_eq!(named(&owners(&there)), before);
    }

    #[test]
    fn few_change_hands_when_a_node_goes() {
        let wants = names(60);
        let all = nodes(6, &wants);
        let before = named(&owners(&all));
        let after = named(&owners(&all[..5]));
        let gone = all[5].id.as_str();
        let moved = wants
            .iter()
            .filter(|&name| before[name] != gone && before[name] != after[name]);
        assert!(moved.count() <= 20);
    }

    #[test]
    fn a_lease_goes_only_to_who_wants_it() {
        let mut all = nodes(2, &names(2));
        all[1].wants = vec!["other".to_owned()];
        let owners = owners(&all);
        assert_eq!(owners["other"], &all[1].id);
        assert_eq!(owners["shop.mail#1/2"], &all[0].id);
        assert_eq!(owners["shop.mail#2/2"], &all[0].id);
        assert!(super::owners(&[]).is_empty());
    }

    fn named(owners: &BTreeMap<&str, &NodeId>) -> BTreeMap<String, String> {
        let named = owners.iter();
        named
            .map(|(name, node)| ((*name).to_owned(), node.to_string()))
            .collect()
    }
}
