//! What every workbook has in common.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

/// Properties that do not say when the file was written: the same data give the same bytes.
///
/// # Errors
/// Of the writer.
pub(super) fn properties() -> Result<DocProperties, XlsxError> {
    Ok(DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?))
}

/// A workbook with those properties.
///
/// # Errors
/// Of the writer.
pub(super) fn workbook() -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties()?);
    Ok(workbook)
}
