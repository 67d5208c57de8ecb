//! `dengji grants`: SQL for a PostgreSQL role that serves and owns nothing.

use std::process::ExitCode;

use crate::usecases::serving_role;

/// Arguments of `dengji grants`.
#[derive(Debug, clap::Args)]
pub(super) struct GrantsArgs {
    /// 服务使用的角色（已存在的登录角色）
    #[arg(long, value_name = "ROLE", default_value = "dengji_serve")]
    role: String,
    /// 表所在的模式
    #[arg(long, value_name = "SCHEMA", default_value = "public")]
    schema: String,
}

pub(super) fn run(args: &GrantsArgs) -> Result<ExitCode, String> {
    super::print(serving_role::grants(&args.role, &args.schema).trim_end())?;
    Ok(ExitCode::SUCCESS)
}
