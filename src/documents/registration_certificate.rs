//! 技术合同登记证明 as a PDF: one page with a QR code by which anyone can ask what it is worth. It claims no seal: it says that it
//! carries none. Content by 技术合同认定登记管理办法 (2000): number, name, parties, type, amounts, agency, date.

use qrcode::{EcLevel, QrCode, render::svg};
use serde_json::{Value, json};

use super::pdf::{Pdf, PdfError};
use crate::domain::{
    money::{Fen, format_yuan},
    time::{Date, Moment},
};

/// The layout.
const TEMPLATE: &str = include_str!("registration_certificate.typ");

/// All that stands on a certificate.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields of a contract, under their names there")]
pub struct Sheet {
    pub registration_number: String,
    pub national_number: Option<String>,
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

/// Lays a certificate out. The same sheet gives the same bytes.
///
/// # Errors
/// Where the machine has no Chinese font.
pub fn render(pdf: &Pdf, sheet: &Sheet) -> Result<Vec<u8>, PdfError> {
    let code = QrCode::with_error_correction_level(&sheet.verify_url, EcLevel::M)
        .map_err(|e| PdfError::Layout(format!("QR code: {e}")))?;
    // The quiet zone of four modules that ISO/IEC 18004 asks for is left by the layout's white frame and by this picture itself.
    let picture = code.render::<svg::Color<'_>>().quiet_zone(true).build();
    let title = format!("技术合同登记证明 {}", sheet.registration_number);
    let data = data(sheet);
    pdf.make(
        TEMPLATE,
        &data,
        &[("qr.svg", picture.into_bytes())],
        &title,
        sheet.issued_at,
    )
}

fn data(sheet: &Sheet) -> Value {
    let yuan = |fen: Fen| format!("{} 元", format_yuan(fen));
    json!({
        "registration_number": sheet.registration_number,
        "rows": rows(sheet),
        "amount": yuan(sheet.amount_fen),
        "technology_amount": sheet.technology_amount_fen.map_or_else(|| "未载明".to_owned(), yuan),
        "agency": sheet.agency,
        "confirmed_on": chinese(sheet.confirmed_on),
        "issued_on": chinese(sheet.issued_at.date()),
        "revision": sheet.revision,
        "code": grouped(&sheet.code),
        "url": sheet.verify_url,
    })
}

fn rows(sheet: &Sheet) -> Value {
    let party = |name: &str, uscc: &Option<String>| match uscc {
        Some(code) => format!("{name}（{code}）"),
        None => name.to_owned(),
    };
    let term = match (sheet.begins_on, sheet.ends_on) {
        (Some(from), Some(to)) => format!("{} 至 {}", chinese(from), chinese(to)),
        (Some(from), None) => format!("自 {} 起", chinese(from)),
        (None, Some(to)) => format!("至 {}", chinese(to)),
        (None, None) => "未载明".to_owned(),
    };
    let kind = match sheet.subtype.as_str() {
        "" => sheet.contract_type.clone(),
        subtype => format!("{}（{subtype}）", sheet.contract_type),
    };
    let mut rows = vec![
        json!(["合同名称", sheet.project_name]),
        json!(["合同类别", kind]),
        json!(["卖方", party(&sheet.seller, &sheet.seller_uscc)]),
        json!(["买方", party(&sheet.buyer, &sheet.buyer_uscc)]),
        json!(["签订日期", sheet.signed_on.map_or_else(|| "未载明".to_owned(), chinese)]),
        json!(["合同期限", term]),
    ];
    if let Some(number) = &sheet.national_number {
        rows.push(json!(["全国系统编号", number]));
    }
    Value::Array(rows)
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
