//! The wrapper that makes stores fail.

mod app;
mod scripted;
mod seeded;
mod transparent;
