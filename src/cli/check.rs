//! `dengji check`.

use std::{path::PathBuf, process::ExitCode};

use serde_json::json;

use crate::{
    config::Settings,
    domain::time::Moment,
    usecases::{
        Context,
        check::{self, Against, Compared, Coverage, Failure, PublishedReport, Verdict},
        sqlite_file,
    },
};

/// Arguments of `dengji check`.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// 年度
    #[arg(value_parser = clap::value_parser!(i32).range(1900..=2200))]
    year: i32,
    /// 已公布的数据（CSV：figure,published,unit,where），或统计年报本身（.docx、.txt、.md）
    file: PathBuf,
    /// 统计时点（RFC 3339）；默认为当前
    #[arg(long, value_name = "RFC3339", value_parser = Moment::parse)]
    as_of: Option<Moment>,
    /// 只核对报告自身有无矛盾，不与台账比较
    #[arg(long, conflicts_with = "as_of")]
    internal: bool,
    /// 结果以 JSON 输出
    #[arg(long, value_parser = ["json"])]
    format: Option<String>,
}

pub(super) async fn run(settings: Settings, args: CheckArgs) -> Result<ExitCode, String> {
    let told = |e: Failure| match e {
        Failure::File(_) | Failure::Report(_) => format!("{}：{e}", args.file.display()),
        Failure::Other(error) => super::told(&error),
    };
    if check::is_list_of_figures(&args.file).map_err(told)? {
        if args.internal {
            return Ok(super::wrong_usage("--internal 用于统计年报本身，不用于数据清单（CSV）"));
        }
        let ctx = super::existing(settings)?;
        super::say_where_to_come(&ctx, args.as_of);
        let compared = check::check(&ctx, args.year, args.as_of, &args.file)
            .await
            .map_err(told)?;
        let least = ctx.settings.check.min_coverage_percent;
        return figures(&args, &compared, least);
    }
    let catalogue = settings.catalogue().map_err(|e| e.to_string())?;
    let least = settings.check.min_coverage_percent;
    let report = check::read_report(&catalogue, args.year, &args.file).map_err(told)?;
    let compared = match register(settings, args.internal)? {
        Some(ctx) => {
            super::say_where_to_come(&ctx, args.as_of);
            let compared = check::check_report(&ctx, args.year, args.as_of, &report).await;
            compared.map_err(|e| super::told(&e))?
        }
        None => check::internal(&report),
    };
    let coverage = Coverage::of(&report, &compared);
    let left_out = check::left_out(&report);
    if args.format.is_some() {
        let result = json(&args, &compared, &report, coverage, least);
        super::print(&format!("{result}"))?;
    } else {
        whole_report(&compared, &report, coverage)?;
    }
    for part in &left_out {
        tell!("{}", part.trim_end_matches('。'));
    }
    if coverage.recognised == 0 {
        tell!("注意：没有认出 {} 年的统计数据，请核对年度和文件", args.year);
    }
    if coverage.is_thin(least) {
        tell!("{}", too_little(least));
        return Ok(ExitCode::from(TOO_LITTLE));
    }
    let suspects = compared.iter().filter(|c| c.is_suspect).count();
    if suspects > 0 {
        tell!("{}", check::suspects_in_words(suspects).trim_end_matches('。'));
    }
    let differs = compared.iter().any(|c| c.verdict == Verdict::Differs);
    Ok(if !differs && (suspects > 0 || !left_out.is_empty()) {
        ExitCode::from(NOT_ALL)
    } else {
        exit(&compared)
    })
}

fn too_little(least: u32) -> String {
    format!("认出的数据不足 {least}%，核对结果不能说明报告无误；未认出和无法核对的须人工核对")
}

/// Exit code where too few of the numbers are recognised, whatever became of the others.
const TOO_LITTLE: u8 = 3;

/// Exit code where nothing is surely wrong, but not all of the report could be held against something: it is too large, or numbers that
/// perhaps are a figure would be wrong as that.
const NOT_ALL: u8 = 4;

/// The register to compare with; none where none is wanted, or none is there: a report can be held against itself all the same.
fn register(settings: Settings, internal: bool) -> Result<Option<Context>, String> {
    let missing = sqlite_file(&settings.database_url)?.filter(|path| !path.exists());
    match missing {
        _ if internal => Ok(None),
        Some(path) => {
            tell!("没有数据库文件 {}，只核对报告自身", path.display());
            Ok(None)
        }
        None => super::existing(settings).map(Some),
    }
}

fn count(compared: &[Compared], against: Against, verdict: Verdict) -> usize {
    compared
        .iter()
        .filter(|c| c.against == against && c.verdict == verdict)
        .count()
}

/// 1 where anything is wrong.
fn exit(compared: &[Compared]) -> ExitCode {
    let wrong = compared.iter().any(|c| c.verdict == Verdict::Differs);
    ExitCode::from(u8::from(wrong))
}

fn figures(args: &CheckArgs, compared: &[Compared], least: u32) -> Result<ExitCode, String> {
    if args.format.is_some() {
        let rows: Vec<_> = compared.iter().map(row).collect();
        super::print(&format!("{}", json!(rows)))?;
    } else {
        for c in compared.iter().filter(|c| c.verdict != Verdict::Match) {
            super::print(&line(c))?;
        }
        super::print(&totals("共", compared))?;
    }
    if Coverage::of_list(compared).is_thin(least) {
        tell!("{}", too_little(least));
        return Ok(ExitCode::from(TOO_LITTLE));
    }
    Ok(exit(compared))
}

/// The answer that the API gives, too.
fn json(
    args: &CheckArgs,
    compared: &[Compared],
    report: &PublishedReport,
    coverage: Coverage,
    least: u32,
) -> serde_json::Value {
    let items = compared.iter().map(|c| {
        let mut row = row(c);
        row["against"] = json!(c.against);
        row
    });
    let unread = report
        .unread
        .iter()
        .map(|unread| json!({"text": unread.text, "where": unread.place, "context": unread.context}));
    json!({"year": args.year, "recognised": coverage.recognised, "unclear": coverage.unclear, "seen": coverage.seen(),
        "too_little": coverage.is_thin(least), "left_out": check::left_out(report),
        "items": items.collect::<Vec<_>>(), "unread": unread.collect::<Vec<_>>()})
}

/// A report: what the register says otherwise, then what it says against itself, then what was not compared.
fn whole_report(compared: &[Compared], report: &PublishedReport, coverage: Coverage) -> Result<(), String> {
    let (register, own): (Vec<_>, Vec<_>) = compared.iter().cloned().partition(|c| c.against == Against::Register);
    let is_told = |c: &&Compared| c.verdict != Verdict::Match;
    for c in register.iter().chain(&own).filter(is_told) {
        super::print(&line(c))?;
    }
    if !register.is_empty() {
        super::print(&totals("与台账比较", &register))?;
    }
    super::print(&format!(
        "报告自身（认出数据 {} 处）：矛盾 {} 处，末位取舍 {} 处（不算错误）",
        coverage.recognised,
        count(&own, Against::Report, Verdict::Differs),
        count(&own, Against::Report, Verdict::Rounding)
    ))?;
    for unread in &report.unread {
        super::print(&format!(
            "未认出：{}（{}）“{}”",
            unread.text, unread.place, unread.context
        ))?;
    }
    super::print(&format!(
        "认出率：{}%（报告中的数 {} 处，认出 {} 处，无法核对 {} 处，未认出 {} 处）",
        coverage.recognised * 100 / coverage.seen().max(1),
        coverage.seen(),
        coverage.recognised,
        coverage.unclear,
        coverage.unread
    ))
}

fn totals(what: &str, compared: &[Compared]) -> String {
    let of = |verdict| count(compared, Against::Register, verdict);
    let rounding = match of(Verdict::Rounding) {
        0 => String::new(),
        n => format!("，末位取舍 {n}"),
    };
    format!(
        "{what} {} 项：一致 {}，不一致 {}，无法核对 {}{rounding}",
        compared.len(),
        of(Verdict::Match),
        of(Verdict::Differs),
        of(Verdict::Unknown)
    )
}

fn row(c: &Compared) -> serde_json::Value {
    json!({"figure": c.figure, "where": c.place, "published": c.published, "derived": c.derived,
        "verdict": c.verdict, "note": c.note})
}

fn line(c: &Compared) -> String {
    let what = match (c.verdict, c.against) {
        (Verdict::Match, _) => "一致",
        (Verdict::Differs, Against::Register) => "不一致",
        (Verdict::Differs, Against::Report) => "自相矛盾",
        (Verdict::Unknown, _) => "无法核对",
        (Verdict::Rounding, _) => "末位取舍",
    };
    let source = match c.against {
        Against::Register => "台账",
        Against::Report => "按报告自身",
    };
    let derived = c.derived.as_deref().unwrap_or("–");
    let note = c.note.as_deref().map(|n| format!("（{n}）")).unwrap_or_default();
    format!(
        "{what}：{}（{}）公布 {}，{source} {derived}{note}",
        c.figure, c.place, c.published
    )
}
