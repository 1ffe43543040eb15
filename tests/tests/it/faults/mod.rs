//! The wrapper that makes stores fail.

mod app;
mod app_reads;
mod bank;
mod reads;
mod scripted;
mod seeded;
mod transparent;
