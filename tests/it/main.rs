//! Every test that looks at the program from outside, in one binary.

mod cli;
mod intake;
mod interchange;
mod statistics;
mod support;
mod workflow;
