//! The program as a process: arguments, exit codes, streams.

mod commands;
mod serve;
mod settings;
mod stores;
