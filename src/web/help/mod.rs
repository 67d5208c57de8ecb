//! `/help`: the manual, as it is in `docs/`, for everyone. [`text`] reads it, [`pictures`] are its pictures.

mod pictures;
mod text;

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;

use self::text::{Manual, manual};
use super::{
    shell::{Shell, ok},
    visitor::visitor,
};

pub use pictures::show_help_picture;

/// The manual.
const MANUAL: &str = include_str!("../../../docs/用户手册.md");

/// Where it is.
pub const ADDRESS: &str = "/help";

/// What the manual says of the pages below an entry of the navigation.
const ABOUT: &[(&str, &str)] = &[
    ("/expert-reviews", "/help#四-专家"),
    ("/self-audits", "/help#五-自查"),
    ("/registrars", "/help#登记员证书和培训"),
    ("/trainings", "/help#登记员证书和培训"),
    ("/users", "/help#账号和登记机构"),
    ("/agencies", "/help#账号和登记机构"),
    ("/messages", "/help#消息"),
    ("/outbox", "/help#查看邮件"),
    ("/ledger", "/help#七-审计员"),
    ("/contracts", "/help#查找合同"),
    ("/contracts/new", "/help#录入一项合同"),
    ("/change-requests", "/help#变更与注销"),
    ("/statistics", "/help#六-统计员"),
    ("/imports", "/help#导入文件"),
];

/// Where the manual speaks of the pages below an entry of the navigation.
pub fn about(href: &str) -> &'static str {
    let found = ABOUT.iter().find(|(known, _)| *known == href);
    found.map_or(ADDRESS, |(_, place)| place)
}

static PAGE: LazyLock<Manual> = LazyLock::new(|| manual(MANUAL));

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    shell: Shell,
    manual: &'static Manual,
}

#[get("/help")]
pub async fn show_help(request: HttpRequest) -> HttpResponse {
    let shell = match visitor(&request).await {
        Ok(visitor) => visitor.shell("用户手册").at(ADDRESS),
        Err(_) => Shell::bare("用户手册"),
    };
    ok(&HelpPage { shell, manual: &PAGE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_that_pages_point_at_is_in_the_manual() {
        for (page, place) in ABOUT {
            let id = place.strip_prefix("/help#").unwrap();
            assert!(PAGE.headings.iter().any(|h| h.id == id), "{page}: {place}");
        }
    }
}
