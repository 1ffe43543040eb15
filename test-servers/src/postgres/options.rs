//! How a throwaway PostgreSQL server is set up.

/// How a throwaway PostgreSQL server is set up. The default is fast and survives no crash of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether commits wait for the disk (`fsync`, `synchronous_commit` and `full_page_writes` as PostgreSQL ships them) and
    /// autovacuum runs: for benchmarks and crash tests.
    pub durable: bool,
    /// More server settings, as `(name, value)`; they win over ours.
    pub settings: Vec<(String, String)>,
}

/// What every server gets. Many tests with a pool each share one server. Dynamic shared memory is kept in files of the data
/// folder, so a killed server leaves nothing in `/dev/shm`; sockets in the file system are not used.
const ALWAYS: &[(&str, &str)] = &[
    ("unix_socket_directories", ""),
    ("max_connections", "300"),
    ("dynamic_shared_memory_type", "mmap"),
    ("logging_collector", "off"),
    ("log_destination", "stderr"),
];

const FAST: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("shared_buffers", "64MB"),
];

/// Said although these are the defaults, so that a distribution's own defaults make no difference.
const DURABLE: &[(&str, &str)] = &[
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("full_page_writes", "on"),
];

impl Options {
    /// Commits do not wait for the disk: for tests that lose the whole server with their data.
    pub fn fast() -> Self {
        Self::default()
    }

    /// Every acknowledged commit survives a crash.
    pub fn durable() -> Self {
        Self {
            durable: true,
            settings: Vec::new(),
        }
    }

    /// Adds a server setting, for example `("max_connections", "20")`.
    #[must_use]
    pub fn with_setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// All settings in the order in which they are given to the server, where the last of a name wins.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        let of_kind = if self.durable { DURABLE } else { FAST };
        let own = self
            .settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        ALWAYS
            .iter()
            .copied()
            .chain(of_kind.iter().copied())
            .chain(own)
    }
}
