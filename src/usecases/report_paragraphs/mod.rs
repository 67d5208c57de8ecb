//! Paragraphs that staff add to a year's report, one verb per file. Statisticians write them; whoever may read statistics reads
//! them. A number typed into one that no figure stands behind is told with it, and in the report.

mod add;
mod change;
mod list;
mod preview;
mod read;
mod remove;
mod text;

pub use add::add;
pub use change::change;
pub use list::{all, list};
pub use preview::{Said, Span, preview};
pub use read::read;
pub use remove::remove;
pub use text::{NewParagraph, ParagraphView};

use serde_json::json;

use crate::{
    domain::{
        account::{Actor, Role},
        ledger::Change,
        policy::Denial,
        time::Moment,
    },
    storage::{Db, report_paragraphs::ReportParagraph},
    usecases::{Error, entry},
};

/// Years that have a report; others have none to write in.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

pub use crate::report::{CHAPTERS, Typed, typed_numbers};

/// Lets statisticians write.
///
/// # Errors
/// [`Error::Forbidden`] for everyone else.
pub fn may_write(actor: &Actor) -> Result<(), Error> {
    if actor.has(Role::Statistician) {
        Ok(())
    } else {
        Err(Error::Forbidden(Denial::Role))
    }
}

/// Enters what became of a paragraph.
fn enter(
    db: &mut Db,
    actor: &Actor,
    action: &str,
    (before, after): (Option<&ReportParagraph>, Option<&ReportParagraph>),
    at: Moment,
) -> Result<(), Error> {
    let told = |paragraph: Option<&ReportParagraph>| {
        paragraph.map_or(
            json!(null),
            |p| json!({"year": p.year, "chapter": p.chapter, "position": p.position, "text": p.text}),
        )
    };
    let id = after.or(before).map_or(0, |paragraph| paragraph.id);
    let change = Change {
        pointer: format!("/report_paragraphs/{id}"),
        from: told(before),
        to: told(after),
    };
    entry::enter(db, (actor, Role::Statistician), action, None, vec![change], at)
}
