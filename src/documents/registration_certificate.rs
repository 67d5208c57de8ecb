//! 技术合同登记证明 as a PDF: one page with a QR code by which anyone can ask what it is worth. It claims no seal: it says that it
//! carries none. Content by 技术合同认定登记管理办法 (2000): number, name, parties, type, amounts, agency, date.
//!
//! What is printed is a *sheet*: the layout's whole data, as JSON, made once by [`sheet`] and kept with the certificate. [`render`]
//! must lay out every sheet that was ever kept, so a field that is added to it is one that old sheets lack.
//!
//! The number of the national system is not on it. It is reported after the confirmation, whenever that system gives it, so whether
//! a paper bore it would hang on the day of its printing; it is no part of what is certified here, and the register has it.

use qrcode::{EcLevel, QrCode, render::svg};
use serde_json::{Value, json};

use super::pdf::{Pdf, PdfError};
use crate::domain::{
    money::{Fen, grouped_yuan},
    time::{Date, Moment},
};

/// The layout.
const TEMPLATE: &str = include_str!("registration_certificate.typ");

/// All that a certificate tells of.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields of a contract, under their names there")]
pub struct Particulars {
    pub registration_number: String,
    pub project_name: String,
    pub contract_type: String,
    pub subtype: String,
    pub seller: String,
    pub seller_uscc: Option<String>,
    pub buyer: String,
    pub buyer_uscc: Option<String>,
    pub signed_on: Option<Date>,
    pub begins_on: Option<Date>,
    pub ends_on: Option<Date>,
    pub amount_fen: Fen,
    pub technology_amount_fen: Option<Fen>,
    pub confirmed_on: Date,
    pub agency: String,
    pub revision: i64,
    pub issued_at: Moment,
    pub code: String,
    /// What the QR code says.
    pub verify_url: String,
}

/// Lays a sheet out. The same sheet gives the same bytes, as long as the layout and the machine's fonts are the same.
///
/// # Errors
/// Where the machine has no Chinese font, or this is no sheet.
pub fn render(pdf: &Pdf, sheet: &Value, issued_at: Moment) -> Result<Vec<u8>, PdfError> {
    let text = |field: &str| {
        let text = sheet[field].as_str();
        text.ok_or_else(|| PdfError::Layout(format!("a sheet without {field}")))
    };
    let code = QrCode::with_error_correction_level(text("url")?, EcLevel::M)
        .map_err(|e| PdfError::Layout(format!("QR code: {e}")))?;
    // The quiet zone of four modules that ISO/IEC 18004 asks for is left by the layout's white frame and by this picture itself.
    let picture = code.render::<svg::Color<'_>>().quiet_zone(true).build();
    let title = format!("技术合同登记证明 {}", text("registration_number")?);
    let files = [("qr.svg", picture.into_bytes())];
    pdf.make(TEMPLATE, sheet, &files, &title, issued_at)
}

/// What is printed: everything that the layout is given but the QR code, which follows from `url`.
pub fn sheet(of: &Particulars) -> Value {
    let yuan = |fen: Fen| format!("{} 元", grouped_yuan(fen));
    json!({
        "registration_number": of.registration_number,
        "rows": rows(of),
        "amount": yuan(of.amount_fen),
        "technology_amount": of.technology_amount_fen.map_or_else(|| "未载明".to_owned(), yuan),
        "agency": of.agency,
        "confirmed_on": chinese(of.confirmed_on),
        "issued_on": chinese(of.issued_at.date()),
        "revision": of.revision,
        "code": grouped(&of.code),
        "url": of.verify_url,
    })
}

fn rows(of: &Particulars) -> Value {
    let party = |name: &str, uscc: &Option<String>| match uscc {
        Some(code) => format!("{name}（{code}）"),
        None => name.to_owned(),
    };
    let term = match (of.begins_on, of.ends_on) {
        (Some(from), Some(to)) => format!("{} 至 {}", chinese(from), chinese(to)),
        (Some(from), None) => format!("自 {} 起", chinese(from)),
        (None, Some(to)) => format!("至 {}", chinese(to)),
        (None, None) => "未载明".to_owned(),
    };
    let kind = match of.subtype.as_str() {
        "" => of.contract_type.clone(),
        subtype => format!("{}（{subtype}）", of.contract_type),
    };
    json!([
        ["合同名称", of.project_name],
        ["合同类别", kind],
        ["卖方", party(&of.seller, &of.seller_uscc)],
        ["买方", party(&of.buyer, &of.buyer_uscc)],
        ["签订日期", of.signed_on.map_or_else(|| "未载明".to_owned(), chinese)],
        ["合同期限", term],
    ])
}

fn chinese(day: Date) -> String {
    day.format("%Y年%-m月%-d日").to_string()
}

/// In fours, as people read it out.
fn grouped(code: &str) -> String {
    let digits: Vec<char> = code.chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|g| g.iter().collect()).collect();
    groups.join("-")
}
