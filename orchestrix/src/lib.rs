//! orchestrix
