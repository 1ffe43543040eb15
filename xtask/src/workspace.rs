//! Where the workspace and its build results are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    // Cargo says where this package is now; it may have been moved since it was compiled.
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or(env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package.parent().map_or(package.clone(), Path::to_owned)
}

/// The folder that cargo builds into.
pub(crate) fn target_folder() -> PathBuf {
    // A relative folder of this variable is relative to where cargo was called; the tasks call it in the root.
    root().join(std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from))
}

/// The cargo that runs this task, to be called in the workspace's root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or(OsString::from("cargo")));
    command.current_dir(root());
    command
}
