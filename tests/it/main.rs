//! Every test that looks at the program from outside, in one binary.

mod api;
mod cli;
mod docs;
mod fixtures;
mod intake;
mod interchange;
mod layering;
mod mail;
mod statistics;
mod storage;
mod support;
mod web;
mod workflow;
