//! The workflow over REST.

mod expert_rights;
mod experts;
mod life;
mod product;
mod races;
mod random;
mod refusals;
mod self_audits;
