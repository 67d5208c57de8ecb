//! `/help`: the manual, as it is in `docs/`, for everyone. What the manual writes is text; HTML in it is shown, never run.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::{
    shell::{Shell, ok},
    visitor::visitor,
};

/// The manual.
const MANUAL: &str = include_str!("../../docs/用户手册.md");

/// Where it is.
pub const ADDRESS: &str = "/help";

/// What the manual says of the pages below an entry of the navigation.
const ABOUT: &[(&str, &str)] = &[
    ("/expert-reviews", "/help#网页-专家论证"),
    ("/self-audits", "/help#网页-自查"),
    ("/registrars", "/help#网页-登记员证书与培训"),
    ("/trainings", "/help#网页-登记员证书与培训"),
    ("/users", "/help#网页-账号与登记机构"),
    ("/agencies", "/help#网页-账号与登记机构"),
    ("/messages", "/help#网页-消息-邮件-登记账"),
    ("/outbox", "/help#网页-消息-邮件-登记账"),
    ("/ledger", "/help#网页-消息-邮件-登记账"),
    ("/contracts", "/help#二-流程与状态"),
    ("/contracts/new", "/help#二-流程与状态"),
    ("/change-requests", "/help#变更与注销"),
    ("/statistics", "/help#六-年度统计"),
    ("/imports", "/help#四-导入步骤"),
];

/// Where the manual speaks of the pages below an entry of the navigation.
pub fn about(href: &str) -> &'static str {
    let found = ABOUT.iter().find(|(known, _)| *known == href);
    found.map_or(ADDRESS, |(_, place)| place)
}

/// A heading, for the table of contents.
struct Heading {
    id: String,
    text: String,
    deeper: bool,
}

struct Manual {
    headings: Vec<Heading>,
    html: String,
}

static PAGE: LazyLock<Manual> = LazyLock::new(|| manual(MANUAL));

/// The id of a heading: its letters and digits.
fn id_of(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    words.join("-")
}

/// Whether a link of the manual leads anywhere from a page: to another place of the manual, or to an address.
fn leads_somewhere(address: &str) -> bool {
    ["#", "/", "http://", "https://"]
        .iter()
        .any(|start| address.starts_with(start))
}

fn manual(text: &str) -> Manual {
    let mut headings: Vec<Heading> = Vec::new();
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut links: Vec<bool> = Vec::new();
    let mut titled = false;
    let mut heading: Option<(HeadingLevel, usize)> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            // The page has its title already.
            Event::Start(Tag::Heading {
                level: HeadingLevel::H1,
                ..
            }) if !titled => {
                heading = Some((HeadingLevel::H1, events.len()));
            }
            Event::Start(Tag::Heading { level, .. }) => {
                heading = Some((level, events.len()));
            }
            Event::End(TagEnd::Heading(_)) => {
                let Some((level, start)) = heading.take() else { continue };
                let inner: Vec<Event<'_>> = events.drain(start..).collect();
                if level == HeadingLevel::H1 && !titled {
                    titled = true;
                    continue;
                }
                let words: String = inner
                    .iter()
                    .filter_map(|e| match e {
                        Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
                        _ => None,
                    })
                    .collect();
                let mut id = id_of(&words);
                if headings.iter().any(|h| h.id == id) {
                    id = format!("{id}-{}", headings.len());
                }
                headings.push(Heading {
                    id: id.clone(),
                    text: words,
                    deeper: level > HeadingLevel::H2,
                });
                events.push(Event::Start(Tag::Heading {
                    level,
                    id: Some(CowStr::from(id)),
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
                events.extend(inner);
                events.push(Event::End(TagEnd::Heading(level)));
            }
            Event::Html(text) | Event::InlineHtml(text) => events.push(Event::Text(text)),
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                let leads = leads_somewhere(dest_url);
                links.push(leads);
                if leads {
                    events.push(event);
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop() == Some(true) {
                    events.push(event);
                }
            }
            // Pictures are in the document's folder, not here; their words are.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Start(Tag::Table(_)) => {
                events.push(Event::Html("<div class=\"scroll\" tabindex=\"0\">".into()));
                events.push(event);
            }
            Event::End(TagEnd::Table) => {
                events.push(event);
                events.push(Event::Html("</div>".into()));
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented)) => {
                events.push(Event::Html("<pre tabindex=\"0\"><code>".into()));
            }
            Event::End(TagEnd::CodeBlock) => events.push(Event::Html("</code></pre>".into())),
            other => events.push(other),
        }
    }
    let mut page = String::with_capacity(text.len() * 2);
    html::push_html(&mut page, events.into_iter());
    Manual { headings, html: page }
}

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
    fn html_in_the_manual_is_shown_and_never_run() {
        let page = manual(
            "# 手册\n\n## 一、<b>甲</b>\n\n<script>alert(1)</script>\n\n[x](API.md) [y](#一) [z](javascript:alert(1))\n\n`<i>`",
        );
        assert!(
            !page.html.contains("<script") && !page.html.contains("<b>") && !page.html.contains("<i>"),
            "{}",
            page.html
        );
        assert!(page.html.contains("&lt;script&gt;"), "{}", page.html);
        assert!(
            page.html.contains("href=\"#%E4%B8%80\"") || page.html.contains("href=\"#一\""),
            "{}",
            page.html
        );
        assert!(
            !page.html.contains("API.md") && !page.html.contains("javascript"),
            "{}",
            page.html
        );
    }

    #[test]
    fn every_place_that_pages_point_at_is_in_the_manual() {
        for (page, place) in ABOUT {
            let id = place.strip_prefix("/help#").unwrap();
            assert!(PAGE.headings.iter().any(|h| h.id == id), "{page}: {place}");
        }
    }
}
