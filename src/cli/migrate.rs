//! `dengji migrate`.

use std::process::ExitCode;

use crate::{
    config::Settings,
    usecases::{
        Condition,
        attachments::folder::{self, Emptiness},
    },
};

pub(super) async fn run(settings: Settings) -> Result<ExitCode, String> {
    let (ctx, done) = match super::look(&settings)? {
        Condition::Current => {
            super::print_done("数据库结构已是最新。")?;
            return Ok(ExitCode::SUCCESS);
        }
        Condition::Missing | Condition::Empty => super::new(settings)?,
        Condition::Behind(_) => super::upgraded(settings)?,
    };
    for name in done.ran {
        super::print_done(&format!("已执行 {name}"))?;
    }
    // An office of a version without markers has its files here already. The store is upgraded in any case; `serve` refuses the folder.
    if let Err(error) = folder::claim(&ctx, Emptiness::Refused).await {
        tell!("注意：{}", super::told(&error));
    }
    Ok(ExitCode::SUCCESS)
}
