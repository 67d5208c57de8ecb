//! Tests of the crate's rooms together.

mod interchange;
