//! The workflow over REST.

mod deadlines;
mod expert_rights;
mod experts;
mod life;
mod product;
mod races;
mod random;
mod refusals;
mod work_queues;
