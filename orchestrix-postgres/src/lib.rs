//! orchestrix-postgres
