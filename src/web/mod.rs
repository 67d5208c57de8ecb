//! Pages for people: the same use cases as the API, no rule of its own. `routes` lists every page; a file per noun holds its handlers and
//! what its templates (`templates/`) are given.
//!
//! Beside them stands what pages share: [`visitor`] (who is there, by the cookie), [`posted`] (a form that was sent: its token, its
//! fields, what is wrong with them), [`field`] (a field of a form), [`people`] (a field for somebody), [`numbers`] (one for a contract's number), [`table`] (a list), [`shell`] (what surrounds every page),
//! [`act`] (a page on which something is done; [`acted`]: what is answered then), [`sheet`] (a page that shows, with what may be done from it), [`refusal`] (what is answered where there is no page), [`show`] (values in words), [`contract_words`] (the fields of a contract),
//! [`assets`] (style sheets and scripts).
//!
//! Absent: rules, rights, SQL, JSON. A page offers what the use cases say the visitor may do; what is refused is refused by them. Every page
//! works without scripts; these only save steps.

mod act;
mod acted;
mod again;
mod agencies;
mod assets;
mod change_requests;
mod contract_facts;
mod contract_words;
mod contracts;
mod cookies;
mod documentation;
mod done;
mod entry;
mod expert_reviews;
mod field;
mod help;
mod imports;
mod kept;
mod key_page;
mod ledger;
mod ledger_words;
mod messages;
mod numbers;
mod outbox;
mod people;
mod posted;
mod records;
mod refill_page;
mod refusal;
mod registrars;
mod routes;
mod self_audits;
mod sessions;
mod sheet;
mod shell;
mod show;
mod standing_words;
mod statistics;
mod table;
mod tour;
mod trainings;
mod users;
mod verify;
mod visitor;
mod ways_in;
mod workbench;

pub use again::with_what_was_typed;
pub use documentation::documentation_for_people;
pub use refusal::{Refusal, unrouted, with_way_around};
pub use routes::routes;
