//! `dengji ledger`.

use std::process::ExitCode;

use serde_json::json;

use crate::usecases::{Context, ledger};

/// Arguments of `dengji ledger`.
#[derive(Debug, clap::Args)]
pub(super) struct LedgerArgs {
    #[command(subcommand)]
    command: LedgerCommand,
    /// 结果以 JSON 输出
    #[arg(long, global = true, value_parser = ["json"])]
    format: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum LedgerCommand {
    /// 重新计算整条链，逐条核对
    Verify,
    /// 输出最后一条的序号和哈希
    Head,
}

pub(super) async fn run(ctx: &Context, args: LedgerArgs) -> Result<ExitCode, String> {
    let as_json = args.format.is_some();
    match args.command {
        LedgerCommand::Head => {
            let head = ledger::head(ctx).await.map_err(|e| super::told(&e))?;
            if as_json {
                super::print(&format!("{}", json!({"sequence": head.sequence, "hash": head.hash})))?;
            } else {
                super::print(&format!("{} {}", head.sequence, head.hash))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        LedgerCommand::Verify => {
            let found = ledger::verify(ctx).await.map_err(|e| super::told(&e))?;
            if as_json {
                let fault = found
                    .fault
                    .as_ref()
                    .map(|f| json!({"sequence": f.sequence, "detail": f.detail}));
                super::print(&format!(
                    "{}",
                    json!({"valid": fault.is_none(), "verified": found.verified,
                        "head": {"sequence": found.head.sequence, "hash": found.head.hash}, "fault": fault})
                ))?;
            } else {
                match &found.fault {
                    None => println!("登记账完整：共 {} 条，最后哈希 {}", found.verified, found.head.hash),
                    Some(f) => println!(
                        "登记账有误：第 {} 条：{}（此前 {} 条无误）",
                        f.sequence, f.detail, found.verified
                    ),
                }
            }
            Ok(ExitCode::from(u8::from(found.fault.is_some())))
        }
    }
}
