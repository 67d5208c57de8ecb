//! `dengji ledger`.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::usecases::{
    Context, account_ledger,
    ledger::{self, Verification},
};

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
    /// 重新计算登记账和账户账的整条链，逐条核对
    Verify,
    /// 输出登记账最后一条的序号和哈希
    Head {
        /// 账户账的，而非登记账的
        #[arg(long)]
        accounts: bool,
    },
}

pub(super) async fn run(ctx: &Context, args: LedgerArgs) -> Result<ExitCode, String> {
    let as_json = args.format.is_some();
    match args.command {
        LedgerCommand::Head { accounts } => {
            let head = match accounts {
                true => account_ledger::head(ctx).await,
                false => ledger::head(ctx).await,
            };
            let head = head.map_err(|e| super::told(&e))?;
            if as_json {
                super::print(&format!("{}", json!({"sequence": head.sequence, "hash": head.hash})))?;
            } else {
                super::print(&format!("{} {}", head.sequence, head.hash))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        LedgerCommand::Verify => {
            let found = ledger::verify(ctx).await.map_err(|e| super::told(&e))?;
            let accounts = account_ledger::verify(ctx).await.map_err(|e| super::told(&e))?;
            if as_json {
                let mut text = as_value(&found);
                if let Some(fields) = text.as_object_mut() {
                    fields.insert("accounts".to_owned(), as_value(&accounts));
                }
                super::print(&text.to_string())?;
            } else {
                super::print(&in_words("登记账", &found))?;
                super::print(&in_words("账户账", &accounts))?;
            }
            Ok(ExitCode::from(u8::from(
                found.fault.is_some() || accounts.fault.is_some(),
            )))
        }
    }
}

fn as_value(found: &Verification) -> Value {
    let fault = found
        .fault
        .as_ref()
        .map(|f| json!({"sequence": f.sequence, "detail": f.detail}));
    json!({"valid": fault.is_none(), "verified": found.verified,
        "head": {"sequence": found.head.sequence, "hash": found.head.hash}, "fault": fault})
}

fn in_words(name: &str, found: &Verification) -> String {
    match &found.fault {
        None => format!("{name}完整：共 {} 条，最后哈希 {}", found.verified, found.head.hash),
        Some(f) => format!(
            "{name}有误：第 {} 条：{}（此前 {} 条无误）",
            f.sequence, f.detail, found.verified
        ),
    }
}
