//! Who someone is: log-in, sessions, passwords, accounts. One verb per file.
//!
//! Beside the verbs stand what they share: [`Keyring`] (the keys that sign access tokens; `key_file` keeps them on disk),
//! [`token`] (what an access token says), [`Passwords`] (hashing), `throttle` (the brake on guesses), `device` (browsers that are known),
//! `own_password` (asked for once more), [`password_policy`], [`PasswordStanding`] (whether a password is too old) and [`username`]. What administrators do with accounts
//! is in `users`; what happens to accounts is entered in the account ledger (`storage::account_ledger`).
//!
//! Absent: what someone may do (`domain::policy`), HTTP headers and cookies (`api`), the tables (`storage::{accounts, sessions}`).
//! Secrets are never logged, and never stored but as hashes; the signing keys' file is the one exception.

pub mod password_policy;
pub mod token;
pub mod username;

mod add_user;
mod authenticate;
pub(in crate::usecases) mod change_password;
mod device;
mod key_file;
mod keys;
mod login;
mod logout;
mod me;
pub(in crate::usecases) mod own_password;
mod page_session;
mod passwords;
mod refresh;
mod sessions;
mod standing;
pub(in crate::usecases) mod throttle;

#[cfg(test)]
mod tests;

pub use add_user::{NewUser, add_user};
pub use authenticate::{Caller, authenticate};
pub use change_password::change_password;
pub use device::DEVICE_SECONDS;
pub use key_file::KeyError;
pub use keys::Keyring;
pub use login::{Whence, login};
pub use logout::logout;
pub use me::{Me, MyAgency, MyCertificate, MyRole, me, show_user};
pub use page_session::{PageOpened, open_page_session, visit, was_page_session};
pub use passwords::Passwords;
pub use refresh::refresh;
pub use sessions::{SessionView, end_other_sessions, end_session, list_sessions};
pub use standing::PasswordStanding;
pub use throttle::network_of;
pub use token::Tokens;
