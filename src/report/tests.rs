//! Tests of whole reports: the sample's, made-up years, and random registers against checks written apart from the sentences.

mod claims;
pub mod dice;
mod edges;
mod made_up;
mod published;
pub mod read;
