//! The TCP proxy, between a client and a server that echoes.

mod cuts;
mod echo;
mod half_open;
mod lost_answers;
mod slow;
