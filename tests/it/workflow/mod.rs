//! The workflow over REST.

mod changes;
mod expert_rights;
mod experts;
mod life;
mod messages;
mod product;
mod races;
mod random;
mod refusals;
mod restored;
