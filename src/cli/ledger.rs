//! `dengji ledger`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde_json::{Value, json};

use crate::usecases::{
    Context, account_ledger,
    ledger::{
        self, Verification, checkpoint,
        register::RegisterVerification,
        verdict::{self, Since, Verdict},
    },
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
    /// 重新计算登记账和账户账的整条链，逐条核对，并核对登记簿和数据库结构
    Verify {
        /// 同时与此前另存的检查点文件核对：其间的截去和改写
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// 另行保存的公钥文件（ledger checkpoint --public-keys 的输出）；不给出时取检查点密钥文件中的公钥
        #[arg(long, value_name = "FILE", requires = "checkpoint")]
        trusted_keys: Option<PathBuf>,
    },
    /// 生成登记账和账户账末尾的签名检查点，送往配置的各处，并输出
    Checkpoint {
        /// 先更换签名密钥
        #[arg(long)]
        rotate: bool,
        /// 不生成检查点，只输出全部公钥，供另行保存
        #[arg(long, conflicts_with = "rotate")]
        public_keys: bool,
    },
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
        LedgerCommand::Verify {
            checkpoint,
            trusted_keys,
        } => {
            let since = match checkpoint {
                Some(file) => Some(compared(ctx, &file, trusted_keys.as_deref()).await?),
                None => None,
            };
            verify(ctx, since, as_json).await
        }
        LedgerCommand::Checkpoint { public_keys: true, .. } => {
            let keys = checkpoint::public_keys(&ctx.settings.checkpoints.key_file).map_err(|e| e.to_string())?;
            super::print(&serde_json::to_string_pretty(&keys).map_err(|e| e.to_string())?)?;
            Ok(ExitCode::SUCCESS)
        }
        LedgerCommand::Checkpoint { rotate, .. } => {
            if rotate {
                let file = &ctx.settings.checkpoints.key_file;
                let id = checkpoint::rotate(file, ctx.clock.now()).map_err(|e| e.to_string())?;
                tell!("已启用新的检查点密钥 {id}（{}）。", file.display());
            }
            let (made, came) = checkpoint::make_and_deliver(ctx).await.map_err(|e| super::told(&e))?;
            super::print(made.text().map_err(|e| super::told(&e))?.trim_end())?;
            let mut failed = false;
            for (place, result) in came {
                match result {
                    Ok(()) => tell!("已送达 {place}"),
                    Err(reason) => {
                        tell!("未能送达 {place}：{reason}");
                        failed = true;
                    }
                }
            }
            Ok(ExitCode::from(u8::from(failed)))
        }
    }
}

/// Looks at everything; `since` is what a checkpoint says.
async fn verify(ctx: &Context, since: Option<Since>, as_json: bool) -> Result<ExitCode, String> {
    let verdict = verdict::verify(ctx, since).await.map_err(|e| super::told(&e))?;
    if as_json {
        super::print(&verdict_value(&verdict).to_string())?;
    } else {
        verdict_in_words(&verdict)?;
    }
    Ok(ExitCode::from(u8::from(!verdict.holds())))
}

fn verdict_value(verdict: &Verdict) -> Value {
    let mut value = as_value(&verdict.ledger);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("valid".to_owned(), json!(verdict.holds()));
        fields.insert("accounts".to_owned(), as_value(&verdict.accounts));
        if let Some(register) = &verdict.register {
            fields.insert("register".to_owned(), register_value(register));
        }
        let schema = verdict.schema.iter().map(|fault| {
            json!({"kind": fault.object.kind.id(), "table": fault.object.table, "name": fault.object.name,
                "detail": fault.told()})
        });
        fields.insert("schema".to_owned(), json!({"faults": schema.collect::<Vec<_>>()}));
        if let Some(since) = &verdict.since {
            let findings = since
                .findings
                .iter()
                .map(|f| json!({"chain": f.chain, "since": f.since, "fault": f.fault.as_ref().map(|f| &f.detail)}));
            fields.insert("checkpoint".to_owned(), findings.collect());
            fields.insert("pinned_since_checkpoint".to_owned(), json!(verdict.pinned_since()));
        }
    }
    value
}

fn verdict_in_words(verdict: &Verdict) -> Result<(), String> {
    let wrong = verdict.wrong();
    super::print(&match wrong.is_empty() {
        true => "核对结论：完整，没有改动".to_owned(),
        false => format!("核对结论：{}", wrong.join("；")),
    })?;
    for finding in verdict.since.iter().flat_map(|since| &since.findings) {
        super::print(&match &finding.fault {
            None => format!("{}与检查点相符，此后新增 {} 条", finding.chain, finding.since),
            Some(fault) => format!("{}与检查点不符：{}", finding.chain, fault.detail),
        })?;
    }
    super::print(&in_words("登记账", &verdict.ledger))?;
    super::print(&in_words("账户账", &verdict.accounts))?;
    match &verdict.register {
        Some(register) => register_in_words(register)?,
        None => super::print("账有误，未与登记簿核对")?,
    }
    match verdict.schema.len() {
        0 => super::print("数据库结构与本程序建立的相符")?,
        n => super::print(&format!("数据库结构被改动：{n} 处"))?,
    }
    for fault in &verdict.schema {
        super::print(&format!("  {}", fault.told()))?;
    }
    if let Some(pin) = verdict.register.as_ref().and_then(|register| register.pinned) {
        super::print(&format!(
            "旧版本数据由登记账第 {} 条固定（{}），此前的改动不在核对之内",
            pin.sequence,
            pin.at.beijing_time().format("%Y-%m-%d %H:%M")
        ))?;
    }
    if verdict.pinned_since() == Some(true) {
        super::print("注意：登记簿是在检查点之后固定的。其间若没有升级程序，请追查是谁所为")?;
    }
    Ok(())
}

async fn compared(ctx: &Context, file: &Path, trusted: Option<&Path>) -> Result<Since, String> {
    let read = checkpoint::read(file)?;
    let keys = match trusted {
        Some(path) => checkpoint::read_public_keys(path)?,
        None => checkpoint::public_keys(&ctx.settings.checkpoints.key_file).map_err(|e| e.to_string())?,
    };
    let findings = checkpoint::compare(ctx, &read, &keys)
        .await
        .map_err(|e| super::told(&e))??;
    Ok(Since {
        covers: read.ledger,
        findings,
    })
}

fn register_value(found: &RegisterVerification) -> Value {
    let faults = found.faults.iter().map(|f| {
        json!({"subject": f.subject, "contract_id": f.contract, "registration_number": f.registration_number,
            "tables": f.tables, "detail": f.detail})
    });
    let pinned = found.pinned.map(|pin| json!({"sequence": pin.sequence, "at": pin.at}));
    json!({"checked": found.checked, "differing": found.differing, "pinned": pinned,
        "faults": faults.collect::<Vec<_>>()})
}

fn register_in_words(found: &RegisterVerification) -> Result<(), String> {
    if found.differing == 0 {
        return super::print(&format!("登记簿与账相符：共核对 {} 项", found.checked));
    }
    super::print(&format!(
        "登记簿与账不符：核对 {} 项，{} 项不符",
        found.checked, found.differing
    ))?;
    for fault in &found.faults {
        let number = fault.registration_number.as_ref().map(|n| format!("（登记编号 {n}）"));
        super::print(&format!(
            "  {}{}：{}",
            fault.subject,
            number.unwrap_or_default(),
            fault.told()
        ))?;
    }
    Ok(())
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
        Some(f) => format!("{name}有误：{}（此前 {} 条无误）", f.told(), found.verified),
    }
}
