//! The program as a process: arguments, exit codes, streams.

mod commands;
pub mod serve;
mod settings;
mod stores;
