//! `dengji keys`: the keys that sign access tokens.

use crate::usecases::Context;

/// Arguments of `dengji keys`.
#[derive(Debug, clap::Args)]
pub struct KeysArgs {
    /// 操作
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, clap::Subcommand)]
enum KeysCommand {
    /// 更换签名密钥：此后的访问令牌用新密钥签名，已发出的令牌到期前仍然有效；运行中的服务自动采用，无需重启
    Rotate,
}

/// Runs the command.
///
/// # Errors
/// A Chinese sentence.
pub async fn run(ctx: &Context, args: KeysArgs) -> Result<(), String> {
    match args.command {
        KeysCommand::Rotate => {
            let kid = ctx.keys.rotate(ctx.clock.now()).map_err(|e| e.to_string())?;
            println!("已启用新的签名密钥 {kid}（{}）。", ctx.settings.auth.key_file.display());
            Ok(())
        }
    }
}
