//! `dengji pivot`.

use std::{path::PathBuf, process::ExitCode};

use clap::ValueEnum;

use crate::{
    documents::pivot_table::{pivot_csv, pivot_xlsx},
    domain::time::{Date, Moment, parse_date},
    usecases::{
        Context,
        statistics::{self, Dimension, Layout, Measure, Span},
    },
};

/// Arguments of `dengji pivot`.
#[derive(Debug, clap::Args)]
pub(super) struct PivotArgs {
    /// 年度
    #[arg(value_parser = clap::value_parser!(i32).range(1900..=2200))]
    year: i32,
    /// 行：unit region type plan_source plan_group flow seller_kind seller_group field size cross_border year quarter month
    #[arg(long, value_parser = dimension)]
    rows: Dimension,
    /// 列（同上）；省略则只有合计
    #[arg(long, value_parser = dimension)]
    columns: Option<Dimension>,
    /// 指标：contracts amount technology_amount share count_share mean_amount
    #[arg(long, value_parser = measure, default_value = "contracts")]
    measure: Measure,
    /// 筛选，可重复，例如 region:south
    #[arg(long, value_name = "DIMENSION:CODE", value_parser = filter)]
    filter: Vec<(Dimension, String)>,
    /// 统计时点（RFC 3339）；默认为当前
    #[arg(long, value_name = "RFC3339", value_parser = Moment::parse)]
    as_of: Option<Moment>,
    /// 只统计到该日为止
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    until: Option<Date>,
    /// 输出格式
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// 输出文件；默认为标准输出
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Xlsx,
}

fn dimension(id: &str) -> Result<Dimension, String> {
    Dimension::from_id(id).ok_or_else(|| format!("没有维度“{id}”"))
}

fn measure(id: &str) -> Result<Measure, String> {
    Measure::from_id(id).ok_or_else(|| format!("没有指标“{id}”"))
}

fn filter(text: &str) -> Result<(Dimension, String), String> {
    let (id, code) = text.split_once(':').ok_or("应为“维度:代码”")?;
    Ok((dimension(id)?, code.to_owned()))
}

pub(super) async fn run(ctx: &Context, args: PivotArgs) -> Result<ExitCode, String> {
    if args.columns == Some(args.rows) {
        return Ok(super::wrong_usage("--columns 应与 --rows 不同"));
    }
    let layout = Layout {
        rows: args.rows,
        columns: args.columns,
        measure: args.measure,
        filters: args.filter,
    };
    super::say_where_to_come(ctx, args.as_of);
    let span = Span::from(args.until);
    let pivot = statistics::pivot(ctx, args.year, args.as_of, span, layout)
        .await
        .map_err(|e| super::told(&e))?;
    let bytes = match args.format {
        Format::Csv => pivot_csv(&pivot).map_err(|e| e.to_string())?,
        Format::Xlsx => pivot_xlsx(&pivot).map_err(|e| e.to_string())?,
    };
    super::report::write(args.output.as_deref(), &bytes)?;
    Ok(ExitCode::SUCCESS)
}
