//! Making documents away from the threads that answer requests.

use crate::{
    documents::pdf::{Pdf, PdfError, named},
    usecases::{Context, Error, errand::in_thread},
};

/// Runs `f`, which lays a document out, where it keeps nobody waiting.
///
/// # Errors
/// [`Error::Unavailable`] where the machine has no Chinese font: the operator can mend that, the caller cannot.
pub(super) async fn make<T, E>(ctx: &Context, f: impl FnOnce(&Pdf) -> Result<T, E> + Send + 'static) -> Result<T, Error>
where
    T: Send + 'static,
    E: Into<Error> + Send + 'static,
{
    let pdf = ctx.pdf.clone();
    ctx.heavy.run(in_thread(move || f(&pdf).map_err(Into::into))).await
}

impl From<PdfError> for Error {
    fn from(error: PdfError) -> Self {
        match error {
            PdfError::NoFont => Self::Unavailable(error.to_string()),
            PdfError::NoGlyph(characters) => Self::Conflict(format!(
                "其中的字符 {} 在本机字体中没有，打印出来会是空框；请管理员安装含这些字的字体（见运维手册 documents.fonts_folder）后再试。",
                named(&characters)
            )),
            PdfError::Layout(_) => Self::internal(error),
        }
    }
}
