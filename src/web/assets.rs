//! Style sheets and scripts: parts of the program, under addresses that change with their content, so that browsers keep them for good.

use std::sync::LazyLock;

use actix_web::{HttpResponse, get, http::header, web};

use crate::domain::ledger::sha256_hex;

/// The style sheet, in the order in which its parts build on each other.
const STYLE: &str = concat!(
    include_str!("../../assets/tokens.css"),
    include_str!("../../assets/base.css"),
    include_str!("../../assets/frame.css"),
    include_str!("../../assets/forms.css"),
    include_str!("../../assets/tables.css"),
    include_str!("../../assets/contracts.css"),
    include_str!("../../assets/pages.css"),
    include_str!("../../assets/imports.css"),
    include_str!("../../assets/office.css"),
    include_str!("../../assets/entry.css"),
    include_str!("../../assets/statistics.css"),
    include_str!("../../assets/print.css"),
);

/// The script: each part looks for what it serves and leaves the rest alone.
const SCRIPT: &str = concat!(
    include_str!("../../assets/app.js"),
    include_str!("../../assets/imports.js"),
    include_str!("../../assets/attach.js"),
    include_str!("../../assets/keep.js"),
    include_str!("../../assets/parties.js"),
    include_str!("../../assets/entry.js"),
    include_str!("../../assets/rows.js"),
    include_str!("../../assets/choose.js"),
    include_str!("../../assets/people.js"),
    include_str!("../../assets/ticks.js"),
);

struct Asset {
    address: String,
    media_type: &'static str,
    text: &'static str,
}

static ASSETS: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    [
        ("style", "css", "text/css; charset=utf-8", STYLE),
        ("script", "js", "text/javascript; charset=utf-8", SCRIPT),
    ]
    .map(|(name, extension, media_type, text)| {
        let hash = sha256_hex(text.as_bytes());
        Asset {
            address: format!("/assets/{name}.{}.{extension}", hash.get(..12).unwrap_or_default()),
            media_type,
            text,
        }
    })
});

/// Address of the style sheet.
pub fn style() -> &'static str {
    &ASSETS[0].address
}

/// Address of the script.
pub fn script() -> &'static str {
    &ASSETS[1].address
}

#[get("/assets/{name}")]
pub async fn show_asset(name: web::Path<String>) -> HttpResponse {
    let wanted = ASSETS
        .iter()
        .find(|a| a.address.strip_prefix("/assets/") == Some(name.as_str()));
    match wanted {
        Some(asset) => HttpResponse::Ok()
            .content_type(asset.media_type)
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(asset.text),
        None => HttpResponse::NotFound().finish(),
    }
}
