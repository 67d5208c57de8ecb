//! `dengji export`.

use std::{
    fs::File,
    io::{BufWriter, IsTerminal as _, Write},
    path::PathBuf,
    process::ExitCode,
    sync::mpsc::sync_channel,
};

use clap::ValueEnum;

use crate::{
    documents::{register_cells::TableError, register_csv::RegisterCsv, register_xlsx::RegisterXlsx},
    domain::{catalogue::Catalogue, code_list::ListName, interchange::RegisterRow, workflow::State},
    usecases::{
        Context, Error,
        export::{self, Filter},
    },
};

/// Arguments of `dengji export`.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// 种类：register 台账
    #[arg(long, value_parser = ["register"], default_value = "register")]
    kind: String,
    /// 审核确认年度
    #[arg(long)]
    year: Option<i32>,
    /// 状态，可重复：draft、submitted、under_review、returned、withdrawn、confirmed、refused、revoked、cancelled
    #[arg(long = "state", value_parser = parse_state)]
    states: Vec<State>,
    /// 归属单位（代码，如 div_08）
    #[arg(long)]
    unit: Option<String>,
    /// 合同类别（代码，如 development）
    #[arg(long = "type", value_name = "TYPE")]
    contract_type: Option<String>,
    /// 登记机构代码
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    /// 输出格式
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// 输出文件；默认为标准输出
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Xlsx,
}

fn parse_state(id: &str) -> Result<State, String> {
    State::from_id(id).ok_or_else(|| "没有这个状态".to_owned())
}

/// Rows on their way from the store to the file.
const ON_THE_WAY: usize = 256;

/// Either writer; the register goes through it row by row.
enum Rows<'a> {
    Csv(Box<RegisterCsv<'a, Output>>),
    Xlsx(Box<RegisterXlsx<'a>>, Output),
}

type Output = Box<dyn Write + Send>;

impl<'a> Rows<'a> {
    fn new(format: Format, catalogue: &'a Catalogue, output: Output) -> Result<Self, TableError> {
        Ok(match format {
            Format::Csv => Self::Csv(Box::new(RegisterCsv::new(output, catalogue)?)),
            Format::Xlsx => Self::Xlsx(Box::new(RegisterXlsx::new(catalogue)?), output),
        })
    }

    fn write(&mut self, row: &RegisterRow) -> Result<(), TableError> {
        match self {
            Self::Csv(csv) => csv.write(row),
            Self::Xlsx(xlsx, _) => xlsx.write(row),
        }
    }

    fn finish(self) -> Result<(), String> {
        let mut output = match self {
            Self::Csv(csv) => csv.finish().map_err(|e| e.to_string())?,
            Self::Xlsx(xlsx, mut output) => {
                let mut bytes = std::io::Cursor::new(Vec::new());
                xlsx.finish(&mut bytes).map_err(|e| e.to_string())?;
                output.write_all(bytes.get_ref()).map_err(|e| e.to_string())?;
                output
            }
        };
        output.flush().map_err(|e| e.to_string())
    }
}

pub(super) async fn run(ctx: &Context, args: ExportArgs) -> Result<ExitCode, String> {
    for (list, code) in [(ListName::Unit, &args.unit), (ListName::Type, &args.contract_type)] {
        if let Err(message) = check_code(ctx, list, code.as_deref()) {
            return Ok(super::wrong_usage(&message));
        }
    }
    if args.format == Format::Xlsx && args.output.is_none() && std::io::stdout().is_terminal() {
        return Err("XLSX 文件请用 --output 指定文件名".into());
    }
    let output: Output = match &args.output {
        None => Box::new(BufWriter::new(std::io::stdout())),
        Some(path) => {
            let file = File::create(path)
                .map_err(|e| format!("无法写入 {}：{}", path.display(), crate::domain::file_fault::words(&e)))?;
            Box::new(BufWriter::new(file))
        }
    };
    let mut rows = Rows::new(args.format, &ctx.catalogue, output).map_err(|e| e.to_string())?;
    let filter = Filter {
        year: args.year,
        states: args.states,
        unit: args.unit,
        contract_type: args.contract_type,
        agency_code: args.agency,
    };
    let (send, receive) = sync_channel::<RegisterRow>(ON_THE_WAY);
    let context = ctx.clone();
    let reading = tokio::spawn(async move {
        let pass_on = move |row: &RegisterRow| send.send(row.clone()).map_err(|_| Error::internal("the file ended"));
        export::export(&context, filter, pass_on).await
    });
    tokio::task::block_in_place(|| receive.into_iter().try_for_each(|row| rows.write(&row)))
        .map_err(|e| e.to_string())?;
    let done = reading.await.map_err(|e| e.to_string())?.map_err(|e| super::told(&e))?;
    rows.finish()?;
    tell!("已导出 {} 行", done.rows);
    if done.unfinished > 0 {
        tell!("另有 {} 项未填完必填内容的合同未导出", done.unfinished);
    }
    Ok(ExitCode::SUCCESS)
}

fn check_code(ctx: &Context, list: ListName, code: Option<&str>) -> Result<(), String> {
    match code {
        Some(code) if !ctx.catalogue.list(list).contains(code) => {
            Err(format!("“{code}”不在代码表“{}”中", ctx.catalogue.list(list).title))
        }
        _ => Ok(()),
    }
}
