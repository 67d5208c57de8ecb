//! `dengji files`.

use std::process::ExitCode;

use serde_json::json;

use crate::usecases::{
    Context,
    attachments::{collect::collect_orphans, verify::verify_files},
};

/// Arguments of `dengji files`.
#[derive(Debug, clap::Args)]
pub(super) struct FilesArgs {
    #[command(subcommand)]
    command: FilesCommand,
    /// 结果以 JSON 输出
    #[arg(long, global = true, value_parser = ["json"])]
    format: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum FilesCommand {
    /// 删除不属于任何附件的文件（中断的上传等）
    Collect,
    /// 逐一核对附件文件是否存在、内容是否未变；有误时退出码为 1
    Verify,
}

pub(super) async fn run(ctx: &Context, args: FilesArgs) -> Result<ExitCode, String> {
    let as_json = args.format.is_some();
    match args.command {
        FilesCommand::Collect => {
            let done = collect_orphans(ctx).await.map_err(|e| super::told(&e))?;
            let text = match as_json {
                true => json!({"files": done.files, "temporary": done.temporary, "bytes": done.bytes}).to_string(),
                false => format!(
                    "已删除无主文件 {} 个、中断的上传 {} 个，共 {} 字节",
                    done.files, done.temporary, done.bytes
                ),
            };
            super::print(&text)?;
            Ok(ExitCode::SUCCESS)
        }
        FilesCommand::Verify => {
            let (sound, faults) = verify_files(ctx).await.map_err(|e| super::told(&e))?;
            let problem = |is_there| if is_there { "内容已变" } else { "文件不存在" };
            if as_json {
                let told: Vec<_> = faults
                    .iter()
                    .map(|f| {
                        let a = &f.attachment;
                        json!({"attachment": a.id, "contract": a.contract_id, "file_name": a.file_name,
                            "sha256": a.sha256, "detail": problem(f.is_there)})
                    })
                    .collect();
                super::print(&json!({"valid": faults.is_empty(), "sound": sound, "faults": told}).to_string())?;
            } else {
                for fault in &faults {
                    let a = &fault.attachment;
                    super::print(&format!(
                        "附件 {}（合同 {}，{}）：{}（{}）",
                        a.id,
                        a.contract_id,
                        a.file_name,
                        problem(fault.is_there),
                        a.sha256
                    ))?;
                }
                super::print(&format!("附件无误 {sound} 个，有误 {} 个", faults.len()))?;
            }
            Ok(ExitCode::from(u8::from(!faults.is_empty())))
        }
    }
}
