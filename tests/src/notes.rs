//! Where processes write down what they do, so that whoever started them learns of it at once.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// A file to whose end everything goes that is written here, wherever others have written meanwhile. What was handed to
/// the system in one call is there when the process is not any more.
#[derive(Debug)]
pub struct Notes {
    file: File,
    /// What is told of, besides.
    told: Option<fn(&[u8]) -> bool>,
}

impl Notes {
    /// Nobody is told.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn silent(file: &Path) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(file)?;
        Ok(Self { file, told: None })
    }

    /// Once a line is in the file, a byte on the standard output tells of it: for processes whose standard output is read
    /// by the one that started them.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn told(file: &Path) -> io::Result<Self> {
        Self::told_where(file, |_| true)
    }

    /// As [`told`](Self::told), but of those writes alone for which this is so.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn told_where(file: &Path, is_told: fn(&[u8]) -> bool) -> io::Result<Self> {
        let told = Some(is_told);
        Ok(Self {
            told,
            ..Self::silent(file)?
        })
    }

    /// Writes this, and tells.
    ///
    /// # Errors
    /// When the file takes no more, or nobody reads any more what is told.
    pub fn note(&self, text: &[u8]) -> io::Result<()> {
        (&self.file).write_all(text)?;
        if !self.told.is_some_and(|is_told| is_told(text)) {
            return Ok(());
        }
        let lines = text.iter().filter(|byte| **byte == b'\n');
        let lines: Vec<u8> = lines.copied().collect();
        let mut output = io::stdout().lock();
        output.write_all(&lines)?;
        output.flush()
    }
}

impl Write for Notes {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.note(text).map(|()| text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
