//! The workflow over REST.

mod changes;
mod clocks;
mod deadlines;
mod expert_rights;
mod experts;
mod life;
mod locked;
mod messages;
mod product;
mod races;
mod random;
mod refusals;
mod restored;
mod self_audits;
mod work_queues;
mod year;
