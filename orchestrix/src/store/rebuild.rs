//! Building a read model anew beside the one that is read.

use async_trait::async_trait;

use super::{Fence, GlobalPosition, ReadModelError};

/// A read model that is being built anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuild {
    /// Its name.
    pub read_model: String,
    /// The number of the build, which becomes that of the read model.
    pub build: u64,
    /// How far the new build has come.
    pub position: GlobalPosition,
}

impl Rebuild {
    /// The collection of a build's documents, which is also the name of its checkpoint while it is being built. The first
    /// build, 0, has the name of the read model.
    pub fn collection(read_model: &str, build: u64) -> String {
        match build {
            0 => read_model.to_owned(),
            build => format!("{read_model}~{build}"),
        }
    }

    /// The read model and the number of the build whose collection has this name; none where that is a read model's own. No
    /// read model's name ends in `~` and a number.
    ///
    /// ```
    /// use orchestrix::store::Rebuild;
    /// assert_eq!(Rebuild::of_collection("total@1~7"), Some(("total@1", 7)));
    /// assert_eq!(Rebuild::of_collection("total@1"), None);
    /// ```
    pub fn of_collection(collection: &str) -> Option<(&str, u64)> {
        let (read_model, digits) = collection.rsplit_once('~')?;
        let is_number =
            !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
        let build = digits.parse().ok().filter(|_| is_number)?;
        Some((read_model, build))
    }
}

/// What is to be done about read models, by whichever node finds the time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadModelUpkeep {
    /// What is being built anew, by name.
    pub rebuilds: Vec<Rebuild>,
    /// Collections that nobody reads any more, and whose documents are to be deleted.
    pub dropped: Vec<String>,
}

/// Puts a finished build in the place of the one that is read.
#[derive(Debug, Clone)]
pub struct SwitchBuild {
    /// Of which read model.
    pub read_model: String,
    /// Which build.
    pub build: u64,
    /// Where its checkpoint is.
    pub at: GlobalPosition,
    /// The lease that it was built under.
    pub fence: Option<Fence>,
}

/// Builds read models anew. Documents are asked for by the name of their read model, whichever build that has: every call of
/// [`ReadModelStore`](super::ReadModelStore) with a collection means the current build of the read model of that name.
#[async_trait]
pub trait RebuildStore: Send + Sync + 'static {
    /// The build that is read now; 0 for one that was never built anew.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn read_model_build(&self, read_model: &str) -> Result<u64, ReadModelError>;

    /// Asks for a read model to be built anew, and tells the number of the build. While one is under way, it is that.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn begin_rebuild(&self, read_model: &str) -> Result<u64, ReadModelError>;

    /// What is to be done.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError>;

    /// In one transaction: from now on the build's documents are read in place of the old ones, which are dropped; its
    /// checkpoint and its dead letters are the read model's. Who still has documents of the old build in hand cannot commit
    /// them: [`CheckpointError::Rebuilt`](super::CheckpointError).
    ///
    /// Says no, and changes nothing, while the old build is further than the new one.
    ///
    /// # Errors
    /// - [`ReadModelError::NotBuilding`] when no such build is under way.
    /// - [`CheckpointError::Fenced`](super::CheckpointError) when its lease has ended, or was passed on.
    /// - [`CheckpointError::Moved`](super::CheckpointError) when its checkpoint is elsewhere.
    async fn switch_build(&self, switch: SwitchBuild) -> Result<bool, ReadModelError>;

    /// Gives a read model up, or a build that is under way, by the name of its collection: its checkpoint and its dead
    /// letters are deleted, its documents dropped. A read model that comes back later begins anew. With a read model, its
    /// build that is under way is given up, too. Does nothing to a build that is not under way: it may be the read model by
    /// now.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn drop_read_model(&self, collection: &str) -> Result<(), ReadModelError>;

    /// Deletes at most `limit` documents of a dropped collection, and of what it kept of the progress of streams, and says
    /// how many; once that is none, it is forgotten.
    /// Does nothing to one that was not dropped.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn purge_dropped(&self, collection: &str, limit: usize) -> Result<u64, ReadModelError>;

    /// The names of read models that begin with `prefix` and have come further than the start of the log, sorted.
    ///
    /// # Errors
    /// [`ReadModelError`].
    async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError>;
}
