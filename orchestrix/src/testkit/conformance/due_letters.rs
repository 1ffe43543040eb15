//! Listing dead letters, asking for something to be done about them, and which of them are due.

use super::checkpoints::at;
use super::opened::Opened;
use super::parking::{Parking, positions};
use super::samples::{stream, stream_of};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{DeadLetter, DeadLetterRequest, DeadLetterSelection, StreamId};

use DeadLetterRequest::{Retry, Skip};

/// Dead letters are listed by position, whenever they were parked, behind a position and up to a limit.
pub async fn dead_letters_are_listed_by_position(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let all = DeadLetterSelection::All;
        ensure_listed(&parking, &all, (0, 10), &[]).await?;
        for (position, key) in [(30, "a"), (4, "b"), (100, "a"), (9, "c"), (3, "b")] {
            parking.park(&[parking.failed(position, key)?]).await?;
        }
        for (after, limit, expected) in [
            (0, 10, &[3, 4, 9, 30, 100][..]),
            (0, usize::MAX, &[3, 4, 9, 30, 100]),
            (0, 5, &[3, 4, 9, 30, 100]),
            (0, 2, &[3, 4]),
            (0, 0, &[]),
            (3, 10, &[4, 9, 30, 100]),
            (4, 2, &[9, 30]),
            (29, 1, &[30]),
            (99, 10, &[100]),
            (100, 10, &[]),
            (1_000, 10, &[]),
        ] {
            ensure_listed(&parking, &all, (after, limit), expected).await?;
        }
    }
    Ok(())
}

/// Dead letters are selected by stream, and by position; position and limit hold for these, too.
pub async fn dead_letters_are_selected(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let other = StreamId::new("other", "a")?;
        parking
            .park(&[
                parking.failed(3, "a")?,
                parking.failed(4, "b")?,
                parking.waiting(5, "a")?,
                parking.failed_in(6, other.clone()),
                parking.waiting(8, "a")?,
            ])
            .await?;
        let of = |key| Ok::<_, Violation>(DeadLetterSelection::Stream(stream(key)?));
        for (selection, after, limit, expected) in [
            (of("a")?, 0, 10, &[3, 5, 8][..]),
            (of("a")?, 3, 10, &[5, 8]),
            (of("a")?, 4, 1, &[5]),
            (of("a")?, 0, 2, &[3, 5]),
            (of("b")?, 0, 10, &[4]),
            (of("A")?, 0, 10, &[]),
            (DeadLetterSelection::Stream(other), 0, 10, &[6]),
            (DeadLetterSelection::At(at(5)), 0, 10, &[5]),
            (DeadLetterSelection::At(at(5)), 4, 1, &[5]),
            (DeadLetterSelection::At(at(5)), 5, 10, &[]),
            (DeadLetterSelection::At(at(5)), 0, 0, &[]),
            (DeadLetterSelection::At(at(7)), 0, 10, &[]),
        ] {
            ensure_listed(&parking, &selection, (after, limit), expected).await?;
        }
    }
    Ok(())
}

/// Streams of the same name in two tenants are two streams, each with its own first dead letter.
pub async fn dead_letters_are_apart_by_tenant(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let streams = [
            stream("a")?,
            stream_of("acme", "a")?,
            stream_of("Acme", "a")?,
        ];
        let mut letters = Vec::new();
        for (stream, position) in streams.iter().zip(1..) {
            letters.push(DeadLetter {
                attempts: 0,
                ..parking.failed_in(position, stream.clone())
            });
        }
        parking.park(&letters).await?;
        parking.ensure_due(&[1, 2, 3]).await?;
        for (stream, letter) in streams.iter().zip(&mut letters) {
            let selection = DeadLetterSelection::Stream(stream.clone());
            let expected = [letter.position.get()];
            ensure_listed(&parking, &selection, (0, 10), &expected).await?;
            ensure_eq(
                "those asked for",
                parking.request(selection, Skip).await?,
                1,
            )?;
            letter.request = Some(Skip);
        }
        parking.ensure_letters(&letters).await?;
    }
    Ok(())
}

/// Due is the first of each stream, if somebody asked for it or it never failed, and no other.
pub async fn the_first_of_each_stream_is_due(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        parking.ensure_due(&[]).await?;
        let requested = |letter, request| DeadLetter {
            request: Some(request),
            ..letter
        };
        parking
            .park(&[
                parking.failed(10, "failed")?,
                parking.waiting(11, "failed")?,
                requested(parking.failed(20, "retried")?, Retry),
                requested(parking.waiting(21, "retried")?, Retry),
                requested(parking.failed(5, "skipped")?, Skip),
                parking.failed(6, "skipped")?,
                parking.waiting(30, "waiting")?,
                parking.waiting(31, "waiting")?,
                requested(parking.waiting(1, "both")?, Skip),
                parking.failed(40, "failed, too")?,
                requested(parking.failed(41, "failed, too")?, Skip),
            ])
            .await?;
        let all = parking.all().await?;
        let due = [1, 5, 20, 30];
        // A limit counts those that are due, not the first ones that are looked at.
        for limit in [0, 1, 2, 3, 4, 5, usize::MAX] {
            let found = parking
                .letters()
                .due_dead_letters(&parking.subscription, limit)
                .await?;
            let expected: Vec<_> = due.iter().copied().take(limit).collect();
            let what = format_args!("at most {limit} that are due");
            ensure_eq(what, positions(&found), expected)?;
            let whole = found.iter().all(|letter| all.contains(letter));
            ensure(whole, "dead letters as they are listed", &found)?;
        }
    }
    Ok(())
}

/// One behind the first of its stream is due only when the first is gone, also if somebody asked for it.
pub async fn a_request_waits_for_the_first_of_its_stream(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        parking
            .park(&[
                parking.failed(3, "a")?,
                parking.failed(5, "a")?,
                parking.waiting(7, "a")?,
            ])
            .await?;
        let asked = parking.request(DeadLetterSelection::At(at(5)), Retry).await;
        ensure_eq("those asked for", asked?, 1)?;
        parking.ensure_due(&[]).await?;
        parking.settle(&[3]).await?;
        parking.ensure_due(&[5]).await?;
        // It fails again, by which the request is done.
        let again = DeadLetter {
            attempts: 2,
            ..parking.failed(5, "a")?
        };
        parking.park(&[again]).await?;
        parking.ensure_due(&[]).await?;
        parking.settle(&[5]).await?;
        parking.ensure_due(&[7]).await?;
        parking.settle(&[7]).await?;
        parking.ensure_due(&[]).await?;
    }
    Ok(())
}

/// A request concerns those selected and says how many they are; the last one counts.
pub async fn the_last_request_counts(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        let none = parking.request(DeadLetterSelection::All, Retry).await?;
        ensure_eq("those asked for where there are none", none, 0)?;
        let mut letters = vec![
            parking.failed(3, "a")?,
            parking.failed(4, "b")?,
            parking.waiting(5, "a")?,
        ];
        parking.park(&letters).await?;
        let of_a = DeadLetterSelection::Stream(stream("a")?);
        let of_none = DeadLetterSelection::Stream(stream("c")?);
        for (selection, request, expected) in [
            (of_none, Skip, [None, None, None]),
            (DeadLetterSelection::At(at(9)), Skip, [None, None, None]),
            (
                DeadLetterSelection::At(at(4)),
                Retry,
                [None, Some(Retry), None],
            ),
            (of_a.clone(), Skip, [Some(Skip), Some(Retry), Some(Skip)]),
            (of_a, Skip, [Some(Skip), Some(Retry), Some(Skip)]),
            (DeadLetterSelection::All, Retry, [Some(Retry); 3]),
            (
                DeadLetterSelection::At(at(3)),
                Skip,
                [Some(Skip), Some(Retry), Some(Retry)],
            ),
        ] {
            let selected = letters
                .iter()
                .filter(|letter| match &selection {
                    DeadLetterSelection::All => true,
                    DeadLetterSelection::Stream(stream) => letter.stream == *stream,
                    DeadLetterSelection::At(position) => letter.position == *position,
                })
                .count();
            let what = format!("those asked for by {selection:?}");
            let asked = parking.request(selection, request).await?;
            ensure_eq(what, asked, selected as u64)?;
            for (letter, request) in letters.iter_mut().zip(expected) {
                letter.request = request;
            }
            parking.ensure_letters(&letters).await?;
        }
    }
    Ok(())
}

/// Dead letters are counted, one by one, whatever became of them.
pub async fn dead_letters_are_counted(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    for parking in Parking::in_both_ports(subject).await? {
        ensure_count(&parking, 0).await?;
        parking.park(&[parking.failed(3, "a")?]).await?;
        ensure_count(&parking, 1).await?;
        let others = [parking.waiting(4, "a")?, parking.failed(5, "b")?];
        parking.park(&others).await?;
        ensure_count(&parking, 3).await?;
        parking.park(&others).await?;
        parking.request(DeadLetterSelection::All, Skip).await?;
        ensure_count(&parking, 3).await?;
        parking.settle(&[3, 5]).await?;
        ensure_count(&parking, 1).await?;
        parking.settle(&[4]).await?;
        ensure_count(&parking, 0).await?;
    }
    Ok(())
}

/// What is asked for by one is due for another that has the store open.
pub async fn a_request_by_one_is_due_for_another(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (one, two) = (Opened::open(subject).await?, Opened::open(subject).await?);
    for (asking, doing) in Parking::over(&one).into_iter().zip(Parking::over(&two)) {
        let letter = doing.failed(3, "a")?;
        doing.park(std::slice::from_ref(&letter)).await?;
        asking.ensure_letters(&[letter]).await?;
        let asked = asking.request(DeadLetterSelection::At(at(3)), Retry).await;
        ensure_eq("those asked for", asked?, 1)?;
        doing.ensure_due(&[3]).await?;
        doing.settle(&[3]).await?;
        asking.ensure_letters(&[]).await?;
    }
    Ok(())
}

/// Checks the positions of those that are listed.
async fn ensure_listed(
    parking: &Parking,
    selection: &DeadLetterSelection,
    (after, limit): (u64, usize),
    expected: &[u64],
) -> Result<(), Violation> {
    let found = parking
        .letters()
        .dead_letters(&parking.subscription, selection, at(after), limit)
        .await?;
    let what = format_args!("at most {limit} of {selection:?} behind {after}");
    ensure_eq(what, positions(&found), expected)
}

async fn ensure_count(parking: &Parking, expected: u64) -> Result<(), Violation> {
    let count = parking.letters().count_dead_letters(&parking.subscription);
    ensure_eq("the number of dead letters", count.await?, expected)
}
