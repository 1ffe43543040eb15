//! One direction of a connection.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::control::{Asked, Conditions, Control};
use super::counts::ProxyCounts;
use super::direction::Direction;
use crate::testkit::faults::Seeded;

/// Bytes read at once.
const PIECE: usize = 16 << 10;
/// So many pieces wait at most for their delay to be over; then the sender waits.
const WAITING: usize = 64;
/// A throttled direction passes on so many pieces a second, as far as its rate allows.
const THROTTLED_PIECES: u64 = 50;

/// Why a connection ended before both sides were done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The proxy was told so.
    Cut,
    /// One side has gone.
    Broken,
}

struct Pump<'a> {
    direction: Direction,
    to: WriteHalf<'a>,
    control: &'a Control,
    asked: &'a Mutex<Asked>,
    conditions: watch::Receiver<Conditions>,
}

/// Passes on what one side says until it has ended.
pub(super) async fn pump(
    direction: Direction,
    mut from: ReadHalf<'_>,
    to: WriteHalf<'_>,
    control: &Control,
    asked: &Mutex<Asked>,
) -> Result<(), Ended> {
    let mut pump = Pump {
        direction,
        to,
        control,
        asked,
        conditions: control.conditions(),
    };
    let mut waiting: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let mut piece = vec![0; PIECE];
    let mut has_ended = false;
    // Every connection is late in the same way.
    let mut lateness = Seeded(direction as u64);
    while !has_ended || !waiting.is_empty() {
        let due = waiting.front().map(|(due, _)| *due);
        tokio::select! {
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                if let Some((_, bytes)) = waiting.pop_front() {
                    pump.pass(&bytes).await?;
                }
            }
            read = from.read(&mut piece), if !has_ended && waiting.len() < WAITING => {
                let bytes = read.map_err(|_gone| Ended::Broken)?;
                has_ended = bytes == 0;
                if bytes > 0 {
                    let delay = pump.conditions.borrow().delay.draw(&mut lateness);
                    // Nothing overtakes what was said before.
                    let before = waiting.back().map(|(due, _)| *due);
                    let due = (Instant::now() + delay).max(before.unwrap_or_else(Instant::now));
                    waiting.push_back((due, piece[..bytes].to_vec()));
                }
            }
        }
    }
    // The end is told like anything else. The other direction may go on.
    pump.see().await;
    pump.to.shutdown().await.map_err(|_gone| Ended::Broken)
}

impl Pump<'_> {
    async fn pass(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let now = self.see().await;
            let (piece, pause) = match now.bytes_per_second {
                Some(rate) => {
                    let most = usize::try_from(rate.get() / THROTTLED_PIECES).unwrap_or(PIECE);
                    let piece = rest.len().min(most.max(1));
                    (
                        piece,
                        Duration::from_secs_f64(piece as f64 / rate.get() as f64),
                    )
                }
                None => (rest.len(), Duration::ZERO),
            };
            self.send(&rest[..piece]).await?;
            rest = &rest[piece..];
            if !pause.is_zero() {
                sleep(pause).await;
            }
        }
        Ok(())
    }

    /// The conditions, as soon as anything gets through.
    async fn see(&mut self) -> Conditions {
        let direction = self.direction;
        let seen = self
            .conditions
            .wait_for(|now| !now.silent.covers(direction));
        match seen.await {
            Ok(now) => *now,
            // The control has gone, and this will go with it.
            Err(_) => Conditions::default(),
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let passed: fn(&mut ProxyCounts) -> &mut u64 = match self.direction {
            Direction::ToServer => {
                self.control.requested(self.asked, bytes);
                |counts| &mut counts.bytes_to_server
            }
            Direction::ToClient => {
                if self.control.drops(self.asked) {
                    return Err(Ended::Cut);
                }
                |counts| &mut counts.bytes_to_client
            }
        };
        let admitted = self.control.admit(bytes.len());
        let written = self.to.write_all(&bytes[..admitted]).await;
        written.map_err(|_gone| Ended::Broken)?;
        self.control.counters.add(passed, admitted as u64);
        if admitted < bytes.len() {
            // All connections, this one with them.
            self.control.cut();
            return Err(Ended::Cut);
        }
        Ok(())
    }
}
