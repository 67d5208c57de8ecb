//! What the log of a server says of what people type: nothing. Every form of every page, as its pages show it, and every operation of
//! the API is sent with marks for values: without a session, with a wrong token, with a session that is over, with wrong values.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::Duration,
};

use ureq::Agent;

use super::every_page::{addresses, everyone, somewhere};
use crate::{
    api::{
        openapi::{addressed, described, operations},
        strangers::furnish,
    },
    support::{App, Backend, PASSWORD, PageForm, Person, dengji, form},
};

/// What is typed everywhere, before a number.
const MARK: &str = "Marke-3fe1";

/// A server of its own on the store of an [`App`], whose log is a file.
struct Server {
    child: Child,
    agent: Agent,
    base: String,
    log: PathBuf,
}

impl Server {
    fn start(app: &App) -> Self {
        let log = app.folder.path().join("log");
        let mut server = Self {
            child: Self::process(app, &log),
            agent: Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .timeout_global(Some(Duration::from_secs(120)))
                .build()
                .into(),
            base: String::new(),
            log,
        };
        for _ in 0..600 {
            let said = fs::read_to_string(&server.log).unwrap();
            if let Some((_, rest)) = said.split_once("http://") {
                server.base = format!("http://{}", rest.split('/').next().unwrap());
                return server;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the server did not start");
    }

    fn process(app: &App, log: &Path) -> Child {
        dengji(&app.url, app.folder.path())
            .env("DENGJI_LOG__FILTER", "debug")
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::null())
            .stderr(File::create(log).unwrap())
            .spawn()
            .unwrap()
    }

    /// Sends something; status, cookies that were set, text.
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, Vec<String>, String) {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self.agent.run(request.body(body).unwrap()).unwrap();
        let cookies = response.headers().get_all("set-cookie").iter();
        let cookies = cookies
            .map(|v| v.to_str().unwrap().split(';').next().unwrap().to_owned())
            .collect();
        let text = response.body_mut().read_to_vec().unwrap();
        (
            response.status().as_u16(),
            cookies,
            String::from_utf8_lossy(&text).into_owned(),
        )
    }

    /// The session's cookie of who logs in, and the token of its forms.
    fn session(&self, person: Person) -> (String, String) {
        let (_, cookies, page) = self.send("GET", "/login", &[], b"");
        let cookie = cookies.iter().find(|c| c.contains("stranger")).unwrap();
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("_token", token_in(&page)),
                ("username", person.username().to_owned()),
                ("password", PASSWORD.to_owned()),
            ])
            .finish();
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let (status, cookies, text) = self.send("POST", "/login", &headers, body.as_bytes());
        assert_eq!(status, 303, "{text}");
        let cookie = cookies
            .iter()
            .find(|c| c.starts_with("dengji_session="))
            .unwrap()
            .clone();
        let (_, _, page) = self.send("GET", "/password", &[("Cookie", &cookie)], b"");
        (cookie, token_in(&page))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn token_in(page: &str) -> String {
    let rest = page.split_once("name=\"_token\" value=\"").unwrap().1;
    rest.split('"').next().unwrap().to_owned()
}

/// Whether an address is one of a template's.
fn is_of(address: &str, template: &str) -> bool {
    let parts = |text: &str| {
        text.split('?')
            .next()
            .unwrap()
            .split('/')
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (address, template) = (parts(address), parts(template));
    address.len() == template.len() && address.iter().zip(&template).all(|(a, t)| t.starts_with('{') || a == t)
}

/// Every form that the pages show to anybody, by its address; and for addresses to which no page's form goes now (scripts', those of other
/// states) one with fields that such forms have.
fn forms(app: &App) -> Vec<PageForm> {
    let there = furnish(app);
    let mut found: BTreeMap<String, PageForm> = BTreeMap::new();
    for (_, pages) in everyone(app) {
        for template in addresses("get") {
            let page = pages.get_once(&somewhere(&there, &template));
            if page.header("content-type").is_some_and(|t| t.starts_with("text/html")) {
                found.extend(page.sending_forms().into_iter().map(|form| (form.action.clone(), form)));
            }
        }
    }
    let templates = addresses("post");
    let shown: BTreeSet<&String> = templates.iter().filter(|t| found.keys().any(|a| is_of(a, t))).collect();
    assert!(shown.len() > 40, "{shown:?}");
    let others: Vec<PageForm> = templates
        .iter()
        .filter(|t| !shown.contains(t))
        .map(|template| PageForm {
            action: somewhere(&there, template),
            with_file: false,
            fields: ["/reason", "/project_name", "/username", "password"]
                .map(|n| (n.to_owned(), String::new()))
                .into(),
        })
        .collect();
    found.into_values().chain(others).collect()
}

/// The body of a form with a mark in each of its fields, and its media type.
fn marked(form_: &PageForm, token: &str, next: &mut usize) -> (String, Vec<u8>) {
    let fields = form_.fields.iter().map(|(name, value)| match name.as_str() {
        "_token" => (name.clone(), token.to_owned()),
        "_version" | "_once" | "_as" => (name.clone(), value.clone()),
        _ => {
            *next += 1;
            (name.clone(), format!("{MARK}-{next}"))
        }
    });
    let fields: Vec<(String, String)> = fields.collect();
    if form_.with_file {
        let content = format!("{MARK}-file");
        let file_name = format!("{MARK}.pdf");
        let mut parts: Vec<(&str, Option<&str>, &[u8])> = fields
            .iter()
            .filter(|(name, _)| name != "file")
            .map(|(name, value)| (name.as_str(), None, value.as_bytes()))
            .collect();
        parts.push(("file", Some(&file_name), content.as_bytes()));
        return ("multipart/form-data; boundary=b".to_owned(), form("b", &parts));
    }
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    ("application/x-www-form-urlencoded".to_owned(), body.into_bytes())
}

/// A file is imported whose every cell is a mark, to its end.
fn imported(server: &Server) {
    let (cookie, token) = server.session(Person::Administrator);
    let headers = fs::read_to_string(format!("{}/config/demo/contracts-2021.csv", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let headers = headers.lines().next().unwrap();
    let row = vec![MARK; headers.split(',').count()].join(",");
    let file = format!("{headers}\n{row}\n");
    let content = form(
        "b",
        &[
            ("_token", None, token.as_bytes()),
            ("_once", None, b"marks"),
            ("/kind", None, b"register"),
            ("file", Some("Marken.csv"), file.as_bytes()),
        ],
    );
    let headers = [
        ("Content-Type", "multipart/form-data; boundary=b"),
        ("Cookie", &*cookie),
    ];
    let (status, _, text) = server.send("POST", "/imports", &headers, &content);
    assert_eq!(status, 303, "{text}");
    let (_, _, list) = server.send("GET", "/imports", &[("Cookie", &cookie)], b"");
    let digits = |rest: &str| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().to_owned();
    let ids = list
        .split("/imports/")
        .filter_map(|rest| digits(rest).parse::<u64>().ok());
    let address = format!("/imports/{}", ids.max().unwrap());
    for _ in 0..600 {
        let (_, _, page) = server.send("GET", &address, &[("Cookie", &cookie)], b"");
        if !page.contains("data-live") {
            assert!(
                page.contains(MARK),
                "who imports is told what stands in the cells: {page}"
            );
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the import did not end");
}

#[test]
fn nothing_that_is_typed_reaches_the_log() {
    let app = App::start(Backend::Sqlite);
    let forms = forms(&app);
    let server = Server::start(&app);
    let mut next = 0;
    let (over, over_token) = server.session(Person::Registrar);
    let logout = format!("_token={over_token}");
    let typed = "application/x-www-form-urlencoded";
    server.send(
        "POST",
        "/logout",
        &[("Cookie", &over), ("Content-Type", typed)],
        logout.as_bytes(),
    );
    let mut statuses: BTreeSet<u16> = BTreeSet::new();
    for form in &forms {
        let path = format!(
            "{}{}_mark={MARK}",
            form.action,
            if form.action.contains('?') { '&' } else { '?' }
        );
        let secret = form.fields.iter().any(|(name, _)| name.contains("password"));
        let mut send = |cookie: Option<&str>, token: &str, from: Option<&str>| {
            let (media_type, body) = marked(form, token, &mut next);
            let mut headers = vec![("Content-Type", media_type.as_str())];
            headers.extend(cookie.map(|c| ("Cookie", c)));
            headers.extend(from.map(|site| ("Sec-Fetch-Site", site)));
            let (status, _, text) = server.send("POST", &path, &headers, &body);
            statuses.insert(status);
            // With a live session too: what is in a field for passwords is not shown again.
            assert!(
                !secret || form.action == "/login" || !text.contains(MARK),
                "{}: {text}",
                form.action
            );
        };
        send(None, "", None);
        send(None, MARK, Some("cross-site"));
        send(None, MARK, Some("same-origin"));
        send(Some(&over), &over_token, None);
    }
    imported(&server);
    // The administrator comes last: there are forms among them that lock the others.
    for person in [
        Person::Registrar,
        Person::Reviewer,
        Person::Statistician,
        Person::Administrator,
    ] {
        let (cookie, token) = server.session(person);
        for form in forms.iter().filter(|form| form.action != "/logout") {
            for token in [MARK, token.as_str()] {
                let (media_type, body) = marked(form, token, &mut next);
                let headers = [("Content-Type", media_type.as_str()), ("Cookie", cookie.as_str())];
                statuses.insert(server.send("POST", &form.action, &headers, &body).0);
            }
        }
    }
    let tokens = format!("{{\"username\":\"administrator\",\"password\":\"{PASSWORD}\"}}");
    let json = ("Content-Type", "application/json");
    let (status, _, text) = server.send("POST", "/api/v1/auth/login", &[json], tokens.as_bytes());
    assert_eq!(status, 200, "{text}");
    let tokens: serde_json::Value = serde_json::from_str(&text).unwrap();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let body = format!(
        "{{\"username\":\"{MARK}\",\"password\":\"{MARK}\",\"refresh_token\":\"{MARK}\",\"current_password\":\"{MARK}\",\"reason\":\"{MARK}\",\"{MARK}\":[\"{MARK}\"]}}"
    );
    for (method, template, _) in operations(&described()) {
        let path = addressed(
            &template,
            &[("{id}", "1"), ("{session}", "x"), ("{code}", MARK), ("{list}", "type")],
        );
        let ends_session = template.contains("/auth/logout") || template.contains("/auth/sessions");
        for headers in [
            &[json][..],
            &[json, ("Authorization", MARK)],
            &[
                json,
                ("Authorization", &bearer),
                ("If-Match", "\"1\""),
                ("Idempotency-Key", MARK),
            ],
        ] {
            if ends_session && headers.len() == 4 {
                continue;
            }
            let content = if method.eq_ignore_ascii_case("get") { "" } else { &body };
            let method = method.to_uppercase();
            statuses.insert(
                server
                    .send(
                        &method,
                        &format!("{path}?q={MARK}&cursor={MARK}"),
                        headers,
                        content.as_bytes(),
                    )
                    .0,
            );
            statuses.insert(server.send(&method, &path, headers, content.as_bytes()).0);
        }
    }
    let said = fs::read_to_string(&server.log).unwrap();
    let found: Vec<&str> = said.lines().filter(|line| line.contains(MARK)).take(5).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    for status in [303, 401, 403, 422] {
        assert!(statuses.contains(&status), "{statuses:?}");
    }
    assert!(!statuses.contains(&500), "{statuses:?}");
    // That they were refused is said: route, status, who, from where.
    for part in [
        "refused",
        "status=401",
        "status=403",
        "status=422",
        "caller=\"administrator\"",
        "address=127.0.0.1",
        "route=/contracts/{id",
    ] {
        assert!(
            said.contains(part),
            "{part}: {}",
            said.lines().rev().take(20).collect::<Vec<_>>().join("\n")
        );
    }
}
