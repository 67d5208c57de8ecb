//! The command line: arguments, and one file per command. Results go to standard output, talk and progress to standard error.
//! Exit 0 done, 1 failed, 2 wrong usage.

/// Says something at the terminal. Where nobody can be told (standard error is closed, or its disk is full) the work goes on.
macro_rules! tell {
    ($($what:tt)*) => {{
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{}\n", format_args!($($what)*)));
    }};
}

mod check;
mod demo;
mod export;
mod files;
mod grants;
mod import;
mod keys;
mod ledger;
mod migrate;
mod pivot;
mod report;
mod serve;
mod sweep;
mod template;
mod user;

use std::{io::IsTerminal as _, path::PathBuf, process::ExitCode};

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use rustix::process::{Resource, Rlimit};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::{
    config::{LogFormat, LogSettings, Settings},
    domain::time::Moment,
    usecases::{
        Condition, Context, Error, Upgrade,
        attachments::{EXAMINE_PDF, examine_pdf as examine},
        clock_watch, condition,
        seam::Clock,
        sqlite_file,
    },
};

/// 技术合同认定登记与年度统计
#[derive(Debug, Parser)]
#[command(name = "dengji", version, about = "技术合同认定登记与年度统计", max_term_width = 120)]
struct Arguments {
    /// 数据库地址：sqlite:路径 或 postgres://…（默认 sqlite:data/dengji.sqlite）
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "DENGJI_DATABASE_URL",
        hide_env_values = true
    )]
    database: Option<String>,
    /// 配置文件（TOML）
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 启动服务（数据库结构较旧的，说明后先升级）
    Serve(serve::ServeArgs),
    /// 演示：在自己的目录 data/demo 中新建数据库，导入样例台账，输出年度数据，然后启动服务
    Demo(demo::DemoArgs),
    /// 升级数据库结构（内置数据库先在旁边留一份副本）；没有数据库的，新建
    Migrate,
    /// 导入台账、登记员、履约跟踪、活动或参考数据（CSV 或 XLSX）；每个文件要么全部导入，要么全部不导入
    Import(import::ImportArgs),
    /// 导出登记台账
    Export(export::ExportArgs),
    /// 生成空白导入模板（XLSX，带下拉选项）
    Template(template::TemplateArgs),
    /// 年度统计
    Report(report::ReportArgs),
    /// 按任意两项交叉统计合同
    Pivot(pivot::PivotArgs),
    /// 核对已公布的数据或统计年报：逐项与台账得出的数据比较，并检查年报自身有无矛盾
    Check(check::CheckArgs),
    /// 登记账（只增不改的操作记录）
    Ledger(ledger::LedgerArgs),
    /// 附件文件
    Files(files::FilesArgs),
    /// 输出 PostgreSQL 授权语句：供服务使用、不拥有任何表、不能改动登记账的角色
    Grants(grants::GrantsArgs),
    /// 账户
    User(user::UserArgs),
    /// 运行一次定时任务：证书到期提醒、办理期限提醒、放回久未办理的合同
    Sweep(sweep::SweepArgs),
    /// 签名密钥
    Keys(keys::KeysArgs),
    /// 输出 OpenAPI 文档
    Openapi,
    /// 检查一个 PDF 文件（由服务自行调用）
    #[command(hide = true, name = EXAMINE_PDF)]
    ExaminePdf {
        /// 文件
        file: PathBuf,
    },
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let matches = in_chinese(Arguments::command()).get_matches();
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    if let Command::ExaminePdf { file } = &arguments.command {
        return examine_pdf(file);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    match runtime.block_on(run(arguments)) {
        Ok(code) => code,
        Err(message) => fail(&message),
    }
}

/// Seconds of a processor, and bytes, that the examination of one PDF may take.
const EXAMINATION: (u64, u64) = (20, 1 << 30);

/// Examines a PDF for a server: exit 0 where nothing is wrong with it, else 3, with the code and the reason on standard output. A file that
/// takes too much, or ends the process, gets no answer.
fn examine_pdf(file: &std::path::Path) -> ExitCode {
    let (seconds, bytes) = EXAMINATION;
    for (resource, most) in [(Resource::Cpu, seconds), (Resource::As, bytes), (Resource::Core, 0)] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        if rustix::process::setrlimit(resource, limit).is_err() {
            return ExitCode::FAILURE;
        }
    }
    match examine(file) {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, detail)) => {
            // Whoever started it reads; where nobody does, nobody wants to know.
            let _ = print(&format!("{code}\n{detail}"));
            ExitCode::from(3)
        }
    }
}

/// Help pages with Chinese headings, for every command.
fn in_chinese(command: clap::Command) -> clap::Command {
    let command = command
        .help_template("{before-help}{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("命令")
        .disable_help_subcommand(true)
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "参数" } else { "选项" };
            arg.help_heading(heading)
        });
    command.mut_subcommands(in_chinese)
}

fn fail(message: &str) -> ExitCode {
    tell!("错误：{message}");
    ExitCode::from(1)
}

async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    if matches!(arguments.command, Command::Openapi) {
        let document = crate::api::document().to_pretty_json().map_err(|e| e.to_string())?;
        print(&document)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut settings = Settings::load(arguments.config.as_deref()).map_err(|e| e.to_string())?;
    if let Some(url) = arguments.database {
        settings.database_url = url;
    }
    if matches!(arguments.command, Command::Demo(_)) {
        // The demo talks for itself.
        settings.log.filter = "warn".to_owned();
    }
    let serves = matches!(arguments.command, Command::Serve(_) | Command::Demo(_));
    let _log = start_log(&settings.log, serves)?;
    match arguments.command {
        Command::Serve(args) => serve::run(settings, args).await,
        Command::Demo(args) => demo::run(settings, args).await,
        Command::Template(args) => template::run(&settings, &args),
        Command::Openapi | Command::ExaminePdf { .. } => Ok(ExitCode::SUCCESS),
        Command::Grants(args) => grants::run(&args),
        Command::Migrate => migrate::run(settings).await,
        // What is only tried out makes no store.
        Command::Import(args) if args.is_dry_run() => import::run(&existing(settings)?, args).await,
        Command::Import(args) => import::run(&watched(made(settings)?).await?, args).await,
        Command::Export(args) => export::run(&existing(settings)?, args).await,
        Command::Report(args) => report::run(&existing(settings)?, args).await,
        Command::Check(args) => check::run(settings, args).await,
        Command::Pivot(args) => pivot::run(&existing(settings)?, args).await,
        Command::Ledger(args) => ledger::run(&existing(settings)?, args).await,
        Command::Files(args) => files::run(&watched(existing(settings)?).await?, args).await,
        Command::Sweep(args) => sweep::run(&watched(existing(settings)?).await?, args).await,
        Command::User(args) => user::run(&watched(made(settings)?).await?, args)
            .await
            .map(|()| ExitCode::SUCCESS),
        Command::Keys(args) => keys::run(&settings, args).map(|()| ExitCode::SUCCESS),
    }
}

/// What is said where there is no store yet.
const FIRST_TIME: &str = "路径写错的，请改正；首次使用的，用 dengji serve --create 建立，或先用 dengji user add、dengji import、dengji migrate 建立。";

/// How far the store is.
fn look(settings: &Settings) -> Result<Condition, String> {
    condition(settings).map_err(|e| e.to_string())
}

fn open(settings: Settings) -> Result<Context, String> {
    Context::open(settings, Clock::system()).map_err(|e| e.to_string())
}

/// The store as it is, with this program's schema. Neither makes a store nor changes a schema: a mistyped path is no empty register, and
/// a schema changes when somebody wants it to.
fn existing(settings: Settings) -> Result<Context, String> {
    let place = place(&settings);
    match look(&settings)? {
        Condition::Current => open(settings),
        Condition::Missing => {
            let file = place.trim_start_matches("数据库 ");
            Err(format!("没有数据库文件 {file}。{FIRST_TIME}"))
        }
        Condition::Empty => Err(format!("{place} 是空的。{FIRST_TIME}")),
        Condition::Behind(missing) => Err(format!(
            "{place} 的结构是较早版本的，缺 {}。请先执行 dengji migrate。",
            missing.join("、")
        )),
    }
}

/// As [`existing`]; where there is no store, one is made, which is said.
fn made(settings: Settings) -> Result<Context, String> {
    match look(&settings)? {
        Condition::Missing | Condition::Empty => new(settings).map(|(ctx, _)| ctx),
        Condition::Current | Condition::Behind(_) => existing(settings),
    }
}

/// Makes a store where there is none, which is said.
fn new(settings: Settings) -> Result<(Context, Upgrade), String> {
    let ctx = Context::make(settings, Clock::system()).map_err(|e| e.to_string())?;
    let done = ctx.migrate().map_err(|e| told(&e))?;
    tell!("已新建{}。", place(&ctx.settings));
    Ok((ctx, done))
}

/// Brings an earlier version's schema up, saying so before and after.
fn upgraded(settings: Settings) -> Result<(Context, Upgrade), String> {
    tell!("{} 的结构是较早版本的，现在升级。", place(&settings));
    let ctx = open(settings)?;
    let done = ctx.migrate().map_err(|e| told(&e))?;
    match &done.copy {
        Some(copy) => tell!("升级前的数据库留在 {}。", copy.display()),
        None => tell!("升级前的数据没有另存（PostgreSQL 由其自身备份）。"),
    }
    Ok((ctx, done))
}

/// The store in words; nothing of a server's address, which may hold a password.
fn place(settings: &Settings) -> String {
    match sqlite_file(&settings.database_url) {
        Ok(Some(path)) => format!("数据库 {}", path.display()),
        _ => "PostgreSQL 数据库".to_owned(),
    }
}

/// For commands that write: held against what serving processes last saw of the time. They leave no mark of their own, and accept no
/// clock: that is `serve`'s.
async fn watched(ctx: Context) -> Result<Context, String> {
    clock_watch::watch(&ctx, None).await.map_err(|e| told(&e))?;
    Ok(ctx)
}

/// An operator may try out a moment that is still to come; what is counted then is what is known now, and that is said.
fn say_where_to_come(ctx: &Context, as_of: Option<Moment>) {
    if as_of.is_some_and(|at| at > ctx.clock.now()) {
        tell!("注意：统计时点晚于现在，所列只是截至现在的登记情况");
    }
}

/// Prints a line of results; a reader that goes away early is no error.
fn print(line: &str) -> Result<(), String> {
    report::write(None, format!("{line}\n").as_bytes())
}

/// Prints what was done. That it cannot be printed undoes nothing, and is told so that nobody does it again.
fn print_done(line: &str) -> Result<(), String> {
    print(line).map_err(|error| format!("已办理完毕，不必再次执行；只是结果未能写出：{error}"))
}

/// Told where the arguments are wrong in a way that only the register's data show: exit 2, as for any wrong usage.
fn wrong_usage(message: &str) -> ExitCode {
    tell!("错误：{message}");
    ExitCode::from(2)
}

/// What is said of an error at the terminal: unlike a caller over the network, the operator is told what is behind it.
fn told(error: &Error) -> String {
    match error {
        Error::Invalid(fields) => fields.iter().map(|f| f.detail.as_str()).collect::<Vec<_>>().join("\n"),
        Error::Halted(reason) => reason.clone(),
        Error::Internal(reason) | Error::Unavailable(reason) | Error::Contention(reason) => {
            format!("{error}（{reason}）")
        }
        Error::NotWritable(fault) | Error::Damaged(fault) => format!("{error}（{fault}）"),
        _ => error.to_string(),
    }
}

/// Lines of the log that may wait for its reader; what comes beyond is dropped.
const LOG_LINES: usize = 10_000;

/// Starts the log at standard error. What serves must not wait for whoever reads it: there a thread of its own writes, for as long as the
/// guard is there, and lines are dropped while the reader stands still. Commands write themselves, in order with all else they say.
fn start_log(settings: &LogSettings, serves: bool) -> Result<Option<WorkerGuard>, String> {
    let filter =
        tracing_subscriber::EnvFilter::try_new(&settings.filter).map_err(|e| format!("配置错误：log.filter：{e}"))?;
    let (writer, guard) = if serves {
        let (writer, guard) = NonBlockingBuilder::default()
            .lossy(true)
            .buffered_lines_limit(LOG_LINES)
            .thread_name("log")
            .finish(std::io::stderr());
        (BoxMakeWriter::new(writer), Some(guard))
    } else {
        (BoxMakeWriter::new(std::io::stderr), None)
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        // It would be told at standard error, which is what cannot be written to; requests are answered all the same.
        .log_internal_errors(false)
        .with_writer(writer);
    match settings.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(guard)
}
