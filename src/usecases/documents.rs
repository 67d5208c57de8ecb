//! Making documents away from the threads that answer requests.

use crate::{
    documents::pdf::{Pdf, PdfError},
    usecases::{Context, Error},
};

/// Runs `f`, which lays a document out, where it keeps nobody waiting.
///
/// # Errors
/// [`Error::Unavailable`] where the machine has no Chinese font: the operator can mend that, the caller cannot.
pub(super) async fn make<T: Send + 'static>(
    ctx: &Context,
    f: impl FnOnce(&Pdf) -> Result<T, PdfError> + Send + 'static,
) -> Result<T, Error> {
    let pdf = ctx.pdf.clone();
    let made = tokio::task::spawn_blocking(move || f(&pdf))
        .await
        .map_err(Error::internal)?;
    made.map_err(|error| match error {
        PdfError::NoFont => Error::Unavailable(error.to_string()),
        PdfError::Layout(_) => Error::internal(error),
    })
}
