//! One PostgreSQL server for the whole run, on a free port of the loopback, gone when the test process is.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::OnceLock,
};

/// Keeps the server's watchman alive: it stops the server when this end of its standard input closes.
struct Server {
    url: String,
    _watch: ChildStdin,
    _child: Child,
}

/// The server's URL, without a schema. `TEST_POSTGRES_URL` names one that is there already.
pub fn postgres_url() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static GIVEN: OnceLock<Option<String>> = OnceLock::new();
    match GIVEN.get_or_init(|| std::env::var("TEST_POSTGRES_URL").ok()) {
        Some(url) => url,
        None => &SERVER.get_or_init(start).url,
    }
}

/// The folder of `initdb`, `pg_ctl` and `pg_dump`.
pub fn postgres_programs() -> PathBuf {
    let mut folders: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|p| std::env::split_paths(&p).collect())
        .unwrap_or_default();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|e| e.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    folders.extend(debian.into_iter().rev());
    folders
        .into_iter()
        .find(|f| f.join("initdb").is_file() && f.join("pg_ctl").is_file())
        .expect("PostgreSQL's server programs are not there: `apt-get install postgresql`, or set TEST_POSTGRES_URL")
}

fn start() -> Server {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // PostgreSQL refuses to run as root: step down to the user that its package made.
    let script = r#"
        set -e
        folder=$(mktemp -d /tmp/dengji-postgres-XXXXXX)
        run() { "$@"; }
        if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; run() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }; fi
        cd "$folder"
        run "$BIN/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
        run "$BIN/pg_ctl" -D "$folder/data" -w -l "$folder/data/server.log" \
            -o "-h 127.0.0.1 -p $PORT -k $folder $SETTINGS -c max_connections=400 -c shared_buffers=64MB" start >/dev/null
        echo ready
        read -r _ || true
        run "$BIN/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
        rm -rf "$folder"
    "#;
    let mut child = Command::new("setsid")
        .args(["sh", "-c", script])
        .env("BIN", postgres_programs())
        .env("PORT", port.to_string())
        .env("SETTINGS", super::POSTGRES_SETTINGS)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let watch = child.stdin.take().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line.trim(), "ready", "PostgreSQL did not start");
    Server {
        url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
        _watch: watch,
        _child: child,
    }
}
