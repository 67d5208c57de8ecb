//! Pages for people: the same use cases as the API, no rule of its own. `routes` lists every page; a file per noun holds its handlers and
//! what its templates (`templates/`) are given.
//!
//! Beside them stands what pages share: [`visitor`] (who is there, by the cookie), [`posted`] (a form that was sent: its token, its
//! fields, what is wrong with them), [`field`] (a field of a form), [`table`] (a list), [`shell`] (what surrounds every page),
//! [`act`] (a page on which something is done), [`refusal`] (what is answered where there is no page), [`show`] (values in words),
//! [`assets`] (style sheets and scripts).
//!
//! Absent: rules, rights, SQL, JSON. A page offers what the use cases say the visitor may do; what is refused is refused by them. Every page
//! works without scripts; these only save steps.

mod act;
mod assets;
mod field;
mod posted;
mod records;
mod refusal;
mod routes;
mod shell;
mod show;
mod statistics;
mod table;
mod visitor;
mod ways_in;
mod workbench;

pub use refusal::unrouted;
pub use routes::routes;
