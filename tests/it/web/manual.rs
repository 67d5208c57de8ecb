//! The manual: its links and pictures lead somewhere, and what it says of the pages stands in the pages' source.

use std::{collections::BTreeSet, fs, path::Path};

use crate::support::both;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn manual() -> String {
    fs::read_to_string(root().join("docs/用户手册.md")).unwrap()
}

/// The texts of a folder's files, below it too.
fn read_all(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, text);
        } else if let Ok(read) = fs::read_to_string(&path) {
            text.push_str(&read);
        }
    }
}

/// What stands between two marks of a kind, as `**…**`.
fn marked(text: &str) -> BTreeSet<&str> {
    text.lines()
        .flat_map(|line| line.split("**").skip(1).step_by(2))
        .collect()
}

#[test]
fn what_the_manual_tells_to_press_is_in_the_pages() {
    let manual = manual();
    let words = marked(&manual);
    assert!(words.len() > 60, "{words:?}");
    let mut pages = String::new();
    for folder in ["src", "templates", "config/code-lists"] {
        read_all(&root().join(folder), &mut pages);
    }
    let missing: Vec<&&str> = words.iter().filter(|w| !pages.contains(**w)).collect();
    assert!(missing.is_empty(), "not in any page: {missing:?}");
    assert_eq!(
        marked("点**保存**，再点**提 交**。").into_iter().collect::<Vec<_>>(),
        ["保存", "提 交"]
    );
}

#[test]
fn every_picture_is_used_and_told_in_words() {
    let manual = manual();
    let mut named = BTreeSet::new();
    for picture in manual.split("![").skip(1) {
        let (words, rest) = picture.split_once("](").unwrap();
        assert!(words.chars().count() >= 8, "{words}: say what the picture shows");
        named.insert(rest.split(')').next().unwrap().to_owned());
    }
    let there: BTreeSet<String> = fs::read_dir(root().join("docs/pictures"))
        .unwrap()
        .map(|e| format!("pictures/{}", e.unwrap().file_name().into_string().unwrap()))
        .collect();
    assert_eq!(named, there);
}

both! {
    fn every_link_and_picture_of_the_manual_leads_somewhere(app: &App) {
        let pages = app.pages();
        let help = pages.get("/help").expect(200);
        assert!(!help.text.contains("**"), "a mark that is no mark");
        let ids: BTreeSet<String> = help.attributes("[id]", "id").into_iter().collect();
        let links = help.links();
        for link in &links {
            match link.strip_prefix('#') {
                Some(id) => {
                    let encoded = format!("id={id}");
                    let (_, id) = form_urlencoded::parse(encoded.as_bytes()).next().unwrap();
                    assert!(ids.contains(id.as_ref()), "{link}: no such place");
                }
                None if link.starts_with("http") => {}
                None => {
                    let reply = pages.get_once(link);
                    assert!([200, 302, 303, 307, 308].contains(&reply.status), "{link}: {}", reply.status);
                }
            }
        }
        let pictures = help.attributes(".manual img", "src");
        assert!(pictures.len() > 10 && help.attributes(".manual img", "alt").iter().all(|alt| !alt.is_empty()));
        for address in pictures {
            assert_eq!(pages.get_bytes(&address).get(..4), Some(b"\x89PNG".as_slice()), "{address}");
            let reply = pages.get_once(&address);
            assert_eq!(reply.header("content-type"), Some("image/png"), "{address}");
            assert!(reply.header("cache-control").is_some_and(|kept| kept.contains("immutable")), "{address}");
        }
        assert_eq!(pages.get_once("/help/none.png").status, 404);
    }
}
