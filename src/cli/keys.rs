//! `dengji keys`: the keys that sign access tokens.

use crate::{
    config::Settings,
    usecases::{accounts::Keyring, seam::Clock},
};

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
pub fn run(settings: &Settings, args: KeysArgs) -> Result<(), String> {
    match args.command {
        KeysCommand::Rotate => {
            // Of the store nothing is needed.
            let kid = Keyring::new(&settings.auth)
                .rotate(Clock::system().now())
                .map_err(|e| e.to_string())?;
            super::print_done(&format!(
                "已启用新的签名密钥 {kid}（{}）。",
                settings.auth.key_file.display()
            ))
        }
    }
}
