//! Checkpoints that move under leases, and those of lanes.

use super::checkpoints::{at, ensure_moved};
use super::leasing::{LONG, SHORT};
use super::opened::Opened;
use super::parking::{Parking, ensure_not_parked};
use super::samples::HOSTILE_TEXTS;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{CheckpointError, CheckpointMove, Lane};

/// The lease of these behaviours.
const LEASE: &str = "lease";

/// Under a lease that holds a checkpoint moves, again and again, with dead letters and documents; a renewal changes nothing
/// about that.
pub async fn a_lease_that_holds_lets_the_checkpoint_move(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let leasing = parking.leasing();
        let lease = format!("{LEASE} of {}", parking.subscription);
        let token = leasing.token("one", &lease, LONG).await?;
        let parking = parking.under(&lease, token);
        let letters = [parking.failed(3, "a")?, parking.failed(4, "b")?];
        parking.move_with((0, 2), &[], &[]).await?;
        parking.ensure_at(2).await?;
        parking.move_with((2, 5), &letters, &[]).await?;
        parking.ensure_at(5).await?;
        parking.ensure_letters(&letters).await?;
        leasing.renew("one", &[], LONG).await?;
        parking.move_with((5, 6), &[], &[3]).await?;
        parking.ensure_at(6).await?;
        parking.ensure_letters(&letters[1..]).await?;
    }
    Ok(())
}

/// Who held a lease that another node holds now moves nothing, and that one does; so also where the same node took it again.
pub async fn an_old_token_is_fenced(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let leasing = parking.leasing();
        let mut old = leasing.token("one", LEASE, SHORT).await?;
        for node in ["other", "other"] {
            let token = leasing.until_taken_for(node, LEASE, LONG).await?;
            ensure_fenced(&parking, LEASE, old).await?;
            let letter = [parking.failed(8, "c")?];
            let holder = parking.under(LEASE, token);
            holder.move_with((5, 9), &letter, &[]).await?;
            holder.move_with((9, 5), &[], &[8]).await?;
            leasing.release(node, &[LEASE]).await?;
            old = token;
        }
        leasing.ensure_held(&[]).await?;
        reset(&parking).await?;
    }
    Ok(())
}

/// Once its time has ended a lease lets nothing move, also where nobody else took it.
pub async fn an_ended_lease_is_fenced(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let leasing = parking.leasing();
        let token = leasing.token("one", LEASE, SHORT).await?;
        leasing.until_ended(LEASE).await?;
        ensure_fenced(&parking, LEASE, token).await?;
        reset(&parking).await?;
        // A renewal comes too late.
        leasing.renew("one", &[LEASE], LONG).await?;
        ensure_fenced(&parking, LEASE, token).await?;
    }
    Ok(())
}

/// Once it was given back, or its node is no more, a lease lets nothing move.
pub async fn a_lease_that_was_given_back_is_fenced(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let leasing = parking.leasing();
        let token = leasing.token("one", LEASE, LONG).await?;
        leasing.release("one", &[LEASE]).await?;
        ensure_fenced(&parking, LEASE, token).await?;
        reset(&parking).await?;
        let token = leasing.token("one", LEASE, LONG).await?;
        leasing.retire("one").await?;
        ensure_fenced(&parking, LEASE, token).await?;
    }
    Ok(())
}

/// What nobody holds, or with another token or name than its holder has, lets nothing move.
pub async fn a_lease_that_was_never_taken_is_fenced(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let leasing = parking.leasing();
        let mut token = leasing.token("one", "a", LONG).await?;
        while token < 3 {
            leasing.release("one", &["a"]).await?;
            token = leasing.token("one", "a", LONG).await?;
        }
        leasing.token("one", "b", LONG).await?;
        let strange = [
            ("never taken", 0),
            ("never taken", 1),
            ("never taken", token),
            ("A", token),
            ("b", token),
            ("a", token - 1),
            ("a", token + 1),
            ("a", 0),
        ];
        for (lease, token) in strange {
            ensure_fenced(&parking, lease, token).await?;
            reset(&parking).await?;
        }
        leasing.retire("one").await?;
    }
    Ok(())
}

/// Without a fence a checkpoint moves, whoever holds which lease.
pub async fn a_move_without_a_fence_needs_no_lease(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let leasing = parking.leasing();
        leasing.token("one", &parking.subscription, LONG).await?;
        let letters = [parking.failed(3, "a")?];
        parking.move_with((0, 2), &[], &[]).await?;
        parking.move_with((2, 5), &letters, &[]).await?;
        parking.ensure_at(5).await?;
        parking.ensure_letters(&letters).await?;
    }
    Ok(())
}

/// Under a lease that holds, a checkpoint that is elsewhere and a dead letter that is not there refuse the move all the same.
pub async fn a_fence_replaces_no_other_check(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let lease = format!("{LEASE} of {}", parking.subscription);
        let token = parking.leasing().token("one", &lease, LONG).await?;
        let parking = parking.under(&lease, token);
        let letter = [parking.failed(3, "a")?];
        parking.move_with((0, 5), &letter, &[]).await?;
        for settled in [&[][..], &[3]] {
            match parking.try_move((4, 7), &[], settled).await? {
                Err(error) => ensure_moved(&error, &parking.subscription, 4, 5)?,
                Ok(()) => return Err(Violation::new("the move to be refused", "done")),
            }
        }
        let refused = parking.try_move((5, 7), &[], &[4]).await?;
        ensure_not_parked(&refused, &parking.subscription, 4)?;
        parking.ensure_at(5).await?;
        parking.ensure_letters(&letter).await?;
    }
    Ok(())
}

/// Each lane has its own checkpoint, apart from that of the whole and from those of another number of lanes.
pub async fn lanes_have_their_own_checkpoints(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let mut all = vec![parking.clone()];
        for lanes in [2, 3, 12] {
            all.extend(Lane::all(lanes).map(|lane| parking.in_lane(lane)));
        }
        let mut from = vec![0; all.len()];
        for round in [1, 100] {
            for (n, lane) in (1..).zip(&all) {
                let (before, to) = (from[n - 1], round * n as u64);
                let refused = lane.try_move((to + 1, to), &[], &[]).await?;
                match refused {
                    Err(error) => {
                        ensure_moved(&error, &parking.subscription, to + 1, before)?;
                    }
                    Ok(()) => return Err(Violation::new("the move to be refused", "done")),
                }
                lane.move_with((before, to), &[], &[]).await?;
                from[n - 1] = to;
            }
            for (lane, to) in all.iter().zip(&from) {
                lane.ensure_at(*to).await?;
            }
        }
    }
    Ok(())
}

/// What a lane parks is a dead letter of its subscription, and can be settled from wherever.
pub async fn dead_letters_of_lanes_are_the_subscriptions(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let mut letters = Vec::new();
        for (lane, position) in Lane::all(3).zip(3..) {
            let letter = parking.failed(position, &position.to_string())?;
            let lane = parking.in_lane(lane);
            lane.move_with((0, 9), std::slice::from_ref(&letter), &[])
                .await?;
            lane.ensure_at(9).await?;
            letters.push(letter);
        }
        parking.ensure_letters(&letters).await?;
        parking.ensure_at(0).await?;
        parking.settle(&[4]).await?;
        letters.remove(1);
        parking.ensure_letters(&letters).await?;
    }
    Ok(())
}

/// The checkpoints of a subscription's lanes are listed by name, however many lanes it had; not that of the whole.
pub async fn lane_checkpoints_are_listed(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    ensure_lanes(&store, "mail", &[]).await?;
    store
        .checkpoints
        .save_checkpoint("mail", at(0), at(99))
        .await?;
    ensure_lanes(&store, "mail", &[]).await?;
    let mut expected = Vec::new();
    for lanes in [2, 11] {
        for (position, lane) in (1..).zip(Lane::all(lanes)) {
            move_lane(&store, "mail", lane, 0, position).await?;
            expected.push((format!("mail#{position}/{lanes}"), position));
        }
    }
    let last = Lane::all(11).last();
    if let Some(lane) = last {
        move_lane(&store, "mail", lane, 11, 40).await?;
        expected.retain(|(name, _)| name != "mail#11/11");
        expected.push(("mail#11/11".to_owned(), 40));
    }
    expected.sort();
    let expected: Vec<_> = expected.iter().map(|(name, at)| (&**name, *at)).collect();
    ensure_lanes(&store, "mail", &expected).await
}

/// Lanes are listed for their subscription only, whatever its name is: not for those whose names begin as its own does.
pub async fn lane_checkpoints_are_apart_by_name(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut names: Vec<String> = HOSTILE_TEXTS
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    names.extend(
        [
            "mail", "mail2", "mai", "Mail", "mail.in", "mail_", "mail%", "ma%l",
        ]
        .map(str::to_owned),
    );
    names.push("語".repeat(100));
    for (n, name) in (1..).zip(&names) {
        for lane in Lane::all(2) {
            move_lane(&store, name, lane, 0, n).await?;
        }
        store
            .checkpoints
            .save_checkpoint(name, at(0), at(n))
            .await?;
    }
    for (n, name) in (1..).zip(&names) {
        let lanes = [format!("{name}#1/2"), format!("{name}#2/2")];
        ensure_lanes(&store, name, &[(&lanes[0], n), (&lanes[1], n)]).await?;
    }
    Ok(())
}

/// What is tried under a lease that does not hold: the places, whether something is parked, and what is settled. In the
/// last two the checkpoint is elsewhere, too: it is the lease that is told.
const TRIED: [((u64, u64), bool, &[u64]); 8] = [
    ((5, 7), false, &[]),
    ((5, 5), false, &[]),
    ((5, 7), true, &[]),
    ((5, 7), true, &[3]),
    ((5, 5), false, &[3, 4]),
    ((5, 7), false, &[6]),
    ((4, 7), false, &[]),
    ((4, 7), true, &[3]),
];

/// Checks that under this lease nothing can be done, whether anything else is wrong or not, and that nothing was. Leaves the
/// checkpoint at 5, with dead letters at 3 and 4; it may be there already.
async fn ensure_fenced(parking: &Parking, lease: &str, token: u64) -> Result<(), Violation> {
    if parking.all().await?.is_empty() {
        let letters = [parking.failed(3, "a")?, parking.failed(4, "b")?];
        parking.move_with((0, 5), &letters, &[]).await?;
    }
    let letters = parking.all().await?;
    let more = [parking.failed(6, "c")?];
    let fenced = parking.under(lease, token);
    for (between, parks, settled) in TRIED {
        let parked = if parks { &more[..] } else { &[] };
        let outcome = fenced.try_move(between, parked, settled).await?;
        let told = match &outcome {
            Err(CheckpointError::Fenced {
                subscription,
                lease: told,
            }) => *subscription == parking.subscription && told == lease,
            _ => false,
        };
        ensure(told, format_args!("Fenced by {lease:?}"), &outcome)?;
        parking.ensure_at(5).await?;
        parking.ensure_letters(&letters).await?;
    }
    Ok(())
}

/// Back to the start, without dead letters.
async fn reset(parking: &Parking) -> Result<(), Violation> {
    parking.move_with((5, 0), &[], &[3, 4]).await
}

async fn move_lane(
    store: &Opened,
    subscription: &str,
    lane: Lane,
    from: u64,
    to: u64,
) -> Result<(), Violation> {
    let moved = CheckpointMove {
        lane: Some(lane),
        ..CheckpointMove::new(subscription, at(from), at(to))
    };
    Ok(store.checkpoints.move_checkpoint(moved).await?)
}

async fn ensure_lanes(
    store: &Opened,
    subscription: &str,
    expected: &[(&str, u64)],
) -> Result<(), Violation> {
    let found = store.checkpoints.lane_checkpoints(subscription).await?;
    let found: Vec<_> = found.iter().map(|(name, at)| (&**name, at.get())).collect();
    let what = format_args!("the checkpoints of the lanes of {subscription:?}");
    ensure_eq(what, found, expected)
}
