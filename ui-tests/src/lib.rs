//! What the compiler says when the macros are used wrongly: see `cases/<macro>/{fail,pass}`.
