//! Registration agencies: administrators add and change them, everyone who is logged in may look them up. Imports add agencies, too
//! (`imports::register`), by name and sometimes without a code. Changes made here are entered in the account ledger.

pub mod change;
pub mod create;
pub mod read;

mod fields;

pub use fields::AgencyInput;
