//! The pages as a browser without scripts uses them: cookies, links, forms with what stands in them.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use scraper::{ElementRef, Html, Selector};
use ureq::Agent;

use super::{App, PASSWORD, Person};

/// Someone at the pages.
pub struct Pages {
    agent: Agent,
    base: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// A page that was answered.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: u16,
    /// Path and query that it stands at.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub text: String,
}

/// A form of a page, with what stands in it.
#[derive(Debug, Clone)]
pub struct PageForm {
    pub action: String,
    /// Whether a file goes with it.
    pub with_file: bool,
    pub fields: Vec<(String, String)>,
}

impl App {
    /// Someone who is not logged in.
    pub fn pages(&self) -> Pages {
        Pages {
            agent: Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .timeout_global(Some(Duration::from_secs(120)))
                .build()
                .into(),
            base: self.base.clone(),
            cookies: Mutex::default(),
        }
    }

    /// One of the ready-made people, logged in at the pages.
    pub fn pages_of(&self, person: Person) -> Pages {
        self.person(person);
        let pages = self.pages();
        pages.log_in(person.username());
        pages
    }
}

impl Pages {
    fn send(&self, method: &str, path: &str, content: Option<(&str, Vec<u8>)>) -> Page {
        self.exchange(method, path, content).0
    }

    fn exchange(&self, method: &str, path: &str, content: Option<(&str, Vec<u8>)>) -> (Page, Vec<u8>) {
        self.exchange_with(method, path, content, &[])
    }

    fn exchange_with(
        &self,
        method: &str,
        path: &str,
        content: Option<(&str, Vec<u8>)>,
        headers: &[(&str, &str)],
    ) -> (Page, Vec<u8>) {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("Accept", "text/html");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies = self.cookies.lock().unwrap().clone();
        if !cookies.is_empty() {
            let line: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("Cookie", line.join("; "));
        }
        let response = match content {
            Some((media_type, body)) => self
                .agent
                .run(request.header("Content-Type", media_type).body(body).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut response = response.unwrap();
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(n, v)| {
                (
                    n.as_str().to_owned(),
                    String::from_utf8_lossy(v.as_bytes()).into_owned(),
                )
            })
            .collect();
        for (_, value) in headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, rest) = value.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        let bytes = response
            .body_mut()
            .with_config()
            .limit(100 << 20)
            .read_to_vec()
            .unwrap();
        let page = Page {
            status: response.status().as_u16(),
            path: path.to_owned(),
            headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        };
        (page, bytes)
    }

    /// A file.
    pub fn get_bytes(&self, path: &str) -> Vec<u8> {
        let (page, bytes) = self.exchange("GET", path, None);
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        bytes
    }

    /// A page, without following where it leads.
    pub fn get_once(&self, path: &str) -> Page {
        self.send("GET", path, None)
    }

    /// A page, wherever it leads.
    pub fn get(&self, path: &str) -> Page {
        self.follow(self.get_once(path))
    }

    fn follow(&self, mut page: Page) -> Page {
        for _ in 0..5 {
            match page.header("location") {
                Some(to) if page.status == 303 => page = self.get_once(to),
                _ => return page,
            }
        }
        panic!("{}: round and round", page.path)
    }

    /// Sends fields, without following where the answer leads.
    pub fn post_once(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send(
            "POST",
            path,
            Some(("application/x-www-form-urlencoded", body.into_bytes())),
        )
    }

    /// The same with headers that a browser adds.
    pub fn post_from(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let content = ("application/x-www-form-urlencoded", body.into_bytes());
        self.exchange_with("POST", path, Some(content), headers).0
    }

    /// Takes the cookies away, as a browser does that is closed.
    pub fn forget_cookies(&self) {
        self.cookies.lock().unwrap().clear();
    }

    /// Sends a form of a page with some fields filled in, and follows.
    #[track_caller]
    pub fn submit(&self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let form = page.form(action).filled(fields);
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.follow(self.post_once(&form.action, &fields))
    }

    /// Sends a form of a page with a file, and follows.
    #[track_caller]
    pub fn upload(&self, page: &Page, action: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Page {
        let form = page.form(action).filled(fields);
        let mut body = Vec::new();
        for (name, value) in form.fields.iter().filter(|(name, _)| name != "file") {
            let part = format!("--dengji\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--dengji\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\r\n",
            file.0
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file.1);
        body.extend_from_slice(b"\r\n--dengji--\r\n");
        self.follow(self.send(
            "POST",
            &form.action,
            Some(("multipart/form-data; boundary=dengji", body)),
        ))
    }

    /// Logs in by the form.
    pub fn log_in(&self, username: &str) -> Page {
        let page = self.get("/login");
        let page = self.submit(&page, "/login", &[("username", username), ("password", PASSWORD)]);
        assert_eq!((page.status, page.path.as_str()), (200, "/"), "{}", page.text);
        page
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Every cookie, by name.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().unwrap().clone()
    }

    /// The same browser with these cookies.
    pub fn with_cookies(self, cookies: BTreeMap<String, String>) -> Self {
        Self {
            cookies: Mutex::new(cookies),
            ..self
        }
    }
}

fn texts(html: &Html, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    html.select(&selector)
        .map(|e| {
            e.text()
                .collect::<String>()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

impl Page {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The texts of what a CSS selector finds.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        texts(&Html::parse_document(&self.text), selector)
    }

    /// Whether the page's text holds this.
    pub fn says(&self, text: &str) -> bool {
        self.texts("body").concat().contains(text)
    }

    /// The status is this.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.path, self.texts("main").concat());
        self
    }

    /// Addresses of the page's links.
    pub fn links(&self) -> Vec<String> {
        let html = Html::parse_document(&self.text);
        let selector = Selector::parse("a[href]").unwrap();
        html.select(&selector)
            .map(|a| a.attr("href").unwrap().to_owned())
            .collect()
    }

    /// An attribute of what a CSS selector finds.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let html = Html::parse_document(&self.text);
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector)
            .filter_map(|e| e.attr(name))
            .map(str::to_owned)
            .collect()
    }

    /// Every form of the page that sends something.
    pub fn sending_forms(&self) -> Vec<PageForm> {
        let html = Html::parse_document(&self.text);
        let forms = Selector::parse("form[method=post]").unwrap();
        html.select(&forms)
            .map(|form| standing_in(form, form.attr("action").unwrap()))
            .collect()
    }

    /// The form that goes to an address.
    #[track_caller]
    pub fn form(&self, action: &str) -> PageForm {
        let html = Html::parse_document(&self.text);
        let selector = Selector::parse("form").unwrap();
        let found = html.select(&selector).find(|f| f.attr("action") == Some(action));
        let form =
            found.unwrap_or_else(|| panic!("{} ({}): no form to {action}: {}", self.path, self.status, self.text));
        standing_in(form, action)
    }
}

/// A form with what stands in it.
fn standing_in(form: ElementRef<'_>, action: &str) -> PageForm {
    let mut fields = Vec::new();
    let controls = Selector::parse("input, select, textarea").unwrap();
    for control in form.select(&controls) {
        let Some(name) = control.attr("name") else { continue };
        if let Some(value) = standing(control) {
            fields.push((name.to_owned(), value));
        }
    }
    PageForm {
        action: action.to_owned(),
        with_file: form.attr("enctype").is_some_and(|e| e == "multipart/form-data"),
        fields,
    }
}

/// What a control would send.
fn standing(control: ElementRef<'_>) -> Option<String> {
    match (control.value().name(), control.attr("type")) {
        ("select", _) => {
            let options = Selector::parse("option[selected]").unwrap();
            Some(
                control
                    .select(&options)
                    .next()
                    .map_or("", |o| o.attr("value").unwrap_or_default())
                    .to_owned(),
            )
        }
        ("textarea", _) => Some(control.text().collect::<String>().trim_start_matches('\n').to_owned()),
        (_, Some("checkbox" | "radio")) if control.attr("checked").is_none() => None,
        _ => Some(control.attr("value").unwrap_or_default().to_owned()),
    }
}

impl PageForm {
    /// With other values; a field that is not there is added, as a script or a tick would.
    #[must_use]
    pub fn filled(mut self, fields: &[(&str, &str)]) -> Self {
        let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        self.fields.retain(|(name, _)| !names.contains(&name.as_str()));
        self.fields
            .extend(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        self
    }

    /// What stands in a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}
