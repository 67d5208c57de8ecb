//! `dengji template`.

use std::{io::IsTerminal as _, path::PathBuf, process::ExitCode};

use super::import::parse_kind;
use crate::{config::Settings, documents::template_xlsx, domain::interchange::Kind};

/// Arguments of `dengji template`.
#[derive(Debug, clap::Args)]
pub(super) struct TemplateArgs {
    /// 种类：register 台账、registrars 登记员、follow-up 履约跟踪、activities 活动、reference 参考数据
    #[arg(long, value_parser = parse_kind)]
    kind: Kind,
    /// 输出文件（XLSX）；默认为标准输出
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(settings: &Settings, args: &TemplateArgs) -> Result<ExitCode, String> {
    if args.output.is_none() && std::io::stdout().is_terminal() {
        return Err("模板是 XLSX 文件，请用 --output 指定文件名".into());
    }
    let catalogue = settings.catalogue().map_err(|e| e.to_string())?;
    let mut bytes = std::io::Cursor::new(Vec::new());
    template_xlsx::write(args.kind, &catalogue, &mut bytes).map_err(|e| e.to_string())?;
    super::report::write(args.output.as_deref(), bytes.get_ref())?;
    Ok(ExitCode::SUCCESS)
}
