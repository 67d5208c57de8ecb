//! The workflow over REST.

mod life;
