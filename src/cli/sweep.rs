//! `dengji sweep`: what the server does by itself time and again, once; for a scheduler of the system's, say.

use std::process::ExitCode;

use serde_json::json;

use crate::usecases::{Context, sweeps};

/// Arguments of `dengji sweep`.
#[derive(Debug, clap::Args)]
pub(super) struct SweepArgs {
    /// 结果以 JSON 输出
    #[arg(long, value_parser = ["json"])]
    format: Option<String>,
}

pub(super) async fn run(ctx: &Context, args: SweepArgs) -> Result<ExitCode, String> {
    let mut failed = Vec::new();
    let mut counts = serde_json::Map::new();
    for (sweep, done) in sweeps::run_all(ctx).await {
        match done {
            Ok(things) => {
                counts.insert(sweep.id().to_owned(), json!(things));
                if args.format.is_none() {
                    super::print(&format!("{}：{things}", sweep.label()))?;
                }
            }
            Err(error) => {
                counts.insert(sweep.id().to_owned(), json!(null));
                failed.push(format!("{}：{}", sweep.label(), super::told(&error)));
            }
        }
    }
    if args.format.is_some() {
        super::print(&serde_json::Value::Object(counts).to_string())?;
    }
    if failed.is_empty() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(failed.join("\n"))
    }
}
