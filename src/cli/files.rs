//! `dengji files`.

use std::process::ExitCode;

use serde_json::json;

use crate::usecases::{
    Context,
    attachments::{
        collect::{Collected, Reach, TRASH_DAYS, collect_orphans},
        folder,
        restore::{list_discarded, restore},
        verify::{Fault, verify_files},
    },
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
    /// 把不属于任何附件和导入的文件移入回收目录（保留 30 天），并删除中断的上传
    Collect {
        /// 不论服务是否已满一天、文件何时到来，凡数据库没有登记的都移入回收目录
        #[arg(long)]
        all: bool,
    },
    /// 把回收目录中的文件放回原处；不指定时全部放回
    Restore {
        /// 文件的 SHA-256
        #[arg(value_name = "SHA256")]
        hashes: Vec<String>,
        /// 只列出，不放回
        #[arg(long, conflicts_with = "hashes")]
        list: bool,
    },
    /// 逐一核对附件文件是否存在、内容是否未变；有误时退出码为 1
    Verify,
}

pub(super) async fn run(ctx: &Context, args: FilesArgs) -> Result<ExitCode, String> {
    let as_json = args.format.is_some();
    match args.command {
        FilesCommand::Collect { all } => {
            let reach = if all { Reach::All } else { Reach::Settled };
            let done = collect_orphans(ctx, reach).await.map_err(|e| super::told(&e))?;
            super::print(&collected(&done, reach, as_json))?;
            Ok(ExitCode::SUCCESS)
        }
        FilesCommand::Restore { hashes, list } => {
            let found = match list {
                true => list_discarded(ctx).await,
                false => restore(ctx, &hashes).await,
            };
            let found = found.map_err(|e| super::told(&e))?;
            if as_json {
                let told: Vec<_> = found
                    .iter()
                    .map(|f| json!({"sha256": f.sha256, "bytes": f.size, "discarded_on": f.day.to_string()}))
                    .collect();
                super::print(&json!({"restored": !list, "files": told}).to_string())?;
                return Ok(ExitCode::SUCCESS);
            }
            for file in &found {
                super::print(&format!("{}  {}  {} 字节", file.sha256, file.day, file.size))?;
            }
            let what = if list {
                "回收目录中有文件"
            } else {
                "已放回文件"
            };
            super::print(&format!("{what} {} 个", found.len()))?;
            Ok(ExitCode::SUCCESS)
        }
        FilesCommand::Verify => {
            // With another store's folder everything would be missing, which says nothing.
            folder::look(ctx).await.map_err(|e| super::told(&e))?;
            let (sound, faults) = verify_files(ctx).await.map_err(|e| super::told(&e))?;
            super::print(&verified(sound, &faults, as_json))?;
            Ok(ExitCode::from(u8::from(!faults.is_empty())))
        }
    }
}

fn collected(done: &Collected, reach: Reach, as_json: bool) -> String {
    if as_json {
        return json!({"files": done.files, "temporary": done.temporary, "bytes": done.bytes, "expired": done.expired,
            "settled": done.is_settled})
        .to_string();
    }
    let mut text = format!(
        "已移入回收目录 {} 个、删除中断的上传 {} 个，共 {} 字节；回收目录中满 {TRASH_DAYS} 天已删除 {} 个",
        done.files, done.temporary, done.bytes, done.expired
    );
    if !done.is_settled && reach == Reach::Settled {
        text.push_str("\n本数据库还没有连续服务满一天，无主文件暂不移动（--all 不等）");
    }
    text
}

fn verified(sound: u64, faults: &[Fault], as_json: bool) -> String {
    let problem = |is_there| if is_there { "内容已变" } else { "文件不存在" };
    if as_json {
        let told: Vec<_> = faults
            .iter()
            .map(|f| {
                let a = &f.attachment;
                json!({"attachment": a.id, "contract": a.contract_id, "file_name": a.file_name, "sha256": a.sha256,
                    "detail": problem(f.is_there)})
            })
            .collect();
        return json!({"valid": faults.is_empty(), "sound": sound, "faults": told}).to_string();
    }
    let mut lines: Vec<String> = faults
        .iter()
        .map(|fault| {
            let a = &fault.attachment;
            let (problem, name) = (problem(fault.is_there), &a.file_name);
            format!(
                "附件 {}（合同 {}，{name}）：{problem}（{}）",
                a.id, a.contract_id, a.sha256
            )
        })
        .collect();
    lines.push(format!("附件无误 {sound} 个，有误 {} 个", faults.len()));
    lines.join("\n")
}
