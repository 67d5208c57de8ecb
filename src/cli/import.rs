//! `dengji import`.

use std::{
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    domain::{import_job::MOST_NOTICES, interchange::Kind, text},
    usecases::{
        Context,
        imports::{self, Approval, CellError, Event, Failure, Imported, Request},
    },
};

/// Arguments of `dengji import`.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// 种类：register 台账、registrars 登记员、follow-up 履约跟踪、activities 活动、reference 参考数据
    #[arg(long, value_parser = parse_kind)]
    kind: Kind,
    /// 文件（CSV：UTF-8 或 GB18030；XLSX），按内容识别
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// 只检查，不导入
    #[arg(long)]
    dry_run: bool,
    /// 已有记录内容不同时，以文件为准更正（写入新的版本）
    #[arg(long)]
    update: bool,
    /// 更正的理由，记入登记账；更正曾经确认的合同时必须说明
    #[arg(long, requires = "update", value_parser = parse_reason)]
    reason: Option<String>,
    /// 结果以 JSON 输出
    #[arg(long, value_parser = ["json"])]
    format: Option<String>,
}

impl ImportArgs {
    /// Whether nothing is to be written.
    pub(super) const fn is_dry_run(&self) -> bool {
        self.dry_run
    }
}

pub(super) fn parse_kind(id: &str) -> Result<Kind, String> {
    Kind::from_id(id).ok_or_else(|| {
        let ids: Vec<&str> = Kind::ALL.iter().map(|k| k.id()).collect();
        format!("没有这个种类；可用的有 {}", ids.join("、"))
    })
}

/// Longest reason, in characters.
const LONGEST_REASON: usize = 2000;

fn parse_reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("理由不能为空".to_owned()),
        1..=LONGEST_REASON if text.chars().any(char::is_control) => Err("理由含有不允许的控制字符".to_owned()),
        1..=LONGEST_REASON => Ok(text.to_owned()),
        _ => Err(format!("理由不得超过 {LONGEST_REASON} 个字符")),
    }
}

pub(super) async fn run(ctx: &Context, args: ImportArgs) -> Result<ExitCode, String> {
    let mut failed = false;
    for file in &args.files {
        let request = Request {
            actor: super::user::actor_name(),
            role: None,
            kind: args.kind,
            path: file.clone(),
            file_name: file_name(file),
            update: args.update,
            dry_run: args.dry_run,
            approval: Approval::Operator {
                reason: args.reason.clone(),
            },
        };
        match import_file(ctx, request).await {
            Ok((done, notices)) => {
                let told = match args.format.is_some() {
                    true => json(file, done, &notices).to_string(),
                    false => summary(file, done, &args),
                };
                if let Err(message) = super::print_done(&told) {
                    tell!("{}：{message}", file.display());
                    failed = true;
                }
            }
            Err(message) => {
                tell!("{}：{message}", file.display());
                failed = true;
            }
        }
    }
    Ok(ExitCode::from(u8::from(failed)))
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    // The ledger keeps it: nothing in it that is not seen, or that turns what is read.
    name.chars()
        .filter(|c| !c.is_control() && !text::is_hidden(*c))
        .collect()
}

fn summary(file: &Path, done: Imported, args: &ImportArgs) -> String {
    let Imported {
        rows,
        added,
        unchanged,
        updated,
        flagged,
        to_approve,
    } = done;
    let what = if args.dry_run {
        "检查通过（未导入）"
    } else {
        "导入完成"
    };
    let doubtful = match flagged {
        0 => String::new(),
        n => format!("；其中 {n} 行有疑点（不影响导入），详见 GET /api/v1/follow-ups?flag=any"),
    };
    let corrected = match to_approve {
        0 => String::new(),
        n if args.dry_run && args.reason.is_none() => {
            format!("；其中更正 {n} 项曾经确认的合同，导入时须以 --reason 说明理由")
        }
        n => format!("；其中更正 {n} 项曾经确认的合同"),
    };
    format!(
        "{}：{what}，共 {rows} 行，新增 {added}，更正 {updated}，原有未变 {unchanged}{corrected}{doubtful}",
        file.display()
    )
}

fn json(file: &Path, done: Imported, notices: &[CellError]) -> serde_json::Value {
    serde_json::json!({
        "file": file.display().to_string(), "rows": done.rows, "added": done.added,
        "updated": done.updated, "unchanged": done.unchanged, "flagged": done.flagged,
        "corrected_confirmed": done.to_approve,
        "notices": notices,
    })
}

/// Where something stands, for people.
fn place(cell: &CellError) -> String {
    let sheet = cell
        .sheet
        .as_ref()
        .map(|sheet| format!("工作表“{sheet}”"))
        .unwrap_or_default();
    match (cell.column.as_str(), cell.value.as_str()) {
        // What concerns the file or sheet is told of its first row.
        ("", "") if cell.row <= 1 && sheet.is_empty() => "整个文件".to_owned(),
        ("", "") if cell.row <= 1 => sheet,
        ("", "") => format!("{sheet}第 {} 行", cell.row),
        (name, value) => format!("{sheet}第 {} 行，{}，“{value}”", cell.row, column(name)),
    }
}

/// Imports one file; every wrong cell, and what a person should know of the others, goes to standard error on a line of its own.
pub(super) async fn import_file(ctx: &Context, request: Request) -> Result<(Imported, Vec<CellError>), String> {
    let bar = progress_bar(&request.file_name);
    let shown = bar.clone();
    let name = request.path.display().to_string();
    let path = name.clone();
    let notices: Arc<Mutex<Vec<CellError>>> = Arc::default();
    let kept = Arc::clone(&notices);
    let tell = move |event| match event {
        Event::Begun => kept.lock().unwrap_or_else(PoisonError::into_inner).clear(),
        Event::Rows(_) => {}
        Event::Notice(notice) => {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() < MOST_NOTICES {
                kept.push(notice);
            }
        }
        Event::Progress(progress) => {
            shown.set_length(progress.total);
            shown.set_position(progress.done);
        }
        Event::Error(e) | Event::OfRegister(e) => shown.suspend(|| {
            // A closed standard error is no reason to stop.
            let told = format!("{}：{}（{}）", place(&e), e.detail, e.code);
            let _ = writeln!(std::io::stderr(), "{name}：{}", one_line(&told));
        }),
    };
    let result = imports::import(ctx, request, Arc::new(tell)).await;
    bar.finish_and_clear();
    let notices = std::mem::take(&mut *notices.lock().unwrap_or_else(PoisonError::into_inner));
    for notice in &notices {
        let told = format!("提示：{}：{}（{}）", place(notice), notice.detail, notice.code);
        tell!("{path}：{}", one_line(&told));
    }
    let result = result.map(|done| (done, notices));
    result.map_err(|failure| match failure {
        Failure::Cells(_) | Failure::ReasonMissing(_) | Failure::Unapproved(_) => failure.to_string(),
        Failure::Other(error) => super::told(&error),
    })
}

/// The text without line ends and other control characters, which a cell may hold and a terminal would obey.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' => '⏎',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

fn column(header: &str) -> String {
    if header.is_empty() {
        "整行".to_owned()
    } else {
        format!("“{header}”列")
    }
}

/// Drawn on a terminal only.
fn progress_bar(name: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0).with_message(name.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent:>3}% 剩余 {eta}") {
        bar.set_style(style);
    }
    bar
}
