//! Work queues: what waits for whom, and handing one's work to someone else. What belongs to a queue is the store's filter
//! (`storage::queues`), which `GET /contracts?queue=` uses too.

mod count;
mod hand_over;
mod receivers;

pub use count::{Counted, MOST_COUNTED, counts, queue_of};
pub use hand_over::{HandOver, HandedOver, hand_over};
pub use receivers::receivers;

pub use crate::storage::queues::QueueOf;
