//! Paragraphs that staff add to a year's report.

use diesel::prelude::*;

use super::{Db, StoreError, binding::rows, db::MultiBackend, schema::report_paragraphs};
use crate::domain::time::Moment;

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportParagraph {
    /// Key in the store; 0 where it has none yet.
    pub id: i64,
    /// The report's year.
    pub year: i32,
    /// Id of the chapter at whose end it stands.
    pub chapter: String,
    /// Its place among those of the chapter, from the lowest up.
    pub position: i64,
    /// Its words, figures in double braces.
    pub text: String,
    /// When it was added.
    pub created_at: Moment,
    /// By whom.
    pub created_by: String,
    /// When it was last changed.
    pub changed_at: Moment,
    /// By whom.
    pub changed_by: String,
    /// What a change must name: the sequence of the ledger's entry that wrote it.
    pub version: i64,
}

type Row = (i64, i32, String, i64, String, i64, String, i64, String, i64);

fn paragraph(
    (id, year, chapter, position, text, created_at, created_by, changed_at, changed_by, version): Row,
) -> ReportParagraph {
    ReportParagraph {
        id,
        year,
        chapter,
        position,
        text,
        created_at: Moment::from_micros(created_at),
        created_by,
        changed_at: Moment::from_micros(changed_at),
        changed_by,
        version,
    }
}

/// The paragraphs of a year, by key; those after a key and up to `limit`, where these are given.
///
/// # Errors
/// Where the store does not answer.
pub fn of_year(
    db: &mut Db,
    year: i32,
    after: Option<i64>,
    limit: Option<i64>,
) -> Result<Vec<ReportParagraph>, StoreError> {
    let mut query = report_paragraphs::table
        .filter(report_paragraphs::year.eq(year))
        .filter(report_paragraphs::id.gt(after.unwrap_or(0)))
        .order(report_paragraphs::id)
        .into_boxed::<MultiBackend>();
    if let Some(limit) = limit {
        query = query.limit(limit);
    }
    Ok(query.load::<Row>(db)?.into_iter().map(paragraph).collect())
}

/// One paragraph of a year.
///
/// # Errors
/// Where the store does not answer.
pub fn find(db: &mut Db, year: i32, id: i64) -> Result<Option<ReportParagraph>, StoreError> {
    let row = report_paragraphs::table
        .filter(report_paragraphs::year.eq(year))
        .filter(report_paragraphs::id.eq(id))
        .get_result::<Row>(db)
        .optional()?;
    Ok(row.map(paragraph))
}

/// Adds a paragraph; answers its key.
///
/// # Errors
/// Where the store does not answer.
pub fn insert(db: &mut Db, new: &ReportParagraph) -> Result<i64, StoreError> {
    let id = diesel::insert_into(report_paragraphs::table)
        .values((
            report_paragraphs::year.eq(new.year),
            report_paragraphs::chapter.eq(&new.chapter),
            report_paragraphs::position.eq(new.position),
            report_paragraphs::body.eq(&new.text),
            report_paragraphs::created_at.eq(new.created_at.micros()),
            report_paragraphs::created_by.eq(&new.created_by),
            report_paragraphs::changed_at.eq(new.changed_at.micros()),
            report_paragraphs::changed_by.eq(&new.changed_by),
            report_paragraphs::version.eq(new.version),
        ))
        .returning(report_paragraphs::id)
        .get_result(db)?;
    rows::report_paragraphs::note(id);
    Ok(id)
}

/// Writes chapter, place, words, and who changed them.
///
/// # Errors
/// Where the store does not answer.
pub fn update(db: &mut Db, changed: &ReportParagraph) -> Result<(), StoreError> {
    rows::report_paragraphs::note(changed.id);
    diesel::update(report_paragraphs::table.filter(report_paragraphs::id.eq(changed.id)))
        .set((
            report_paragraphs::chapter.eq(&changed.chapter),
            report_paragraphs::position.eq(changed.position),
            report_paragraphs::body.eq(&changed.text),
            report_paragraphs::changed_at.eq(changed.changed_at.micros()),
            report_paragraphs::changed_by.eq(&changed.changed_by),
            report_paragraphs::version.eq(changed.version),
        ))
        .execute(db)?;
    Ok(())
}

/// Takes a paragraph away.
///
/// # Errors
/// Where the store does not answer.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    rows::report_paragraphs::note(id);
    diesel::delete(report_paragraphs::table.filter(report_paragraphs::id.eq(id))).execute(db)?;
    Ok(())
}
