//! The manual's pictures, which the tests take (`tests/it/web/browser_manual.rs`): parts of the program, under addresses that change with
//! their content, so that browsers keep them for good.

use std::sync::LazyLock;

use actix_web::{HttpResponse, get, http::header, web};

use crate::domain::ledger::sha256_hex;

include!(concat!(env!("OUT_DIR"), "/pictures.rs"));

struct Picture {
    /// As the manual names it.
    path: String,
    /// Last part of its address.
    file: String,
    size: (u32, u32),
    content: &'static [u8],
}

static ALL: LazyLock<Vec<Picture>> = LazyLock::new(|| PICTURES.iter().filter_map(picture).collect());

fn picture((name, content): &(&str, &'static [u8])) -> Option<Picture> {
    let hash = sha256_hex(content);
    Some(Picture {
        path: format!("pictures/{name}.png"),
        file: format!("{name}.{}.png", hash.get(..12)?),
        size: size_of(content)?,
        content,
    })
}

/// Width and height, as a PNG's head has them.
fn size_of(content: &[u8]) -> Option<(u32, u32)> {
    if !content.starts_with(b"\x89PNG\r\n\x1a\n") {
        return None;
    }
    let number = |at: usize| Some(u32::from_be_bytes(content.get(at..at + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?))
}

fn escaped(words: &str) -> String {
    words
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A picture of the manual, leading to itself in full size; none where there is no such picture.
pub(super) fn shown(path: &str, words: &str) -> Option<String> {
    let picture = ALL.iter().find(|p| p.path == path)?;
    let (address, (width, height)) = (format!("/help/{}", picture.file), picture.size);
    let words = escaped(words);
    Some(format!(
        "<a class=\"shot\" href=\"{address}\"><img src=\"{address}\" alt=\"{words}\" width=\"{width}\" height=\"{height}\" loading=\"lazy\"></a>"
    ))
}

#[get("/help/{picture}")]
pub async fn show_help_picture(file: web::Path<String>) -> HttpResponse {
    match ALL.iter().find(|p| p.file == *file) {
        Some(picture) => HttpResponse::Ok()
            .content_type("image/png")
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(picture.content),
        None => HttpResponse::NotFound().finish(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_of_the_folder_has_a_size_and_words_stay_words() {
        assert_eq!(ALL.len(), PICTURES.len());
        assert!(ALL.iter().all(|p| p.size.0 > 100 && p.size.1 > 50));
        let first = &ALL[0];
        let shown = shown(&first.path, "<script>\"&").unwrap();
        assert!(
            shown.contains("alt=\"&lt;script&gt;&quot;&amp;\"") && shown.contains(&format!("/help/{}", first.file)),
            "{shown}"
        );
        assert_eq!(super::shown("pictures/../secret.png", ""), None);
        assert_eq!(size_of(b"\x89PNG\r\n\x1a\n"), None);
    }
}
