//! DuckDB in a Python process of its own, told what to do line by line; it times itself, so that the pipe is in no measurement.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use dengji::{storage::StoreUrl, usecases::Context};
use serde_json::{Value, json};

use crate::{
    Failure,
    queries::{self, Engine, Task},
};

pub struct Duck {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    ctx: Context,
}

impl Duck {
    /// Starts it with the rows of the store.
    pub fn start(ctx: &Context, folder: &Path) -> Result<Self, Failure> {
        let StoreUrl::Sqlite(store) = ctx.store.url() else {
            return Err("only beside SQLite".into());
        };
        for table in ["standings", "endings"] {
            export(store, table, &folder.join(format!("{table}.csv")))?;
        }
        let python = std::env::var("DENGJI_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/duckdb_annual.py");
        let mut child = Command::new(&python)
            .arg(script)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{python}: {e}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("no pipes".into());
        };
        let mut duck = Self {
            child,
            input,
            output: BufReader::new(output),
            ctx: ctx.clone(),
        };
        let ready = duck
            .answer()
            .map_err(|_| "Python's module duckdb is not there: pip install duckdb")?;
        eprintln!("DuckDB {}, {} threads", ready["version"], ready["threads"]);
        Ok(duck)
    }

    fn tell(&mut self, what: &Value) -> Result<Value, Failure> {
        writeln!(self.input, "{what}")?;
        self.input.flush()?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Value, Failure> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// Adds a row to `standings`.
    pub fn add(&mut self, row: &str) -> Result<(), Failure> {
        let sql = format!("INSERT INTO standings SELECT (SELECT max(id) + 1 FROM standings), 0, 1, {row}");
        self.tell(&json!({"run": [sql]}))?;
        Ok(())
    }

    /// How long the faster way of asking takes, and contracts and amount.
    pub fn ask(&mut self, task: Task) -> Result<(Duration, (i64, i64)), Failure> {
        let ways = queries::ways(&self.ctx, task, Engine::DuckDb);
        let mut best = Duration::MAX;
        for (_, statements) in ways {
            let answer = self.tell(&json!({"run": statements}))?;
            best = best.min(Duration::from_secs_f64(answer["seconds"].as_f64().ok_or("no time")?));
        }
        let answer = self.tell(&json!({"run": [queries::total(task)]}))?;
        let number = |at: usize| answer["last"][0][at].as_i64().unwrap_or(-1);
        let contracts = if task == Task::Pivot { 0 } else { number(0) };
        Ok((best, (contracts, number(1))))
    }
}

impl Drop for Duck {
    fn drop(&mut self) {
        // It is ours alone, and whether it had ended already does not matter.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a table as CSV.
fn export(store: &Path, table: &str, to: &Path) -> Result<(), Failure> {
    let connection = rusqlite::Connection::open(store)?;
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
    let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut writer = csv::Writer::from_path(to)?;
    writer.write_record(&names)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut record = csv::StringRecord::new();
        for at in 0..names.len() {
            match row.get_ref(at)? {
                rusqlite::types::ValueRef::Integer(n) => record.push_field(&n.to_string()),
                rusqlite::types::ValueRef::Text(text) => record.push_field(std::str::from_utf8(text)?),
                _ => record.push_field(""),
            }
        }
        writer.write_record(&record)?;
    }
    writer.flush()?;
    Ok(())
}
