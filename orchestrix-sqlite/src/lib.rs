//! orchestrix-sqlite
