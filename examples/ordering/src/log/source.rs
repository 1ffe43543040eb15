//! Opening a file and decompressing it while it is read.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::error::{Format, LogError};

const GZIP_MAGIC: &[u8] = &[0x1F, 0x8B];
const XZ_MAGIC: &[u8] = &[0xFD, b'7', b'z', b'X', b'Z', 0];

/// Decoded bytes kept before they are cut into lines.
const DECODED_BUFFER: usize = 256 * 1024;

/// An existing file, open, of which nothing has been read.
pub(super) struct Source {
    path: PathBuf,
    size: u64,
    file: Counting<File>,
}

impl Source {
    /// Opens `path`, which must be there and not be a folder.
    pub(super) fn open(path: &Path) -> Result<Self, LogError> {
        let unreadable = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => LogError::Missing { file: path.into() },
            io::ErrorKind::IsADirectory => LogError::Folder { file: path.into() },
            _ => LogError::Unreadable {
                file: path.into(),
                source,
            },
        };
        // The folder is looked for first: opening one succeeds on some systems, fails on others.
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(LogError::Folder { file: path.into() });
        }
        let file = File::open(path).map_err(unreadable)?;
        Ok(Self {
            path: path.into(),
            size: metadata.len(),
            file: Counting {
                inner: file,
                taken: Rc::default(),
            },
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file's size in bytes on disk.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// A counter of the bytes that were taken from the file, current at any time.
    pub(super) fn taken(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.file.taken)
    }

    /// The file's text, decompressed as its name says.
    pub(super) fn decode(self) -> Result<Box<dyn BufRead>, LogError> {
        let mut compressed = BufReader::new(self.file);
        let first_bytes = peek(&mut compressed).map_err(|source| LogError::Unreadable {
            file: self.path.clone(),
            source,
        })?;
        if first_bytes.is_empty() {
            return Err(LogError::Empty { file: self.path });
        }
        let expected = Format::of_name(&self.path);
        let found = Format::of_first_bytes(&first_bytes);
        if expected != found {
            return Err(LogError::WrongFormat {
                file: self.path,
                expected,
                found,
            });
        }
        // What was peeked at is read again: pipes cannot be rewound.
        let compressed = BufReader::new(io::Cursor::new(first_bytes).chain(compressed));
        Ok(match found {
            Format::Plain => Box::new(compressed),
            Format::Gzip => buffered(MultiGzDecoder::new(compressed)),
            Format::Xz => buffered(XzReader::new(compressed, true)),
        })
    }
}

fn buffered(decoder: impl Read + 'static) -> Box<dyn BufRead> {
    Box::new(BufReader::with_capacity(DECODED_BUFFER, decoder))
}

fn peek(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first_bytes = Vec::with_capacity(XZ_MAGIC.len());
    reader
        .take(XZ_MAGIC.len() as u64)
        .read_to_end(&mut first_bytes)?;
    Ok(first_bytes)
}

impl Format {
    fn of_name(path: &Path) -> Self {
        match path.extension() {
            Some(ending) if ending.eq_ignore_ascii_case("gz") => Self::Gzip,
            Some(ending) if ending.eq_ignore_ascii_case("xz") => Self::Xz,
            _ => Self::Plain,
        }
    }

    /// A file cut off within the magic bytes still counts as of its format, so that it is
    /// reported as truncated; text never begins with these bytes.
    fn of_first_bytes(bytes: &[u8]) -> Self {
        let begins =
            |magic: &[u8]| bytes.starts_with(magic) || (magic.starts_with(bytes) && bytes[0] > 127);
        if begins(XZ_MAGIC) {
            Self::Xz
        } else if begins(GZIP_MAGIC) || bytes == &GZIP_MAGIC[..1] {
            Self::Gzip
        } else {
            Self::Plain
        }
    }
}

/// Counts the bytes that pass, for progress by what lies on disk.
struct Counting<R> {
    inner: R,
    taken: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.taken.set(self.taken.get() + count as u64);
        Ok(count)
    }
}
