//! Steps of parsers, counted in tests: what a text costs grows with its length and no faster, whatever the machine is doing. Outside
//! tests nothing is counted.

/// Notes that a parser has looked at `n` more characters, cells or statements.
#[cfg(not(test))]
#[inline(always)]
pub const fn tick(_n: usize) {}

#[cfg(test)]
pub use counted::{of, tick};

#[cfg(test)]
mod counted {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    /// Notes that a parser has looked at `n` more characters, cells or statements.
    pub fn tick(n: usize) {
        STEPS.with(|steps| steps.set(steps.get() + n as u64));
    }

    /// The steps that `f` takes in this thread.
    pub fn of<T>(f: impl FnOnce() -> T) -> u64 {
        let before = STEPS.with(Cell::get);
        drop(f());
        STEPS.with(Cell::get) - before
    }
}
