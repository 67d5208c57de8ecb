//! `dengji report`.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use chrono::Datelike as _;
use clap::ValueEnum;

use crate::{
    documents::{annual_csv::annual_csv, annual_text::annual_text, report_document::ReportFormat},
    domain::time::{Date, Moment, parse_date},
    usecases::{
        Context, Error, reports,
        statistics::{self, Asked},
    },
};

/// Arguments of `dengji report`.
#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    /// 年度
    #[arg(value_parser = clap::value_parser!(i32).range(1900..=2200))]
    year: i32,
    /// 统计时点（RFC 3339）；默认为当前
    #[arg(long, value_name = "RFC3339", value_parser = Moment::parse)]
    as_of: Option<Moment>,
    /// 只统计到该日为止，与上年同期比较
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    until: Option<Date>,
    /// 只统计该月，与上年同月比较
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=12), conflicts_with_all = ["until", "quarter"])]
    month: Option<u32>,
    /// 只统计该季度，与上年同季比较
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4), conflicts_with = "until")]
    quarter: Option<u32>,
    /// 封账版次；版次的统计时点是封账时刻，统计期是全年
    #[arg(long, value_name = "N", conflicts_with_all = ["as_of", "until", "month", "quarter"], value_parser = clap::value_parser!(i64).range(1..))]
    edition: Option<i64>,
    /// 输出格式
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// 输出文件；默认为标准输出
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Json,
    Text,
    Csv,
    Html,
    Pdf,
    Docx,
    Xlsx,
}

impl Format {
    /// The document for people, where it is one.
    const fn document(self) -> Option<ReportFormat> {
        match self {
            Self::Json | Self::Text | Self::Csv => None,
            Self::Html => Some(ReportFormat::Html),
            Self::Pdf => Some(ReportFormat::Pdf),
            Self::Docx => Some(ReportFormat::Docx),
            Self::Xlsx => Some(ReportFormat::Xlsx),
        }
    }
}

pub(super) async fn run(ctx: &Context, args: ReportArgs) -> Result<ExitCode, String> {
    if args.until.is_some_and(|day| day.year() != args.year) {
        return Ok(super::wrong_usage(&format!("--until 应为 {} 年的日期", args.year)));
    }
    let span = statistics::Span::of(args.month, args.quarter, args.until).map_err(|e| e.to_string())?;
    super::say_where_to_come(ctx, args.as_of);
    let asked = Asked {
        year: args.year,
        as_of: args.as_of,
        span,
        edition: args.edition,
    };
    let told = |error| match (error, args.edition) {
        (Error::NotFound, Some(edition)) => format!("{} 年没有第 {edition} 版", args.year),
        (error, _) => super::told(&error),
    };
    if let Some(format) = args.format.document() {
        let report = reports::report(ctx, asked).await.map_err(told)?;
        let document = reports::document(ctx, report, format).await.map_err(told)?;
        write(args.output.as_deref(), &document)?;
        return Ok(ExitCode::SUCCESS);
    }
    let figures = statistics::read(ctx, &asked).await.map_err(told)?;
    let text = match args.format {
        Format::Json => serde_json::to_string_pretty(&figures).map_err(|e| e.to_string())? + "\n",
        Format::Csv => annual_csv(&figures, &ctx.catalogue),
        _ => annual_text(&figures, &ctx.catalogue),
    };
    write(args.output.as_deref(), text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Writes to a file, or to standard output where none is named. A reader that goes away early is no error.
pub(super) fn write(output: Option<&std::path::Path>, bytes: &[u8]) -> Result<(), String> {
    match output {
        Some(path) => std::fs::write(path, bytes)
            .map_err(|e| format!("无法写入 {}：{}", path.display(), crate::domain::file_fault::words(&e))),
        None => match std::io::stdout().write_all(bytes) {
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            result => result.map_err(|e| e.to_string()),
        },
    }
}
