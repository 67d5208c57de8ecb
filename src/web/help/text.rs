//! From the manual's Markdown to the page: its headings for the table of contents, its text as HTML in which nothing of the document runs.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::pictures;

/// A heading, for the table of contents.
pub(super) struct Heading {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) deeper: bool,
}

pub(super) struct Manual {
    pub(super) headings: Vec<Heading>,
    pub(super) html: String,
}

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

/// The document as far as it was read.
#[derive(Default)]
struct Reader<'a> {
    headings: Vec<Heading>,
    events: Vec<Event<'a>>,
    /// Of the links that are open: whether each leads somewhere.
    links: Vec<bool>,
    /// Level of the heading that is open, and where its words begin.
    heading: Option<(HeadingLevel, usize)>,
    /// Path of the picture that is open, and its words.
    picture: Option<(String, String)>,
    titled: bool,
}

impl<'a> Reader<'a> {
    fn read(&mut self, event: Event<'a>) {
        match event {
            Event::Text(words) | Event::Code(words) if self.picture.is_some() => {
                if let Some((_, said)) = &mut self.picture {
                    said.push_str(&words);
                }
            }
            Event::Start(Tag::Image { dest_url, .. }) => self.picture = Some((dest_url.into_string(), String::new())),
            Event::End(TagEnd::Image) => self.end_picture(),
            Event::Start(Tag::Heading { level, .. }) => self.heading = Some((level, self.events.len())),
            Event::End(TagEnd::Heading(_)) => self.end_heading(),
            Event::Html(text) | Event::InlineHtml(text) => self.events.push(Event::Text(text)),
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                let leads = leads_somewhere(dest_url);
                self.links.push(leads);
                if leads {
                    self.events.push(event);
                }
            }
            Event::End(TagEnd::Link) => {
                if self.links.pop() == Some(true) {
                    self.events.push(event);
                }
            }
            Event::Start(Tag::Table(_)) => {
                self.own("<div class=\"scroll\" tabindex=\"0\">");
                self.events.push(event);
            }
            Event::End(TagEnd::Table) => {
                self.events.push(event);
                self.own("</div>");
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented)) => {
                self.own("<pre tabindex=\"0\"><code>");
            }
            Event::End(TagEnd::CodeBlock) => self.own("</code></pre>"),
            other => self.events.push(other),
        }
    }

    /// Markup of ours.
    fn own(&mut self, markup: &'static str) {
        self.events.push(Event::Html(markup.into()));
    }

    /// A picture that is part of the program; of any other, its words.
    fn end_picture(&mut self) {
        let Some((path, words)) = self.picture.take() else {
            return;
        };
        self.events.push(match pictures::shown(&path, &words) {
            Some(markup) => Event::InlineHtml(markup.into()),
            None => Event::Text(words.into()),
        });
    }

    fn end_heading(&mut self) {
        let Some((level, start)) = self.heading.take() else {
            return;
        };
        let inner: Vec<Event<'a>> = self.events.drain(start..).collect();
        // The page has its title already.
        if level == HeadingLevel::H1 && !self.titled {
            self.titled = true;
            return;
        }
        let words: String = inner
            .iter()
            .filter_map(|e| match e {
                Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
                _ => None,
            })
            .collect();
        let mut id = id_of(&words);
        if self.headings.iter().any(|h| h.id == id) {
            id = format!("{id}-{}", self.headings.len());
        }
        self.headings.push(Heading {
            id: id.clone(),
            text: words,
            deeper: level > HeadingLevel::H2,
        });
        self.events.push(Event::Start(Tag::Heading {
            level,
            id: Some(CowStr::from(id)),
            classes: Vec::new(),
            attrs: Vec::new(),
        }));
        self.events.extend(inner);
        self.events.push(Event::End(TagEnd::Heading(level)));
    }
}

pub(super) fn manual(text: &str) -> Manual {
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        reader.read(event);
    }
    let mut page = String::with_capacity(text.len() * 2);
    html::push_html(&mut page, reader.events.into_iter());
    Manual {
        headings: reader.headings,
        html: page,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_in_the_manual_is_shown_and_never_run() {
        let page = manual(
            "# 手册\n\n## 一、<b>甲</b>\n\n<script>alert(1)</script>\n\n[x](API.md) [y](#一) [z](javascript:alert(1))\n\n`<i>` ![<u>图](pictures/none.png)",
        );
        assert!(
            ["<script", "<b>", "<i>", "<u>", "<img"]
                .iter()
                .all(|tag| !page.html.contains(tag)),
            "{}",
            page.html
        );
        assert!(
            page.html.contains("&lt;script&gt;") && page.html.contains("&lt;u&gt;图"),
            "{}",
            page.html
        );
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
}
