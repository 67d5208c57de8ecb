//! `dengji migrate`.

use std::process::ExitCode;

use crate::usecases::Context;

pub(super) fn run(ctx: &Context) -> Result<ExitCode, String> {
    let ran = ctx.migrate().map_err(|e| super::told(&e))?;
    if ran.is_empty() {
        println!("数据库结构已是最新。");
    }
    for name in ran {
        println!("已执行 {name}");
    }
    Ok(ExitCode::SUCCESS)
}
