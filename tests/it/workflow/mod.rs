//! The workflow over REST.

mod life;
mod product;
