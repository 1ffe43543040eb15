//! Progress on stderr, silent where nobody watches.

use std::fmt;
use std::io::{IsTerminal as _, stderr};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::log::ReadProgress;

const READING: &str =
    "reading {wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {msg} ETA {eta}";
const SENDING: &str = "sending {wide_bar} {human_pos}/{human_len} invoices {rate}/s ETA {eta}";

/// How often rate and ETA are drawn anew while nothing advances.
const TICK: Duration = Duration::from_millis(250);

/// Whether and where progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Bars on stderr.
    Shown,
    /// Nothing at all.
    Quiet,
}

impl Progress {
    /// Shown where stderr is a terminal, quiet where it goes to a file or a pipe.
    #[must_use]
    pub fn on_terminal() -> Self {
        if stderr().is_terminal() {
            Self::Shown
        } else {
            Self::Quiet
        }
    }

    /// Begins the phase that reads files.
    #[must_use]
    pub fn reading(self) -> Reading {
        Reading {
            bar: self.bar(READING, 0),
        }
    }

    /// Begins the phase that sends `invoices` invoices.
    #[must_use]
    pub fn sending(self, invoices: u64) -> Sending {
        Sending {
            bar: self.bar(SENDING, invoices),
        }
    }

    fn bar(self, template: &str, length: u64) -> ProgressBar {
        if self == Self::Quiet {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        // The templates above are valid; if one were not, the default bar would do.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("rate", rate));
        }
        bar.enable_steady_tick(TICK);
        bar
    }
}

/// Whole invoices: a fraction of one is no use to anybody.
fn rate(state: &ProgressState, text: &mut dyn fmt::Write) {
    // A failure to write into a bar leaves the bar shorter.
    let _ = write!(text, "{:.0}", state.per_sec());
}

/// The phase that reads files; the bar vanishes with this value.
#[derive(Debug)]
pub struct Reading {
    bar: ProgressBar,
}

impl Reading {
    /// Shows how far reading got.
    pub fn update(&self, read: ReadProgress) {
        self.bar.set_length(read.total_bytes.max(read.bytes));
        self.bar.set_position(read.bytes);
        if !self.bar.is_hidden() {
            self.bar
                .set_message(format!("{} rows", HumanCount(read.rows)));
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The phase that sends commands; shared by reference, the bar vanishes with this value.
#[derive(Debug)]
pub struct Sending {
    bar: ProgressBar,
}

impl Sending {
    /// Counts `invoices` more as done.
    pub fn advance(&self, invoices: u64) {
        self.bar.inc(invoices);
    }

    /// How many invoices are done, also where nothing is shown.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.bar.position()
    }

    /// Takes the bar away before the end, for lines that follow it.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Prints a line above the bar, for something that must be told before the end; nothing where
    /// progress is quiet.
    pub fn note(&self, line: &str) {
        self.bar.println(line);
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests;
