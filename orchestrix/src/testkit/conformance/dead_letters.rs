//! Dead letters that come and go with the checkpoint of their subscription, through both ports that move one.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::checkpoints::ensure_moved;
use super::parking::{Parking, ensure_not_parked, later, positions};
use super::polling::poll_then_drop;
use super::samples::{HOSTILE_TEXTS, stream_of};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{DeadLetter, DeadLetterRequest, DeadLetterSelection, StreamVersion};

/// A move parks and settles with the checkpoint; before, there is nothing.
pub async fn dead_letters_move_with_the_checkpoint(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        parking.ensure_letters(&[]).await?;
        let letters = [
            parking.failed(3, "a")?,
            parking.waiting(5, "a")?,
            parking.failed(9, "b")?,
        ];
        parking.move_with((0, 7), &letters[..2], &[]).await?;
        parking.ensure_at(7).await?;
        parking.ensure_letters(&letters[..2]).await?;
        parking.move_with((7, 9), &letters[2..], &[3, 5]).await?;
        parking.ensure_at(9).await?;
        parking.ensure_letters(&letters[2..]).await?;
        parking.move_with((9, 12), &[], &[9]).await?;
        parking.ensure_at(12).await?;
        parking.ensure_letters(&[]).await?;
    }
    Ok(())
}

/// Dead letters come and go also where the checkpoint stays, and a checkpoint moves without them.
pub async fn dead_letters_change_where_the_checkpoint_stays(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let letters = [parking.failed(3, "a")?, parking.failed(4, "b")?];
        parking.move_with((0, 0), &letters, &[]).await?;
        parking.ensure_at(0).await?;
        parking.ensure_letters(&letters).await?;
        for (from, to) in [(0, 4), (4, 9), (9, 9), (9, 2), (2, 9)] {
            parking.move_with((from, to), &[], &[]).await?;
            parking.ensure_at(to).await?;
            parking.ensure_letters(&letters).await?;
        }
        parking.move_with((9, 9), &[], &[3]).await?;
        parking.ensure_at(9).await?;
        parking.ensure_letters(&letters[1..]).await?;
    }
    Ok(())
}

/// A move from where the checkpoint is not is refused, and parks and settles nothing, not even what is not there.
pub async fn a_refused_move_changes_no_dead_letters(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let letters = [parking.failed(3, "a")?, parking.failed(4, "b")?];
        parking.move_with((0, 5), &letters, &[]).await?;
        let again = DeadLetter {
            attempts: 2,
            ..letters[1].clone()
        };
        let parked = [again, parking.failed(6, "c")?];
        for expected in [0, 4, 6] {
            for settled in [3, 8] {
                let refused = parking.try_move((expected, 7), &parked, &[settled]).await?;
                match refused {
                    Err(error) => ensure_moved(&error, &parking.subscription, expected, 5)?,
                    Ok(()) => return Err(Violation::new("the move to be refused", "done")),
                }
                parking.ensure_at(5).await?;
                parking.ensure_letters(&letters).await?;
            }
        }
    }
    Ok(())
}

/// Settling a dead letter that is not there refuses the whole move: checkpoint, documents and other dead letters stay.
pub async fn settling_what_is_not_parked_changes_nothing(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let subscription = &*parking.subscription;
        let refused = parking.try_move((0, 1), &[], &[1]).await?;
        ensure_not_parked(&refused, subscription, 1)?;
        parking.ensure_at(0).await?;
        let letters = [parking.failed(3, "a")?, parking.failed(4, "b")?];
        parking.move_with((0, 5), &letters, &[]).await?;
        let again = DeadLetter {
            attempts: 2,
            ..letters[1].clone()
        };
        let parked = [again, parking.failed(6, "c")?];
        // Neither one that never was, nor one that is parked by the same move; also behind one that is there.
        for (settled, missing) in [(&[2][..], 2), (&[6], 6), (&[3, 7], 7), (&[7, 3], 7)] {
            for to in [5, 8] {
                let refused = parking.try_move((5, to), &parked, settled).await?;
                ensure_not_parked(&refused, subscription, missing)?;
                parking.ensure_at(5).await?;
                parking.ensure_letters(&letters).await?;
            }
        }
        parking.move_with((5, 8), &[], &[3]).await?;
        let refused = parking.try_move((8, 9), &[], &[3]).await?;
        ensure_not_parked(&refused, subscription, 3)?;
        parking.ensure_at(8).await?;
        parking.ensure_letters(&letters[1..]).await?;
    }
    Ok(())
}

/// Parked again, a dead letter has the new attempts, error, failure time and request, and keeps when it was parked.
pub async fn a_dead_letter_that_fails_again_keeps_when_it_was_parked(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let other = parking.failed(2, "b")?;
        let first = parking.waiting(3, "a")?;
        parking.park(&[other.clone(), first.clone()]).await?;
        for (attempts, error, request) in [
            (1, Some("first"), Some(DeadLetterRequest::Retry)),
            (2, Some("second"), Some(DeadLetterRequest::Skip)),
            (7, Some("third"), None),
            (0, None, None),
        ] {
            let later = later(i64::from(attempts) + 1)?;
            let again = DeadLetter {
                attempts,
                error: error.map(str::to_owned),
                failed_at: error.map(|_| later),
                request,
                parked_at: later,
                ..first.clone()
            };
            parking.park(std::slice::from_ref(&again)).await?;
            let kept = DeadLetter {
                parked_at: first.parked_at,
                ..again
            };
            parking.ensure_letters(&[other.clone(), kept]).await?;
        }
        // One that was settled and comes back is parked anew.
        parking.settle(&[3]).await?;
        let anew = DeadLetter {
            parked_at: later(100)?,
            ..first
        };
        parking.park(std::slice::from_ref(&anew)).await?;
        parking.ensure_letters(&[other, anew]).await?;
    }
    Ok(())
}

/// Every field of a dead letter comes back as it was parked.
pub async fn dead_letters_come_back_as_parked(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let long = format!("{}🦀 at the end", "it failed because\n".repeat(5_000));
    let most = i64::MAX as u64;
    for parking in Parking::in_both_ports(subject).await? {
        let mut letters = vec![
            parking.waiting(1, "a")?,
            DeadLetter {
                version: StreamVersion::new(most),
                attempts: u32::MAX,
                error: Some(String::new()),
                parked_at: later(1)?,
                failed_at: Some(later(999_999)?),
                request: Some(DeadLetterRequest::Retry),
                ..parking.failed_in(2, stream_of("Acme ", "🦀 of ' \"")?)
            },
            DeadLetter {
                event_type: "straße 🦀".to_owned(),
                error: Some(long.clone()),
                // Before 1970, where microseconds count backwards.
                parked_at: jiff::Timestamp::new(-10, -123_456_000)?,
                failed_at: Some(jiff::Timestamp::new(-1, -1_000)?),
                request: Some(DeadLetterRequest::Skip),
                ..parking.failed(3, "c")?
            },
        ];
        for (text, position) in HOSTILE_TEXTS.iter().chain(&["\n", "\t\r\n"]).zip(4..) {
            letters.push(DeadLetter {
                error: Some((*text).to_owned()),
                ..parking.failed(position, "d")?
            });
        }
        letters.push(parking.failed(most, "e")?);
        parking.park(&letters).await?;
        let found = parking.all().await?;
        for (found, expected) in found.iter().zip(&letters) {
            ensure_eq("the dead letter", found, expected)?;
        }
        parking.ensure_letters(&letters).await?;
    }
    Ok(())
}

/// A move parks a thousand, and settles a thousand.
pub async fn a_thousand_dead_letters_in_one_move(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let letters: Result<Vec<_>, _> = (1..=1_000).map(|n| parking.failed(n, "a")).collect();
        let letters = letters?;
        parking.move_with((0, 1_000), &letters, &[]).await?;
        parking.ensure_letters(&letters).await?;
        let other = parking.failed(1_001, "b")?;
        let parked = std::slice::from_ref(&other);
        let settled = positions(&letters);
        parking.move_with((1_000, 1_001), parked, &settled).await?;
        parking.ensure_at(1_001).await?;
        parking.ensure_letters(parked).await?;
    }
    Ok(())
}

/// Each subscription has its own dead letters, whatever its name.
pub async fn dead_letters_are_apart_by_subscription(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let long = "n".repeat(500);
    for port in Parking::in_both_ports(subject).await? {
        let names = HOSTILE_TEXTS.iter().copied().chain([long.as_str()]);
        let subscriptions: Vec<_> = names.map(|name| port.of(name)).collect();
        let mut parked = Vec::new();
        for (n, parking) in subscriptions.iter().enumerate() {
            let letter = DeadLetter {
                error: Some(n.to_string()),
                ..parking.failed(3, "a")?
            };
            parking.park(std::slice::from_ref(&letter)).await?;
            parked.push(letter);
        }
        for (parking, letter) in subscriptions.iter().zip(parked) {
            parking.ensure_letters(&[letter]).await?;
            parking.ensure_due(&[]).await?;
            let (all, retry) = (DeadLetterSelection::All, DeadLetterRequest::Retry);
            ensure_eq("those asked for", parking.request(all, retry).await?, 1)?;
            parking.ensure_due(&[3]).await?;
            parking.settle(&[3]).await?;
            parking.ensure_letters(&[]).await?;
        }
    }
    Ok(())
}

/// Of two moves at once that settle the same dead letter, one is done, and the other is refused whole.
pub async fn one_of_two_settles_a_dead_letter(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        for round in 1..=10 {
            let position = round * 10;
            parking.park(&[parking.failed(position, "a")?]).await?;
            let start = Arc::new(Barrier::new(2));
            let mut moves = JoinSet::new();
            for n in 1..=2 {
                let (parking, start) = (parking.clone(), start.clone());
                let behind = parking.failed(position + n, "b")?;
                moves.spawn(async move {
                    start.wait().await;
                    let parked = std::slice::from_ref(&behind);
                    let outcome = parking.try_move((0, 0), parked, &[position]).await;
                    (behind, outcome)
                });
            }
            let mut done = Vec::new();
            for (behind, outcome) in moves.join_all().await {
                match outcome? {
                    Ok(()) => done.push(behind),
                    refused => ensure_not_parked(&refused, &parking.subscription, position)?,
                }
            }
            ensure(done.len() == 1, "one that settles", &done)?;
            parking.ensure_letters(&done).await?;
            parking.settle(&positions(&done)).await?;
        }
    }
    Ok(())
}

/// A move whose future is dropped is there whole, with checkpoint and dead letters, or not at all.
pub async fn a_dropped_move_is_whole_or_absent(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        parking
            .move_with((0, 1), &[parking.failed(1, "a")?], &[])
            .await?;
        let mut kept = 1;
        for from in 1..=30 {
            let parked = [parking.failed(from + 1, "a")?];
            let dropped = parking.try_move((from, from + 1), &parked, std::slice::from_ref(&kept));
            poll_then_drop(dropped, from as usize).await;
            // Whoever moves next from the same place learns whether the dropped one was before, and bars it if not.
            if let Err(error) = parking.try_move((from, from + 1), &[], &[]).await? {
                ensure_moved(&error, &parking.subscription, from, from + 1)?;
                kept = from + 1;
            }
            parking.ensure_at(from + 1).await?;
            let found = positions(&parking.all().await?);
            ensure_eq("the dead letters", found, vec![kept])?;
        }
    }
    Ok(())
}

/// Dead letters are there after closing and opening.
pub async fn reopening_keeps_dead_letters(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let opened = Parking::in_both_ports(subject).await?;
    let mut parked = Vec::new();
    for parking in &opened {
        let letters = vec![parking.failed(3, "a")?, parking.waiting(4, "a")?];
        parking.move_with((0, 5), &letters, &[]).await?;
        parked.push(letters);
    }
    let [one, _] = opened;
    one.store.close().await?;
    for (parking, letters) in Parking::in_both_ports(subject).await?.iter().zip(parked) {
        parking.ensure_at(5).await?;
        parking.ensure_letters(&letters).await?;
        parking.move_with((5, 6), &[], &[3]).await?;
        parking.ensure_due(&[4]).await?;
    }
    Ok(())
}
