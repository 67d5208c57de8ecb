//! The documents: paths, links and commands that they name exist.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Folders of the project whose paths are looked up.
const FOLDERS: [&str; 8] = [
    "src/",
    "docs/",
    "config/",
    "migrations/",
    "tests/",
    "benches/",
    ".ci/",
    "./",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document, by path below the project's folder.
fn documents() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for folder in ["", "docs", "migrations", "benches", "config"] {
        let Ok(entries) = fs::read_dir(root().join(folder)) else {
            continue;
        };
        for path in entries
            .map(|e| e.unwrap().path())
            .filter(|p| p.extension().is_some_and(|e| e == "md"))
        {
            let text = fs::read_to_string(&path).unwrap();
            found.insert(path.strip_prefix(root()).unwrap().to_owned(), text);
        }
    }
    found
}

/// What a document sets apart as code: its spans in backticks and the lines of its fenced blocks.
fn code(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            found.push(line.split(" #").next().unwrap_or_default().to_owned());
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// Targets of links that are no addresses.
fn links(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .collect()
}

/// Paths of this project that a piece of code names; patterns like `tests/<name>` are none.
fn paths(code: &str) -> Vec<&str> {
    code.split_whitespace()
        .map(|word| word.trim_matches(|c| "\"'(),;:…".contains(c)).trim_end_matches('.'))
        .filter(|word| FOLDERS.iter().any(|f| word.starts_with(f)) && !word.contains(['<', '{', '*', '…']))
        .collect()
}

/// The commands that a piece of code names: words of the command, and options.
fn command(code: &str) -> Option<(Vec<&str>, Vec<&str>)> {
    let code = code.trim();
    let rest = code
        .strip_prefix("dengji ")
        .or_else(|| code.strip_prefix("cargo run -- "))?;
    let mut words: Vec<&str> = rest.split_whitespace().collect();
    while matches!(words.first(), Some(&("--database" | "--config"))) {
        words.drain(..2.min(words.len()));
    }
    let is_name = |w: &&&str| w.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !w.starts_with('-');
    let names: Vec<&str> = words.iter().take_while(is_name).copied().collect();
    let options = words
        .iter()
        .map(|w| w.trim_matches(|c| "[]…,".contains(c)))
        .filter(|w| w.starts_with("--") && w.len() > 2)
        .collect();
    (!names.is_empty()).then_some((names, options))
}

#[test]
fn paths_and_links_exist() {
    let mut missing = BTreeSet::new();
    let documents = documents();
    for (document, text) in &documents {
        let folder = document.parent().unwrap();
        for code in code(text) {
            for path in paths(&code).into_iter().filter(|p| !root().join(p).exists()) {
                missing.insert(format!("{}: {path}", document.display()));
            }
        }
        for link in links(text)
            .into_iter()
            .filter(|l| !root().join(folder).join(l).exists())
        {
            missing.insert(format!("{}: link to {link}", document.display()));
        }
    }
    assert!(documents.keys().any(|d| d.ends_with("README.md")));
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn commands_exist() {
    let mut named: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
    for text in documents().values() {
        for code in code(text) {
            if let Some((names, options)) = command(&code) {
                let known = named.entry(names.into_iter().map(str::to_owned).collect()).or_default();
                known.extend(options.into_iter().map(str::to_owned));
            }
        }
    }
    let all: Vec<String> = named.keys().map(|names| names.join(" ")).collect();
    for expected in ["demo", "serve", "import", "report", "ledger verify", "user add"] {
        assert!(
            all.iter().any(|name| name == expected),
            "no document names `dengji {expected}`: {all:?}"
        );
    }
    for (names, options) in named {
        let output = Command::new(env!("CARGO_BIN_EXE_dengji"))
            .args(&names)
            .arg("--help")
            .output()
            .unwrap();
        assert!(output.status.success(), "dengji {}: {output:?}", names.join(" "));
        let help = String::from_utf8(output.stdout).unwrap();
        for option in options {
            let there = help.split([' ', ',', '\n']).any(|word| word == option);
            assert!(there, "dengji {} {option}: {help}", names.join(" "));
        }
    }
}

#[cfg(unix)]
#[test]
fn the_test_command_can_be_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(code(&readme).iter().any(|c| c.trim() == "tests/run"));
    for script in ["tests/run", ".ci/run"] {
        let mode = fs::metadata(root().join(script)).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{script} is not executable");
    }
}

#[test]
fn the_reader_sees_what_is_there() {
    let text = "See `src/none.rs`, [a](b/c.md#d) and [e](https://x.y/).\n\n```sh\ndengji --config f import --kind K  # src/comment\n```\n";
    assert_eq!(code(text), ["src/none.rs", "dengji --config f import --kind K "]);
    assert_eq!(links(text), ["b/c.md"]);
    assert_eq!(paths("cat \"src/none.rs\" tests/<name>"), ["src/none.rs"]);
    assert_eq!(
        command("dengji --config f import --kind K"),
        Some((vec!["import"], vec!["--kind"]))
    );
    assert_eq!(
        command("dengji user add NAME [--agency CODE]…"),
        Some((vec!["user", "add"], vec!["--agency"]))
    );
    assert_eq!(command("dengji"), None);
}
