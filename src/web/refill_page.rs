//! A page that was made, with other values in one of its forms.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
};

use lol_html::{
    RewriteStrSettings, element,
    html_content::{ContentType, Element},
    rewrite_str,
};

use super::posted::Typed;
use crate::{http::address::own_address, usecases::Error};

const NOTICE: &str = "以下是登录失效前填写的内容，尚未提交。请核对后提交。";

/// What stands where, on the way through a page.
struct Filling<'a> {
    /// Path that the form is sent to.
    path: &'a str,
    /// Values by name, in the order in which they were sent; what was put into its field is taken out.
    left: BTreeMap<&'a str, VecDeque<&'a str>>,
    /// The same, whole: what ticks and choices are held against.
    all: BTreeMap<&'a str, Vec<&'a str>>,
    inside: bool,
    found: bool,
    /// Name of the list whose choices come next.
    select: Option<String>,
}

/// The page with the values in the fields of the form that is sent to `path`, and a notice above; values that have no field are told there.
/// None where the page has no such form.
///
/// # Errors
/// Where the page cannot be read.
pub(super) fn refilled(page: &str, path: &str, typed: &Typed) -> Result<Option<String>, Error> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let version = [("_version", typed.raw("_version"))];
    for (name, value) in typed.fields().chain(version.into_iter().filter(|(_, v)| !v.is_empty())) {
        all.entry(name).or_default().push(value);
    }
    let left = all
        .iter()
        .map(|(name, values)| (*name, values.iter().copied().collect()));
    let filling = RefCell::new(Filling {
        path,
        left: left.collect(),
        all,
        inside: false,
        found: false,
        select: None,
    });
    let filled = rewrite_str(
        page,
        RewriteStrSettings::new().append_element_content_handler(element!(
            "form, input, textarea, select, option, datalist",
            |element| {
                filling.borrow_mut().visit(element)?;
                Ok(())
            }
        )),
    )
    .map_err(Error::internal)?;
    let filling = filling.into_inner();
    if !filling.found {
        return Ok(None);
    }
    let left = filling.left.iter().filter(|(name, _)| **name != "_version");
    let left: Vec<&str> = left
        .flat_map(|(_, values)| values)
        .copied()
        .filter(|v| !v.trim().is_empty())
        .collect();
    with_notice(&filled, &left).map(Some)
}

/// The page with the notice behind its heading.
fn with_notice(page: &str, left: &[&str]) -> Result<String, Error> {
    let mut notice = format!("<p class=\"notice\" role=\"status\">{NOTICE}</p>");
    if !left.is_empty() {
        notice.push_str("<p>以下内容在表单中已没有对应的栏目：</p><ul>");
        for value in left {
            notice.push_str(&format!("<li>{}</li>", escaped(value)));
        }
        notice.push_str("</ul>");
    }
    rewrite_str(
        page,
        RewriteStrSettings::new().append_element_content_handler(element!("main h1", |heading| {
            heading.after(&notice, ContentType::Html);
            Ok(())
        })),
    )
    .map_err(Error::internal)
}

impl Filling<'_> {
    fn visit(&mut self, element: &mut Element<'_, '_>) -> Result<(), lol_html::errors::AttributeNameError> {
        let attribute = |name: &str| element.get_attribute(name).map(|text| unescaped(&text));
        let tag = element.tag_name();
        if tag == "form" {
            let action = attribute("action").and_then(|action| own_address(&action));
            let posts = attribute("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
            self.inside = posts && action.is_some_and(|action| action.split('?').next() == Some(self.path));
            self.found |= self.inside;
            self.select = None;
        }
        if !self.inside {
            return Ok(());
        }
        let name = attribute("name").unwrap_or_default();
        let value = attribute("value").unwrap_or_default();
        match tag.as_str() {
            "select" => {
                self.left.remove(name.as_str());
                self.select = Some(name);
                return Ok(());
            }
            "option" => {
                let Some(values) = self.select.as_deref().and_then(|select| self.all.get(select)) else {
                    return Ok(());
                };
                return set(element, "selected", values.contains(&value.as_str()));
            }
            _ => self.select = None,
        }
        let kind = attribute("type").unwrap_or_default();
        match (tag.as_str(), kind.as_str()) {
            ("input", "checkbox" | "radio") => {
                let chosen = self
                    .all
                    .get(name.as_str())
                    .is_some_and(|values| values.contains(&value.as_str()));
                if let Some(left) = self.left.get_mut(name.as_str()) {
                    left.retain(|other| *other != value);
                }
                set(element, "checked", chosen)
            }
            ("input", "submit" | "button" | "reset" | "image" | "file" | "password") => Ok(()),
            ("input", _) => match self.take(&name) {
                Some(value) => element.set_attribute("value", &escaped(value)),
                None => Ok(()),
            },
            ("textarea", _) => {
                if let Some(value) = self.take(&name) {
                    // The first line end of a text area is none of its text.
                    element.set_inner_content(&format!("\n{value}"), ContentType::Text);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn take(&mut self, name: &str) -> Option<&str> {
        self.left.get_mut(name)?.pop_front()
    }
}

/// Sets an attribute that is there or not.
fn set(element: &mut Element<'_, '_>, name: &str, there: bool) -> Result<(), lol_html::errors::AttributeNameError> {
    if there {
        return element.set_attribute(name, "");
    }
    element.remove_attribute(name);
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

/// What the templates' escaping made of a text, undone.
fn unescaped(text: &str) -> String {
    text.replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<main><h1>某页</h1><form method=\"get\" action=\"/a\"><input name=\"/x\" value=\"1\"></form>\
        <form method=\"post\" action=\"/a\"><input type=\"hidden\" name=\"_token\" value=\"t\"><input type=\"hidden\" name=\"_version\" value=\"9\">\
        <input name=\"/x\" value=\"1\"><input name=\"/x\" value=\"2\"><input type=\"password\" name=\"/p\" value=\"\">\
        <select name=\"/s\"><option value=\"\">－</option><option value=\"a&#38;b\" selected>A</option><option value=\"c\">C</option></select>\
        <input type=\"checkbox\" name=\"/t\" value=\"1\" checked><input type=\"checkbox\" name=\"/t\" value=\"2\">\
        <textarea name=\"/y\">\nold</textarea></form><form method=\"post\" action=\"/b\"><input name=\"/x\" value=\"1\"></form></main>";

    #[test]
    fn a_form_is_filled_and_nothing_beside_it() {
        let typed = Typed::parse(
            b"_token=old&_version=3&/x=%3Cb%3E%22%26&/x=two&/p=secret&/s=c&/t=2&/y=%0A%3C/textarea%3E&/gone=was+here&_go=send",
        );
        let page = refilled(PAGE, "/a", &typed).unwrap().unwrap();
        for there in [
            "<form method=\"get\" action=\"/a\"><input name=\"/x\" value=\"1\">",
            "name=\"_token\" value=\"t\"",
            "name=\"_version\" value=\"3\"",
            "<input name=\"/x\" value=\"&#60;b&#62;&#34;&#38;\"><input name=\"/x\" value=\"two\">",
            "name=\"/p\" value=\"\"",
            "<option value=\"a&#38;b\">A",
            "<option value=\"c\" selected=\"\">C",
            "name=\"/t\" value=\"1\"><input type=\"checkbox\" name=\"/t\" value=\"2\" checked=\"\">",
            "<textarea name=\"/y\">\n\n&lt;/textarea&gt;</textarea>",
            "<li>was here</li>",
            "action=\"/b\"><input name=\"/x\" value=\"1\">",
        ] {
            assert!(page.contains(there), "{there}: {page}");
        }
        assert!(refilled(PAGE, "/c", &typed).unwrap().is_none());
    }
}
