//! Lines of unknown encoding as UTF-8, counted.

use std::io::{self, BufRead, Read};

/// A reader that hands out UTF-8, never more than one line at a time.
///
/// A line that is not UTF-8 is taken as ISO-8859-1, which every byte sequence is. Since a consumer
/// cannot read ahead of the line it needs, [`Lines::number`] is the line on which the record ends
/// that a consumer has just completed, whatever blank lines and line endings came before.
pub(super) struct Lines<R> {
    inner: R,
    line: Vec<u8>,
    handed_out: usize,
    number: u64,
    after_line_feed: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            line: Vec::new(),
            handed_out: 0,
            number: 0,
            after_line_feed: false,
        }
    }

    /// The line that was read last, from 1; after an error the line that could not be completed.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Replaces the finished line by the next one, an empty one at the end.
    fn advance(&mut self) -> io::Result<()> {
        self.line.clear();
        self.handed_out = 0;
        match self.inner.read_until(b'\n', &mut self.line) {
            Ok(0) => {
                // What a consumer completes only now, such as a quote left open, reaches into the
                // empty line behind the last line feed.
                if std::mem::take(&mut self.after_line_feed) {
                    self.number += 1;
                }
            }
            Ok(_) => {
                self.number += 1;
                self.after_line_feed = self.line.ends_with(b"\n");
                if std::str::from_utf8(&self.line).is_err() {
                    // ISO-8859-1 is the first 256 characters of Unicode, in order.
                    let text: String = self.line.iter().copied().map(char::from).collect();
                    self.line = text.into_bytes();
                }
            }
            Err(error) => {
                self.line.clear();
                self.number += 1;
                return Err(error);
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.handed_out == self.line.len() {
            self.advance()?;
        }
        let count = (&self.line[self.handed_out..]).read(buffer)?;
        self.handed_out += count;
        Ok(count)
    }
}
