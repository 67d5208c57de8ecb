//! Who may use whom: reads every file of `src/` and fails on an arrow that the doc of `src/lib.rs` does not draw, on a library
//! named outside its room, and on what the house rules forbid outside tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Lines that a file may have.
const LONGEST_FILE: usize = 600;

/// The tables, one after another: a listing that the migrations' tests hold against both databases, and no shorter in pieces.
const LISTING: &str = "storage/schema.rs";

/// Libraries that these rooms alone may name.
const RESERVED: [(&str, &[&str]); 11] = [
    ("diesel", &["storage"]),
    ("diesel_migrations", &["storage"]),
    ("libsqlite3_sys", &["storage"]),
    ("pq_sys", &["storage"]),
    ("actix_web", &["api", "http", "server", "web"]),
    ("actix_multipart", &["http"]),
    ("utoipa", &["api"]),
    ("utoipa_actix_web", &["api"]),
    ("askama", &["web"]),
    ("clap", &["cli"]),
    ("lettre", &["mail"]),
];

/// What code outside tests must not hold.
const FORBIDDEN: [&str; 6] = [".unwrap()", ".expect(", "todo!", "unimplemented!", "dbg!", "#[allow("];

/// What removes files for good, and the file in which alone it stands.
const REMOVING: [&str; 4] = ["remove_file", "remove_dir", "remove_dir_all", "unlink"];
const REMOVAL: &str = "storage/removal.rs";

/// Who asks for a removal, and of what. An attachment's file goes by `storage/files/trash.rs` alone.
const REMOVERS: [(&str, &str); 6] = [
    ("storage/files.rs", "uploads that broke off"),
    ("storage/files/marker.rs", "the folder of a demonstration's files"),
    ("storage/files/trash.rs", "what has lain in the trash for its time"),
    (
        "storage/migrate.rs",
        "copies that are not among the last, and one that was not finished",
    ),
    (
        "usecases/owned_file.rs",
        "a temporary file that a process left that died",
    ),
    ("usecases/demonstration.rs", "the store of a demonstration"),
];

/// A file of `src/` without comments, texts and what is compiled for tests alone.
struct Source {
    /// Below `src/`.
    path: PathBuf,
    /// Module path without `crate`: `api/v1/mod.rs` is `[api, v1]`.
    module: Vec<String>,
    text: String,
    code: String,
}

impl Source {
    fn room(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }
}

/// Blanks comments, texts and characters, so that what is left is code. Keeps lines and length in characters.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let skip = |out: &mut String, from: usize, to: usize| {
        out.extend(chars[from..to].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
    };
    while i < chars.len() {
        let start = i;
        let named = i > 0 && (at(i - 1).is_alphanumeric() || at(i - 1) == '_');
        match at(i) {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
                skip(&mut out, start, i);
            }
            '/' if at(i + 1) == '*' => {
                let mut depth = 0;
                while i < chars.len() {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                    if depth == 0 {
                        break;
                    }
                }
                skip(&mut out, start, i.min(chars.len()));
            }
            'r' if !named && (at(i + 1) == '"' || (at(i + 1) == '#' && matches!(at(i + 2), '#' | '"'))) => {
                let mut hashes = 0;
                while at(i + 1 + hashes) == '#' {
                    hashes += 1;
                }
                i += hashes + 2;
                while i < chars.len() && !(at(i) == '"' && (1..=hashes).all(|n| at(i + n) == '#')) {
                    i += 1;
                }
                i = (i + 1 + hashes).min(chars.len());
                skip(&mut out, start, i);
            }
            '"' => {
                i += 1;
                while i < chars.len() && at(i) != '"' {
                    i += if at(i) == '\\' { 2 } else { 1 };
                }
                i = (i + 1).min(chars.len());
                skip(&mut out, start, i);
            }
            // A character, not a lifetime.
            '\'' if at(i + 1) == '\\' || at(i + 2) == '\'' => {
                i += if at(i + 1) == '\\' { 3 } else { 2 };
                while i < chars.len() && at(i) != '\'' {
                    i += 1;
                }
                i = (i + 1).min(chars.len());
                skip(&mut out, start, i);
            }
            c => {
                out.push(c);
                i += 1;
            }
        }
    }
    out
}

/// Takes out every item under `#[cfg(test)]`; answers the rest and the names of modules in files of their own among them.
fn without_tests(code: &str) -> (String, Vec<String>) {
    const MARK: &str = "#[cfg(test)]";
    let mut rest = code;
    let mut kept = String::new();
    let mut modules = Vec::new();
    while let Some(found) = rest.find(MARK) {
        kept.push_str(&rest[..found]);
        let item = &rest[found + MARK.len()..];
        let mut depth = 0;
        let mut end = item.len();
        for (i, c) in item.char_indices() {
            match c {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => depth -= 1,
                _ => {}
            }
            if depth == 0 && matches!(c, ';' | '}') {
                end = i + c.len_utf8();
                break;
            }
        }
        let words: Vec<&str> = item[..end].trim_end_matches(';').split_whitespace().collect();
        if let Some(at) = words.iter().position(|w| *w == "mod")
            && item[..end].ends_with(';')
        {
            modules.push(words[at + 1].to_owned());
        }
        rest = &item[end..];
    }
    kept.push_str(rest);
    (kept, modules)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Every place where `word` stands alone in `code`: what follows it.
fn after_word<'a>(code: &'a str, word: &str) -> Vec<&'a str> {
    code.match_indices(word)
        .filter(|(i, _)| !code[..*i].ends_with(is_word) && !code[i + word.len()..].starts_with(is_word))
        .map(|(i, _)| &code[i + word.len()..])
        .collect()
}

/// The first names of what follows a path's `::`: one name, or those of a braced list.
fn first_names(tail: &str) -> Vec<String> {
    let name = |text: &str| -> String { text.trim_start().chars().take_while(|c| is_word(*c)).collect() };
    let Some(tail) = tail.trim_start().strip_prefix("::") else {
        return Vec::new();
    };
    let Some(list) = tail.trim_start().strip_prefix('{') else {
        return vec![name(tail)];
    };
    let mut names = vec![name(list)];
    let mut depth = 1;
    for (i, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => names.push(name(&list[i + 1..])),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names.retain(|n| !n.is_empty());
    names
}

/// The names at the crate's top that `code` of module `module` reaches, by `crate::` or by `super::` all the way up.
fn reached(code: &str, module: &[String]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = after_word(code, "crate").into_iter().flat_map(first_names).collect();
    for mut tail in after_word(code, "super") {
        let mut up = 1;
        while let Some(next) = tail.strip_prefix("::super") {
            tail = next;
            up += 1;
        }
        if up == module.len() {
            names.extend(first_names(tail));
        }
    }
    names
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every file of `src/` that is compiled outside tests.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    rust_files(&root, &mut paths);
    paths.sort();
    let mut sources = Vec::new();
    let mut for_tests: Vec<Vec<String>> = Vec::new();
    for full in paths {
        let path = full.strip_prefix(&root).unwrap().to_owned();
        let text = fs::read_to_string(&full).unwrap();
        let mut module: Vec<String> = path
            .with_extension("")
            .iter()
            .map(|p| p.to_str().unwrap().to_owned())
            .collect();
        if ["mod", "lib", "main"]
            .iter()
            .any(|name| module.last().is_some_and(|m| m == name))
        {
            module.pop();
        }
        let (code, modules) = without_tests(&blank(&text));
        for name in modules {
            for_tests.push(module.iter().cloned().chain([name]).collect());
        }
        sources.push(Source {
            path,
            module,
            text,
            code,
        });
    }
    sources.retain(|s| !for_tests.iter().any(|m| s.module.starts_with(m)));
    sources
}

/// The arrows that the doc of `src/lib.rs` draws: room → rooms that it may use.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let mut arrows = BTreeMap::new();
    for line in text.lines().filter_map(|l| l.strip_prefix("//!")) {
        if let Some((room, used)) = line.split_once('→') {
            let used = used
                .split(',')
                .map(|r| r.trim().to_owned())
                .filter(|r| !r.is_empty())
                .collect();
            assert_eq!(arrows.insert(room.trim().to_owned(), used), None, "{line}: drawn twice");
        }
    }
    arrows
}

fn none_of(violations: &[String]) {
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let arrows = arrows();
    let mut violations = Vec::new();
    let rooms: BTreeSet<String> = sources().iter().filter_map(|s| s.module.first().cloned()).collect();
    assert_eq!(
        arrows.keys().cloned().collect::<BTreeSet<_>>(),
        rooms,
        "rooms, and rooms of the doc"
    );
    for source in sources().iter().filter(|s| !s.module.is_empty()) {
        for name in reached(&source.code, &source.module) {
            let own = name == source.room();
            if rooms.contains(&name) && !own && !arrows[source.room()].contains(&name) {
                violations.push(format!(
                    "src/{}: {} must not use {name}",
                    source.path.display(),
                    source.room()
                ));
            }
        }
    }
    none_of(&violations);
}

#[test]
fn the_arrows_make_no_circle() {
    let mut arrows = arrows();
    while !arrows.is_empty() {
        let rooms: BTreeSet<String> = arrows.keys().cloned().collect();
        let before = arrows.len();
        arrows.retain(|_, used| !used.is_disjoint(&rooms));
        assert!(arrows.len() < before, "a circle among {rooms:?}");
    }
}

#[test]
fn the_program_is_its_command_line() {
    let main = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs")).unwrap();
    let named: Vec<String> = after_word(&blank(&main), "dengji")
        .into_iter()
        .flat_map(first_names)
        .collect();
    assert_eq!(named, ["cli"]);
}

#[test]
fn libraries_stay_in_their_rooms() {
    let mut violations = Vec::new();
    for source in sources() {
        for (library, rooms) in RESERVED {
            if !rooms.contains(&source.room()) && !after_word(&source.code, library).is_empty() {
                violations.push(format!("src/{}: {library} belongs to {rooms:?}", source.path.display()));
            }
        }
    }
    none_of(&violations);
}

#[test]
fn files_are_short_and_open_with_what_they_hold() {
    let mut violations = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE && !source.path.ends_with(LISTING) {
            violations.push(format!("src/{}: {lines} lines", source.path.display()));
        }
        if !source.text.starts_with("//!") {
            violations.push(format!("src/{}: does not open with `//!`", source.path.display()));
        }
    }
    none_of(&violations);
}

/// Types that carry what people type, or secrets, beside those that are known by their names.
const CARRIERS: [&str; 19] = [
    "Typed",
    "Posted",
    "PostedByStranger",
    "PostedFile",
    "Form",
    "Field",
    "Fieldset",
    "ActPage",
    "Shell",
    "Visitor",
    "Refusal",
    "Problem",
    "Error",
    "FieldError",
    "CellError",
    "Command",
    "Once",
    "Caller",
    "Account",
];

/// What a derived `Debug` would write into a log: everything that is in it.
#[test]
fn what_carries_input_has_no_derived_debug() {
    let mut violations = Vec::new();
    let mut seen = 0;
    for source in sources()
        .iter()
        .filter(|s| ["api", "web", "http", "usecases", "storage", "intake", "domain"].contains(&s.room()))
    {
        let text = source.text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for (at, _) in text.match_indices("#[derive(") {
            let derived = text[at + "#[derive(".len()..].split(')').next().unwrap();
            let declared = text[at..].lines().find_map(|line| {
                let words: Vec<&str> = line.split(|c: char| !is_word(c)).filter(|w| !w.is_empty()).collect();
                let kind = words.iter().position(|w| *w == "struct" || *w == "enum")?;
                (!line.trim_start().starts_with("//")).then(|| words[kind + 1].to_owned())
            });
            let Some(name) = declared else { continue };
            let room = source.room();
            let typed = match room {
                "api" => derived.contains("Deserialize"),
                "usecases" => name.ends_with("Input") || name.ends_with("Patch"),
                _ => false,
            };
            // These are other things where nobody types.
            let carries = CARRIERS.contains(&name.as_str())
                && !(room == "api" && name == "Form")
                && !(room == "web" && name == "Problem")
                && !(room == "domain" && ["Form", "Refusal"].contains(&name.as_str()));
            seen += usize::from(typed || carries);
            if (typed || carries) && derived.split(',').any(|d| d.trim() == "Debug") {
                violations.push(format!("src/{}: {name} derives Debug", source.path.display()));
            }
        }
    }
    assert!(seen > 60, "{seen}");
    none_of(&violations);
}

#[test]
fn nothing_gives_up_outside_tests() {
    let mut violations = Vec::new();
    for source in sources() {
        for forbidden in FORBIDDEN {
            // `.unwrap()` and its like may be broken over lines.
            let code: String = source.code.split_whitespace().collect();
            if code.contains(forbidden) {
                violations.push(format!("src/{}: {forbidden}", source.path.display()));
            }
        }
    }
    none_of(&violations);
}

/// What is removed is gone: one file of the program does it, and who asks it to is listed.
#[test]
fn files_are_removed_in_one_place() {
    let mut violations = Vec::new();
    let mut asking = BTreeSet::new();
    for source in sources() {
        let path = source.path.display().to_string();
        if path == REMOVAL {
            continue;
        }
        for word in REMOVING {
            if !after_word(&source.code, word).is_empty() {
                violations.push(format!("src/{path}: {word} belongs to src/{REMOVAL}"));
            }
        }
        let asks = |tail: &&str| tail.starts_with("::") && !tail.starts_with("::<");
        if after_word(&source.code, "removal").iter().any(asks) {
            asking.insert(path);
        }
    }
    none_of(&violations);
    let listed: BTreeSet<String> = REMOVERS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(asking, listed, "who asks for a removal, and who is listed");
    // For good out of the trash, by one sweep; whole, for one command.
    for (act, place) in [
        ("forget", "usecases/attachments/collect.rs"),
        ("destroy", "usecases/demonstration.rs"),
        ("discard", "usecases/attachments/collect.rs"),
    ] {
        let calling = sources()
            .into_iter()
            .filter(|s| s.code.contains(&format!("files.{act}(")) || s.code.contains(&format!(").{act}(")));
        let places: Vec<String> = calling.map(|s| s.path.display().to_string()).collect();
        assert_eq!(places, [place], "{act}");
    }
}

/// The reader itself: a rule that is held by a reader that sees nothing is not held.
mod reader {
    use super::*;

    #[test]
    fn sees_code_and_nothing_else() {
        let text = r##"
            // crate::cli
            /* crate::cli /* nested */ crate::cli */
            const A: &str = "crate::cli \" crate::cli";
            const B: &str = r#"crate::cli " crate::cli"#;
            const C: char = '"'; const D: char = '\''; fn f<'a>(x: &'a str) -> crate::domain::X { x }
            use crate::{api::{extract, problem}, usecases::{Context, Error}};
            use super::super::storage;
            #[cfg(test)]
            pub mod sample;
            #[cfg(test)]
            mod tests { use crate::intake::{a, b}; fn f() { x.unwrap(); } }
            pub use crate::documents;
            use super::{cli, other};
        "##;
        let (code, modules) = without_tests(&blank(text));
        let module = ["cli".to_owned(), "demo".to_owned()];
        let names: Vec<String> = reached(&code, &module).into_iter().collect();
        assert_eq!(names, ["api", "documents", "domain", "storage", "usecases"]);
        assert_eq!(modules, ["sample"]);
        assert!(!code.contains("unwrap"));
    }

    #[test]
    fn sees_the_whole_house() {
        let rooms: BTreeMap<String, usize> = sources().iter().fold(BTreeMap::new(), |mut rooms, s| {
            *rooms.entry(s.room().to_owned()).or_default() += 1;
            rooms
        });
        assert!(rooms["storage"] > 10 && rooms["usecases"] > 20, "{rooms:?}");
        assert!(!sources().iter().any(|s| s.path.ends_with("domain/sample.rs")));
        let act = sources()
            .into_iter()
            .find(|s| s.path.ends_with("contracts/act.rs"))
            .unwrap();
        let names: Vec<String> = reached(&act.code, &act.module).into_iter().collect();
        assert_eq!(names, ["domain", "storage", "usecases"]);
    }
}

/// A figure is exact: no root and no power of doubles makes one (`src/statistics/exact_root.rs` does).
#[test]
fn no_figure_comes_from_a_power_of_doubles() {
    let rooms = ["statistics", "report"];
    let makes = |source: &&Source| rooms.contains(&source.room());
    let mut violations = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| !source.module.is_empty())
        .filter(makes)
    {
        for word in [".powf(", ".powi(1.0", ".sqrt(", ".cbrt(", ".exp(", ".ln("] {
            if source.code.contains(word) {
                violations.push(format!("src/{}: {word}", source.path.display()));
            }
        }
    }
    none_of(&violations);
}
