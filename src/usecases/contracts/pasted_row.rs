//! A row of the register, pasted from a spreadsheet, as the beginning of a draft.

use crate::{
    domain::{
        account::Actor,
        checks::{tidy, well_formed},
        contract::Content,
        draft::sound_part,
        error::FieldError,
        policy,
    },
    intake::pasted::pasted,
    usecases::{Context, Error},
};

pub use crate::intake::CellError;

/// What a pasted row says.
#[derive(Clone)]
pub struct PastedRow {
    /// What a draft can begin with: wrong cells are left out.
    pub content: Content,
    /// Cells that cannot be read.
    pub cells: Vec<CellError>,
    /// Values that can be read, but not be kept.
    pub values: Vec<FieldError>,
}

/// Reads a pasted row for whoever may enter a contract. Nothing is written.
///
/// # Errors
/// Who is no registrar of an agency; at `/row`, what is no row.
pub fn read_pasted(ctx: &Context, actor: &Actor, text: &str) -> Result<PastedRow, Error> {
    policy::decide_create(actor)?;
    let (mut content, cells) =
        pasted(text, &ctx.catalogue).map_err(|e| Error::invalid("/row", e.code, format!("{}。", e.detail)))?;
    tidy(&mut content);
    let values = well_formed(&content, &ctx.catalogue);
    Ok(PastedRow {
        content: sound_part(content, &Content::default(), &[], &ctx.catalogue),
        cells,
        values,
    })
}
