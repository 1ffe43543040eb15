use super::*;
fn check() {}
