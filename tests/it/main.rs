//! Every test that looks at the program from outside, in one binary.

mod api;
mod docs;
mod interchange;
mod layering;
mod statistics;
mod storage;
mod support;
mod workflow;
