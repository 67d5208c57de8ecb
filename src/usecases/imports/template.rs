//! The empty form of a kind of file.

use std::io::Cursor;

use crate::{
    documents::template_xlsx,
    domain::interchange::Kind,
    usecases::{Context, Error, attachments::waiting},
};

/// The form of a kind as XLSX.
///
/// # Errors
/// Where it cannot be put together.
pub async fn template(ctx: &Context, kind: Kind) -> Result<Vec<u8>, Error> {
    let catalogue = ctx.catalogue.clone();
    waiting(move || {
        let mut file = Cursor::new(Vec::new());
        template_xlsx::write(kind, &catalogue, &mut file).map_err(Error::internal)?;
        Ok::<_, Error>(file.into_inner())
    })
    .await
}
