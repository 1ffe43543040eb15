//! The TCP proxy, between a client and a server that echoes.

mod cuts;
mod echo;
mod lost_answers;
mod slow;
