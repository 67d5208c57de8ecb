//! Every page that there is, as the source names it: closed to strangers, to forms without their token, and to each person as the API
//! is where it has the same address.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use crate::{
    api::{
        openapi::{addressed, described},
        strangers::{Furniture, furnish},
    },
    support::{Pages, Person, both},
};

/// Pages that are open to everyone.
pub(super) const PUBLIC: [&str; 5] = ["/assets/{name}", "/help", "/help/{picture}", "/login", "/verify"];

/// The addresses of pages under a method, in the order of their names.
pub fn addresses(method: &str) -> Vec<String> {
    fn collect(folder: &Path, mark: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, mark, found);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            // A long address stands on a line of its own.
            let marked = text
                .split(mark)
                .skip(1)
                .filter_map(|rest| rest.trim_start().strip_prefix('"'));
            found.extend(marked.flat_map(|rest| spelled_out(rest.split('"').next().unwrap())));
        }
    }
    let mut found = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    collect(&folder, &format!("#[{method}("), &mut found);
    found.sort();
    found.dedup();
    found
}

/// `/x/{act:one|two}` are two addresses.
fn spelled_out(template: &str) -> Vec<String> {
    let choice = template.split('{').skip(1).find_map(|part| {
        let part = part.split('}').next().unwrap();
        let (_, words) = part.split_once(':')?;
        words.contains('|').then_some((format!("{{{part}}}"), words))
    });
    match choice {
        Some((part, words)) => words
            .split('|')
            .flat_map(|word| spelled_out(&template.replace(&part, word)))
            .collect(),
        None => {
            // `{id:\\d+}` is `{id}`.
            let parts = template.split('}').map(|part| match part.rsplit_once('{') {
                Some((before, name)) => format!("{before}{{{}", name.split(':').next().unwrap()),
                None => part.to_owned(),
            });
            vec![parts.collect::<Vec<_>>().join("}")]
        }
    }
}

/// An address of something that is there.
pub(super) fn somewhere(there: &Furniture, template: &str) -> String {
    let noun = template.split('/').nth(1).unwrap();
    let keys: Vec<(&str, &str)> = there
        .keys
        .get(noun)
        .into_iter()
        .flatten()
        .map(|(name, key)| (*name, key.as_str()))
        .collect();
    let address = addressed(template, &keys)
        .replace("{sequence}", "1")
        .replace("{number}", "DJY6620190044")
        .replace("{aid}", "1")
        .replace("{other}", "2")
        .replace("{kind}", "register")
        .replace("{format}", "csv")
        .replace("{picture}", "none.png")
        .replace("{id}", "1");
    assert!(!address.contains('{'), "{address}: say here what is there");
    address
}

pub(super) fn everyone(app: &crate::support::App) -> Vec<(Person, Pages)> {
    Person::ALL
        .into_iter()
        .map(|person| {
            let pages = app.pages();
            pages.log_in(person.username());
            (person, pages)
        })
        .collect()
}

#[test]
fn there_are_pages() {
    assert!(addresses("get").len() > 60 && addresses("post").len() > 40);
}

both! {
    fn a_stranger_sees_nothing_and_does_nothing(app: &App) {
        let there = furnish(app);
        let pages = app.pages();
        for template in addresses("get").iter().filter(|a| !PUBLIC.contains(&a.as_str())) {
            let page = pages.get_once(&somewhere(&there, template));
            assert_eq!(page.status, 303, "{template}: {}", page.text);
            assert!(page.header("location").unwrap().starts_with("/login?next="), "{template}");
        }
        for template in addresses("post") {
            let page = pages.post_once(&somewhere(&there, &template), &[("_token", "x")]);
            assert!([303, 401, 403].contains(&page.status), "{template}: {} {}", page.status, page.text);
            if page.status == 303 {
                assert!(page.header("location").unwrap().starts_with("/login"), "{template}");
            }
        }
    }

    fn a_form_without_its_token_does_nothing(app: &App) {
        let there = furnish(app);
        let before = app.log_in("auditor").get("/ledger/head").expect(200);
        let everyone = everyone(app);
        for template in addresses("post") {
            let address = somewhere(&there, &template);
            for (person, pages) in &everyone {
                for fields in [&[][..], &[("_token", "0123456789abcdef")][..]] {
                    let page = pages.post_once(&address, fields);
                    assert!([403, 415].contains(&page.status), "{person:?} {template}: {} {}", page.status, page.text);
                }
            }
        }
        assert_eq!(app.log_in("auditor").get("/ledger/head").expect(200), before);
    }

    fn a_page_is_open_to_whom_the_api_is_open(app: &App) {
        let there = furnish(app);
        let document = described();
        let everyone = everyone(app);
        let mut table = BTreeMap::new();
        let mut compared = 0;
        let mut differ = Vec::new();
        for template in addresses("get").iter().filter(|a| !PUBLIC.contains(&a.as_str())) {
            let address = somewhere(&there, template);
            let same = document["paths"].as_object().unwrap().iter().find(|(path, item)| {
                // Parameters may be called differently.
                let parts = |path: &str| path.split('/').map(|p| if p.starts_with('{') { "{}" } else { p }.to_owned()).collect::<Vec<_>>();
                item["get"].is_object() && parts(path) == parts(&format!("/api/v1{template}"))
            });
            let mut line = String::new();
            for (person, pages) in &everyone {
                let page = pages.get_once(&address);
                assert!(page.status < 500, "{person:?} {address}: {}", page.text);
                write!(line, " {}", page.status).unwrap();
                if same.is_some() {
                    let client = app.log_in(person.username());
                    let api = client.get(&address).status;
                    if page.status != api {
                        differ.push(format!("{person:?} {address}: {} and not {api}", page.status));
                    }
                    compared += 1;
                }
                // Who may not know of a thing is told nothing of it.
                if [403, 404].contains(&page.status) {
                    let noun = address.split('/').nth(1).unwrap();
                    for secret in there.secrets.get(noun).into_iter().flatten() {
                        assert!(!page.text.contains(secret.as_str()), "{person:?} {address} tells of {secret}");
                    }
                }
            }
            table.insert(template.clone(), line);
        }
        assert!(compared > 100, "{compared}");
        assert!(differ.is_empty(), "{}", differ.join("\n"));
        let head: Vec<&str> = Person::ALL.iter().map(|p| p.username()).collect();
        let mut text = format!("# What each page answers each person: {}\n", head.join(" "));
        for (template, line) in table {
            writeln!(text, "{template}{line}").unwrap();
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots/pages.txt");
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let reviewed = fs::read_to_string(&path).unwrap_or_default();
        for (found, reviewed) in text.lines().zip(reviewed.lines().chain(std::iter::repeat("(nothing)"))) {
            assert_eq!(found, reviewed, "differs from {}", path.display());
        }
        assert_eq!(text.lines().count(), reviewed.lines().count());
    }
}
