//! orchestrix-macros
