//! Accounts from end to end over a store of their own; time stands until a test moves it.

mod support;

mod accounts;
mod guesses;
mod keys;
mod sessions;
mod tokens;
