//! Flaws in who holds which lease.

use std::time::Duration;

use orchestrix::store::{Lease, LeaseError, LeaseStore as _, MemoryStore, NodeId};

use super::mutant::{Mutant, gap};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_taking(), of_ending(), of_names(), of_views()]
        .into_iter()
        .flatten()
        .collect()
}

const LONG: Duration = Duration::from_secs(3_600);

/// The leases that hold.
async fn held(store: &MemoryStore) -> Result<Vec<Lease>, LeaseError> {
    let nobody = NodeId::new("nobody");
    let view = store.renew_leases(&nobody, &[], LONG).await?;
    store.retire_node(&nobody).await?;
    Ok(view.leases)
}

fn of_taking() -> Vec<Flaw> {
    vec![
        flaw(
            "everybody gets every lease",
            &[
                "a_lease_is_taken_by_one",
                "a_renewal_sets_when_leases_end",
                "each_of_a_hundred_leases_goes_to_one",
                "leases_of_two_exclude_each_other",
            ],
            |mutant| {
                mutant.acquire_leases(|store, (node, names, duration)| async move {
                    for lease in held(&store).await? {
                        if names.contains(&lease.name) {
                            store.release_leases(&lease.node, &[lease.name]).await?;
                        }
                    }
                    store.acquire_leases(&node, &names, duration).await
                })
            },
        ),
        flaw(
            "nobody gets a lease",
            &[
                "a_lease_is_taken_by_one",
                "a_released_lease_is_free",
                "a_hundred_leases_in_one_call",
            ],
            |mutant| mutant.acquire_leases(|_, _| async { Ok(Vec::new()) }),
        ),
        flaw(
            "who holds a lease gets it again",
            &["a_lease_is_taken_by_one"],
            |mutant| {
                mutant.acquire_leases(|store, (node, names, duration)| async move {
                    store.release_leases(&node, &names).await?;
                    store.acquire_leases(&node, &names, duration).await
                })
            },
        ),
        flaw(
            "every lease has the same token",
            &[
                "an_ended_lease_can_be_taken",
                "a_released_lease_is_free",
                "a_retired_node_is_forgotten",
                "leases_of_two_exclude_each_other",
                "reopening_keeps_tokens",
            ],
            |mutant| taking(mutant, |leases| leases.iter_mut().for_each(|l| l.token = 1)),
        ),
        flaw(
            "a lease is told with a longer time than it has",
            &["a_lease_is_taken_by_one"],
            |mutant| {
                taking(mutant, |leases| {
                    leases.iter_mut().for_each(|lease| lease.expires_in += LONG);
                })
            },
        ),
        flaw(
            "a lease is told with the time that was asked for",
            &["no_lease_is_longer_than_the_longest"],
            |mutant| {
                mutant.acquire_leases(|store, (node, names, duration)| async move {
                    let mut taken = store.acquire_leases(&node, &names, duration).await?;
                    taken
                        .iter_mut()
                        .for_each(|lease| lease.expires_in = duration);
                    Ok(taken)
                })
            },
        ),
        flaw(
            "a lease that is wanted twice is told twice",
            &["a_lease_that_is_wanted_twice_is_taken_once"],
            |mutant| {
                mutant.acquire_leases(|store, (node, names, duration)| async move {
                    let taken = store.acquire_leases(&node, &names, duration).await?;
                    let each = names.iter().map(|name| {
                        let mut taken = taken.iter();
                        taken.find(|lease| lease.name == *name).cloned()
                    });
                    Ok(each.flatten().collect())
                })
            },
        ),
        flaw(
            "at most fifty leases are taken in one call",
            &["a_hundred_leases_in_one_call"],
            |mutant| {
                mutant.acquire_leases(|store, (node, mut names, duration)| async move {
                    names.truncate(50);
                    store.acquire_leases(&node, &names, duration).await
                })
            },
        ),
        flaw(
            "it is looked which leases are free, then they are taken",
            &["each_of_a_hundred_leases_goes_to_one"],
            |mutant| {
                mutant.acquire_leases(|store, (node, names, duration)| async move {
                    let before = held(&store).await?;
                    gap().await;
                    let is_in = |leases: &[Lease], name: &str| {
                        leases.iter().any(|lease| lease.name == name)
                    };
                    for lease in held(&store).await? {
                        if names.contains(&lease.name) && !is_in(&before, &lease.name) {
                            store.release_leases(&lease.node, &[lease.name]).await?;
                        }
                    }
                    store.acquire_leases(&node, &names, duration).await
                })
            },
        ),
    ]
}

fn of_ending() -> Vec<Flaw> {
    vec![
        flaw(
            "leases that are taken never end",
            &["an_ended_lease_can_be_taken"],
            |mutant| {
                mutant.acquire_leases(|store, (node, names, _)| async move {
                    store.acquire_leases(&node, &names, LONG).await
                })
            },
        ),
        flaw(
            "a renewal renews nothing",
            &["a_renewal_sets_when_leases_end"],
            |mutant| {
                mutant.renew_leases(|store, (node, wants, duration)| async move {
                    let other = NodeId::new(format!("{node}'s shadow"));
                    let mut view = store.renew_leases(&other, &wants, duration).await?;
                    view.nodes
                        .iter_mut()
                        .for_each(|known| known.id = node.clone());
                    Ok(view)
                })
            },
        ),
        flaw(
            "a renewal renews the leases of all nodes",
            &["a_renewal_sets_when_leases_end"],
            |mutant| {
                mutant.renew_leases(|store, (node, wants, duration)| async move {
                    for lease in held(&store).await? {
                        store.renew_leases(&lease.node, &[], duration).await?;
                    }
                    store.renew_leases(&node, &wants, duration).await
                })
            },
        ),
        flaw(
            "a renewal gives new tokens",
            &[
                "a_renewal_sets_when_leases_end",
                "a_lease_that_holds_lets_the_checkpoint_move",
            ],
            |mutant| {
                mutant.renew_leases(|store, (node, wants, duration)| async move {
                    let mine = held(&store).await?.into_iter();
                    let mine = mine.filter(|lease| lease.node == node);
                    let mine: Vec<_> = mine.map(|lease| lease.name).collect();
                    store.release_leases(&node, &mine).await?;
                    store.acquire_leases(&node, &mine, duration).await?;
                    store.renew_leases(&node, &wants, duration).await
                })
            },
        ),
        flaw(
            "a lease that has ended is renewed",
            &["an_ended_lease_is_not_renewed"],
            |mutant| {
                mutant.renew_leases(|store, (node, wants, duration)| async move {
                    store.acquire_leases(&node, &wants, duration).await?;
                    store.renew_leases(&node, &wants, duration).await
                })
            },
        ),
        flaw(
            "nothing is given back",
            &[
                "a_released_lease_is_free",
                "a_hundred_leases_in_one_call",
                "leases_that_hold_are_told",
                "leases_of_two_exclude_each_other",
                "a_lease_that_was_given_back_is_fenced",
                "reopening_keeps_tokens",
            ],
            |mutant| mutant.release_leases(|_, _| async { Ok(()) }),
        ),
        flaw(
            "everybody can give a lease back",
            &["a_released_lease_is_free"],
            |mutant| {
                mutant.release_leases(|store, (_, names)| async move {
                    for lease in held(&store).await? {
                        store.release_leases(&lease.node, &names).await?;
                    }
                    Ok(())
                })
            },
        ),
        flaw(
            "a node gives all of its leases back",
            &["a_released_lease_is_free"],
            |mutant| {
                mutant.release_leases(
                    |store, (node, _)| async move { store.retire_node(&node).await },
                )
            },
        ),
        flaw(
            "a node that is no more keeps its leases",
            &[
                "a_retired_node_is_forgotten",
                "a_lease_that_was_given_back_is_fenced",
            ],
            |mutant| mutant.retire_node(|_, _| async { Ok(()) }),
        ),
        flaw(
            "a node that is no more is told of",
            &["a_retired_node_is_forgotten"],
            |mutant| {
                mutant.retire_node(|store, node| async move {
                    let names: Vec<_> = held(&store)
                        .await?
                        .into_iter()
                        .map(|lease| lease.name)
                        .collect();
                    store.release_leases(&node, &names).await
                })
            },
        ),
        flaw(
            "with one node all leases are gone",
            &["a_retired_node_is_forgotten"],
            |mutant| {
                mutant.retire_node(|store, node| async move {
                    for lease in held(&store).await? {
                        store.release_leases(&lease.node, &[lease.name]).await?;
                    }
                    store.retire_node(&node).await
                })
            },
        ),
    ]
}

fn of_names() -> Vec<Flaw> {
    const APART: &[&str] = &["hostile_names_of_leases_are_kept_apart"];
    vec![
        flaw("leases are compared without their case", APART, |mutant| {
            mutant.acquire_leases(|store, (node, names, duration)| async move {
                let names: Vec<_> = names.iter().map(|name| name.to_lowercase()).collect();
                store.acquire_leases(&node, &names, duration).await
            })
        }),
        flaw("nodes are compared without blanks", APART, |mutant| {
            mutant.renew_leases(|store, (node, wants, duration)| async move {
                let node = NodeId::new(node.as_str().trim());
                store.renew_leases(&node, &wants, duration).await
            })
        }),
        flaw("what a node wants is split at commas", APART, |mutant| {
            mutant.viewing(|view, _| {
                for node in &mut view.nodes {
                    let wants = node.wants.join(",");
                    node.wants = wants.split(',').map(str::to_owned).collect();
                }
            })
        }),
    ]
}

fn of_views() -> Vec<Flaw> {
    const NODES: &[&str] = &["nodes_are_told"];
    const LEASES: &[&str] = &["leases_that_hold_are_told"];
    vec![
        flaw("nodes beat only once", NODES, |mutant| {
            mutant.viewing(|view, _| view.nodes.iter_mut().for_each(|node| node.beats = 1))
        }),
        flaw("what a node wants is not told", NODES, |mutant| {
            mutant.viewing(|view, me| {
                let others = view.nodes.iter_mut().filter(|node| node.id != *me);
                others.for_each(|node| node.wants.clear());
            })
        }),
        flaw("nodes are told in the wrong order", NODES, |mutant| {
            mutant.viewing(|view, _| view.nodes.reverse())
        }),
        flaw(
            "nodes do not see each other",
            &[
                "nodes_are_told",
                "a_retired_node_is_forgotten",
                "leases_of_two_exclude_each_other",
            ],
            |mutant| mutant.viewing(|view, me| view.nodes.retain(|node| node.id == *me)),
        ),
        flaw(
            "nodes see their own leases only",
            &[
                "leases_that_hold_are_told",
                "a_lease_is_taken_by_one",
                "leases_of_two_exclude_each_other",
            ],
            |mutant| mutant.viewing(|view, me| view.leases.retain(|lease| lease.node == *me)),
        ),
        flaw("leases are told in the wrong order", LEASES, |mutant| {
            mutant.viewing(|view, _| view.leases.reverse())
        }),
        flaw(
            "leases are told in the order of the alphabet",
            LEASES,
            |mutant| {
                mutant.viewing(|view, _| view.leases.sort_by_key(|lease| lease.name.to_lowercase()))
            },
        ),
        flaw("it is not told when leases end", LEASES, |mutant| {
            mutant.viewing(|view, _| {
                view.leases
                    .iter_mut()
                    .for_each(|lease| lease.expires_in = Duration::ZERO);
            })
        }),
        flaw(
            "leases are told with a longer time than they have",
            LEASES,
            |mutant| {
                mutant.viewing(|view, _| {
                    view.leases
                        .iter_mut()
                        .for_each(|lease| lease.expires_in += LONG);
                })
            },
        ),
    ]
}

/// With what was taken changed when it is told.
fn taking(mutant: Mutant, change: fn(&mut Vec<Lease>)) -> Mutant {
    mutant.acquire_leases(move |store, (node, names, duration)| async move {
        let mut taken = store.acquire_leases(&node, &names, duration).await?;
        change(&mut taken);
        Ok(taken)
    })
}
