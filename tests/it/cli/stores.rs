//! Stores that are not there, that are somebody else's, or that are of an earlier version, as a person at the terminal meets them: nothing
//! is made, changed or removed that nobody asked for.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use dengji::usecases::{Condition, condition};

use crate::{
    fixtures::shelf::Shelf,
    support::{Backend, dengji, fresh_schema, settings, url_of_schema},
};

/// An office that an earlier version served out of `data/`, as it comes without any settings.
struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let (from, _) = Shelf::all(Backend::Sqlite)[0].put_down();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        for (name, to) in [
            ("dengji.sqlite", "dengji.sqlite"),
            ("files", "files"),
            ("keys.json", "signing-keys.json"),
        ] {
            fs::rename(from.path().join(name), folder.path().join("data").join(to)).unwrap();
        }
        Self { folder }
    }

    fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dengji"));
        command
            .current_dir(self.folder.path())
            .env_remove("DENGJI_DATABASE_URL")
            .env("DENGJI_LOG__FILTER", "warn")
            .env("DENGJI_AUTH__ARGON2__MEMORY_KIB", "64")
            .args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The attachments' files, by path.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        walk(&self.data("files"), &mut found);
        found.retain(|path, _| !path.ends_with(".dengji-store.json"));
        found
    }
}

fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => walk(&path, found),
            false => drop(found.insert(path.clone(), fs::read(&path).unwrap())),
        }
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a server until it says where it is, or ends; what it said, and whether it served.
fn serve_for_a_moment(mut command: Command) -> (String, bool) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let (mut told, mut served) = (String::new(), false);
    loop {
        let mut line = String::new();
        if stderr.read_line(&mut line).unwrap() == 0 {
            break;
        }
        told.push_str(&line);
        if line.contains("服务已启动") {
            served = true;
            let stopped = Command::new("kill")
                .args(["-TERM", &child.id().to_string()])
                .status()
                .unwrap();
            assert!(stopped.success());
            break;
        }
    }
    stderr.read_to_string(&mut told).unwrap();
    child.wait().unwrap();
    (told, served)
}

/// With a folder of files of its own.
fn in_folder<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    command.env("DENGJI_FILES__FOLDER", folder.join("files"))
}

/// Runs a command that may ask for a password.
fn with_password(command: &mut Command) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who asks for none may be gone already.
    let _ = child.stdin.take().unwrap().write_all(b"an ordinary long sentence\n");
    child.wait_with_output().unwrap()
}

const ANYWHERE: [&str; 2] = ["--listen", "127.0.0.1:0"];

#[test]
fn a_demo_beside_a_register_touches_nothing_of_it() {
    let office = Office::new();
    let (files, store) = (office.files(), fs::read(office.data("dengji.sqlite")).unwrap());
    let keys = fs::read(office.data("signing-keys.json")).unwrap();
    assert!(files.len() > 40);
    for _ in 0..2 {
        // Whoever takes the office's checkpoints gets none of the demonstration's.
        let mut demo = office.command(&["demo", ANYWHERE[0], ANYWHERE[1]]);
        demo.env("DENGJI_CHECKPOINTS__FOLDER", office.data("archive"));
        let (told, served) = serve_for_a_moment(demo);
        assert!(served, "{told}");
        assert_eq!(office.files(), files);
        assert!(!office.data("files/.dengji-store.json").exists());
        assert!(
            fs::read(office.data("dengji.sqlite")).unwrap() == store
                && fs::read(office.data("signing-keys.json")).unwrap() == keys
        );
        for own in [
            "demo/dengji.sqlite",
            "demo/files/.dengji-store.json",
            "demo/signing-keys.json",
        ] {
            assert!(office.data(own).exists(), "{own}");
        }
        for others in ["mail", "archive", "checkpoint-keys.json"] {
            assert!(!office.data(others).exists(), "{others}");
        }
    }
    // Who serves the demo's store as a register's is told what it is.
    let own = [
        "--database",
        "sqlite:data/demo/dengji.sqlite",
        "serve",
        ANYWHERE[0],
        ANYWHERE[1],
    ];
    let (told, served) = serve_for_a_moment(office.command(&own));
    assert!(served && told.contains("演示数据库"), "{told}");
    // A store that it did not make is not made anew: one of an earlier version, one of this.
    for upgraded in [false, true] {
        fs::copy(office.data("dengji.sqlite"), office.data("demo/dengji.sqlite")).unwrap();
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(office.data(&format!("demo/dengji.sqlite{suffix}")));
        }
        if upgraded {
            let migrated = office.run(&["--database", "sqlite:data/demo/dengji.sqlite", "migrate"]);
            assert!(migrated.status.success(), "{}", said(&migrated));
        }
        let refused = office.run(&["demo", "--no-serve"]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(said(&refused).contains("不是演示建立的"), "{}", said(&refused));
        assert!(office.data("demo/dengji.sqlite").exists() && office.data("demo/files").exists());
    }
}

#[test]
fn a_mistyped_path_is_no_empty_register() {
    let office = Office::new();
    let files = office.files();
    let typo = ["--database", "sqlite:data/dengij.sqlite"];
    fs::write(office.data("empty.sqlite"), "").unwrap();
    let empty = ["--database", "sqlite:data/empty.sqlite"];
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/config/demo/registrars.csv");
    let commands: [&[&str]; 12] = [
        &["serve", ANYWHERE[0], ANYWHERE[1]],
        &["import", "--kind", "registrars", "--dry-run", sample],
        &["report", "2025"],
        &["pivot", "2025", "--rows", "type"],
        &["export"],
        &[
            "check",
            "2025",
            concat!(env!("CARGO_MANIFEST_DIR"), "/config/demo/published-2025.csv"),
        ],
        &["ledger", "verify"],
        &["ledger", "head"],
        &["files", "verify"],
        &["files", "collect", "--all"],
        &["files", "restore"],
        &["sweep"],
    ];
    for command in commands {
        let refused = office.run(&[&typo[..], command].concat());
        assert_eq!(refused.status.code(), Some(1), "{command:?}: {}", said(&refused));
        assert!(
            said(&refused).contains("没有数据库文件 data/dengij.sqlite"),
            "{command:?}: {}",
            said(&refused)
        );
        assert!(!office.data("dengij.sqlite").exists(), "{command:?} made a store");
        let refused = office.run(&[&empty[..], command].concat());
        assert_eq!(refused.status.code(), Some(1), "{command:?}: {}", said(&refused));
        assert!(said(&refused).contains("空"), "{command:?}: {}", said(&refused));
        assert_eq!(
            fs::read(office.data("empty.sqlite")).unwrap(),
            b"",
            "{command:?} wrote to it"
        );
    }
    // Somebody insists: the folder is an office's all the same, with a marker and without.
    for is_marked in [false, true] {
        if is_marked {
            assert!(office.run(&["migrate"]).status.success());
            assert!(office.data("files/.dengji-store.json").exists());
        }
        let insisting = [&typo[..], &["serve", "--create", ANYWHERE[0], ANYWHERE[1]]].concat();
        let (told, served) = serve_for_a_moment(office.command(&insisting));
        assert!(!served && told.contains("data/files"), "{told}");
        assert!(
            told.contains(if is_marked {
                "属于另一个数据库"
            } else {
                "没有标明"
            }),
            "{told}"
        );
        for command in [&["files", "collect", "--all"][..], &["sweep"]] {
            let refused = office.run(&[&typo[..], command].concat());
            assert_eq!(refused.status.code(), Some(1), "{command:?}: {}", said(&refused));
        }
        assert_eq!(office.files(), files);
    }
}

#[test]
fn a_store_is_made_where_somebody_wants_one() {
    let folder = tempfile::tempdir().unwrap();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/config/demo/registrars.csv");
    let makers: [&[&str]; 3] = [
        &["migrate"],
        &["import", "--kind", "registrars", sample],
        &["user", "add", "li", "--role", "auditor"],
    ];
    for (index, command) in makers.iter().enumerate() {
        let url = format!(
            "sqlite:{}",
            folder.path().join(format!("{index}/dengji.sqlite")).display()
        );
        let (apart, url) = (folder.path().join(index.to_string()), url.as_str());
        let made = with_password(in_folder(&mut dengji(url, folder.path()), &apart).args(*command));
        assert!(made.status.success(), "{}", said(&made));
        assert!(said(&made).contains("已新建数据库"), "{}", said(&made));
        let again = with_password(in_folder(&mut dengji(url, folder.path()), &apart).args(*command));
        assert!(!said(&again).contains("已新建"), "{}", said(&again));
        // A name is taken by now.
        assert_eq!(again.status.success(), command[0] != "user", "{}", said(&again));
    }
    let url = format!("sqlite:{}", folder.path().join("served.sqlite").display());
    let mut serve = dengji(&url, folder.path());
    in_folder(&mut serve, &folder.path().join("served")).args(["serve", "--create", ANYWHERE[0], ANYWHERE[1]]);
    let (told, served) = serve_for_a_moment(serve);
    assert!(served && told.contains("已新建数据库"), "{told}");
    // Keys need no store.
    let url = format!("sqlite:{}", folder.path().join("nowhere.sqlite").display());
    let rotated = dengji(&url, folder.path()).args(["keys", "rotate"]).output().unwrap();
    assert!(
        rotated.status.success() && !folder.path().join("nowhere.sqlite").exists(),
        "{}",
        said(&rotated)
    );
}

#[test]
fn an_empty_schema_of_a_server_is_no_register() {
    let (folder, url) = (tempfile::tempdir().unwrap(), url_of_schema(&fresh_schema()));
    let is_empty = || condition(&settings(&url, folder.path())).unwrap() == Condition::Empty;
    for arguments in [
        &["serve", ANYWHERE[0], ANYWHERE[1]][..],
        &["report", "2025"],
        &["files", "verify"],
        &["sweep"],
    ] {
        let refused = dengji(&url, folder.path()).args(arguments).output().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}: {}", said(&refused));
        assert!(
            said(&refused).contains("PostgreSQL 数据库 是空的"),
            "{}",
            said(&refused)
        );
        assert!(is_empty(), "{arguments:?}");
    }
    let mut serve = dengji(&url, folder.path());
    serve.args(["serve", "--create", ANYWHERE[0], ANYWHERE[1]]);
    let (told, served) = serve_for_a_moment(serve);
    assert!(
        served && told.contains("已新建PostgreSQL 数据库") && !is_empty(),
        "{told}"
    );
}

#[test]
fn a_schema_changes_when_it_is_meant_to_and_after_a_copy() {
    let office = Office::new();
    let before = fs::read(office.data("dengji.sqlite")).unwrap();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/config/demo/registrars.csv");
    let commands: [&[&str]; 8] = [
        &["report", "2025"],
        &["export"],
        &["ledger", "verify"],
        &["files", "verify"],
        &["files", "collect"],
        &["sweep"],
        &["import", "--kind", "registrars", sample],
        &["user", "add", "li", "--role", "auditor"],
    ];
    for command in commands {
        let refused = office.run(command);
        assert_eq!(refused.status.code(), Some(1), "{command:?}: {}", said(&refused));
        assert!(
            said(&refused).contains("dengji migrate"),
            "{command:?}: {}",
            said(&refused)
        );
        assert_eq!(
            fs::read(office.data("dengji.sqlite")).unwrap(),
            before,
            "{command:?} wrote to it"
        );
    }
    let copies = || -> Vec<PathBuf> {
        let names = fs::read_dir(office.folder.path().join("data"))
            .unwrap()
            .map(|e| e.unwrap().path());
        let mut copies: Vec<PathBuf> = names
            .filter(|p| p.to_string_lossy().contains(".before-upgrade-"))
            .collect();
        copies.sort();
        copies
    };
    // Earlier copies, of which the last are kept; and what only looks like one.
    for year in 2020..2027 {
        fs::write(
            office.data(&format!("dengji.sqlite.before-upgrade-{year}0101-000000-000000")),
            "x",
        )
        .unwrap();
    }
    fs::write(office.data("dengji.sqlite.before-upgrade-mine"), "x").unwrap();
    let migrated = office.run(&["migrate"]);
    assert!(migrated.status.success(), "{}", said(&migrated));
    let named: Vec<String> = copies()
        .iter()
        .map(|p| p.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(named.len(), 6, "five, and somebody's own: {named:?}");
    assert!(named.contains(&"dengji.sqlite.before-upgrade-mine".to_owned()));
    let copy = copies()
        .into_iter()
        .rfind(|p| fs::metadata(p).unwrap().len() > 1)
        .unwrap();
    assert!(
        said(&migrated).contains(copy.file_name().unwrap().to_str().unwrap()),
        "{}",
        said(&migrated)
    );
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    // It is the store as it was: whole, and of the earlier version.
    let url = format!("sqlite:{}", copy.display());
    let refused = office.run(&["--database", &url, "ledger", "verify"]);
    assert!(said(&refused).contains("dengji migrate"), "{}", said(&refused));
    let verified = office.run(&["ledger", "verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
    assert!(office.run(&["files", "verify"]).status.success());
    let again = office.run(&["migrate"]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("已是最新") && copies().len() == 6);

    // The server does the same, and says so.
    let office = Office::new();
    let (told, served) = serve_for_a_moment(office.command(&["serve", ANYWHERE[0], ANYWHERE[1]]));
    assert!(
        served && told.contains("现在升级") && told.contains(".before-upgrade-"),
        "{told}"
    );
}

#[test]
fn two_schemas_do_not_share_a_folder() {
    let shelf = &Shelf::all(Backend::Postgres)[0];
    let ((folder, first), (_, second)) = (shelf.put_down(), shelf.put_down());
    let command = |url: &str, arguments: &[&str]| {
        let mut command = dengji(url, folder.path());
        command.args(arguments);
        command
    };
    let mut files = BTreeMap::new();
    walk(&folder.path().join("files"), &mut files);
    assert!(files.len() > 40);
    for url in [&first, &second] {
        let migrated = command(url, &["migrate"]).output().unwrap();
        assert!(migrated.status.success(), "{}", said(&migrated));
        assert_eq!(
            said(&migrated).contains("属于另一个数据库"),
            url == &second,
            "{}",
            said(&migrated)
        );
    }
    let (told, served) = serve_for_a_moment(command(&first, &["serve", ANYWHERE[0], ANYWHERE[1]]));
    assert!(served, "{told}");
    let (told, served) = serve_for_a_moment(command(&second, &["serve", ANYWHERE[0], ANYWHERE[1]]));
    assert!(!served && told.contains("属于另一个数据库"), "{told}");
    for arguments in [
        &["sweep"][..],
        &["files", "collect", "--all"],
        &["files", "restore"],
        &["files", "verify"],
    ] {
        let refused = command(&second, arguments).output().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}: {}", said(&refused));
        assert!(said(&refused).contains("属于另一个数据库"), "{}", said(&refused));
    }
    let mut after = BTreeMap::new();
    walk(&folder.path().join("files"), &mut after);
    after.retain(|path, _| !path.ends_with(".dengji-store.json"));
    assert_eq!(after, files);
}
