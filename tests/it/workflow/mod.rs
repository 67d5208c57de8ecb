//! The workflow over REST.

mod deadlines;
mod life;
mod product;
mod races;
mod random;
mod refusals;
mod work_queues;
