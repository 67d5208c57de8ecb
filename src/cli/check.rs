//! `dengji check`.

use std::{path::PathBuf, process::ExitCode};

use serde_json::json;

use crate::{
    domain::time::Moment,
    usecases::{
        Context,
        check::{self, Compared, Failure, Verdict},
    },
};

/// Arguments of `dengji check`.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// 年度
    #[arg(value_parser = clap::value_parser!(i32).range(1900..=2200))]
    year: i32,
    /// 已公布的数据（CSV：figure,published,unit,where）
    file: PathBuf,
    /// 统计时点（RFC 3339）；默认为当前
    #[arg(long, value_name = "RFC3339", value_parser = Moment::parse)]
    as_of: Option<Moment>,
    /// 结果以 JSON 输出
    #[arg(long, value_parser = ["json"])]
    format: Option<String>,
}

pub(super) async fn run(ctx: &Context, args: CheckArgs) -> Result<ExitCode, String> {
    let compared = check::check(ctx, args.year, args.as_of, &args.file)
        .await
        .map_err(|e| match e {
            Failure::File(_) => format!("{}：{e}", args.file.display()),
            Failure::Other(error) => super::told(&error),
        })?;
    let count = |verdict| compared.iter().filter(|c| c.verdict == verdict).count();
    let differs = count(Verdict::Differs);
    if args.format.is_some() {
        let rows: Vec<_> = compared.iter().map(row).collect();
        super::print(&format!("{}", json!(rows)))?;
    } else {
        for c in compared.iter().filter(|c| c.verdict != Verdict::Match) {
            super::print(&line(c))?;
        }
        super::print(&format!(
            "共 {} 项：一致 {}，不一致 {differs}，无法核对 {}",
            compared.len(),
            count(Verdict::Match),
            count(Verdict::Unknown)
        ))?;
    }
    Ok(ExitCode::from(u8::from(differs > 0)))
}

fn row(c: &Compared) -> serde_json::Value {
    json!({"figure": c.figure, "where": c.place, "published": c.published, "derived": c.derived,
        "verdict": c.verdict, "note": c.note})
}

fn line(c: &Compared) -> String {
    let what = match c.verdict {
        Verdict::Match => "一致",
        Verdict::Differs => "不一致",
        Verdict::Unknown => "无法核对",
    };
    let derived = c.derived.as_deref().unwrap_or("–");
    let note = c.note.as_deref().map(|n| format!("（{n}）")).unwrap_or_default();
    format!(
        "{what}：{}（{}）公布 {}，台账 {derived}{note}",
        c.figure, c.place, c.published
    )
}
