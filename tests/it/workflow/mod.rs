//! The workflow over REST.

mod life;
mod product;
mod races;
mod random;
mod refusals;
mod self_audits;
