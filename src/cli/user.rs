//! `dengji user`: accounts.

use std::io::{IsTerminal as _, Read as _};

use crate::{
    domain::account::Role,
    usecases::{
        Context,
        accounts::{Me, NewUser, add_user, password_policy, show_user},
    },
};

/// A first line longer than this is no password, bytes.
const MAX_LINE_BYTES: u64 = 65_536;

/// Arguments of `dengji user`.
#[derive(Debug, clap::Args)]
pub struct UserArgs {
    /// 操作
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, clap::Subcommand)]
enum UserCommand {
    /// 新建账户，立即可用；密码由提示输入，标准输入不是终端时取其第一行
    Add(AddArgs),
}

#[derive(Debug, clap::Args)]
struct AddArgs {
    /// 用户名：文字、数字和 . _ - @，最多 64 个字符
    name: String,
    /// 角色，可重复：registrar 登记员、reviewer 审核员、expert 专家、statistician 统计员、auditor 审计员、administrator 管理员
    #[arg(long = "role", value_name = "ROLE", required = true, value_parser = parse_role)]
    roles: Vec<Role>,
    /// 登记机构代码；登记员未指定时取其证书所属的机构
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    /// 登记员证书编号
    #[arg(long, value_name = "NUMBER")]
    certificate: Option<String>,
    /// 姓名；不写时取证书上的姓名，用户名就是姓名（汉字）的取用户名。登记员、审核员、专家、统计员必须有姓名
    #[arg(long, value_name = "NAME")]
    full_name: Option<String>,
}

fn parse_role(id: &str) -> Result<Role, String> {
    Role::from_id(id).ok_or_else(|| {
        let ids: Vec<&str> = Role::ALL.iter().map(|r| r.id()).collect();
        format!("没有这个角色；可用的有 {}", ids.join("、"))
    })
}

/// Runs the command.
///
/// # Errors
/// A Chinese text, a line for each thing that is wrong.
pub async fn run(ctx: &Context, args: UserArgs) -> Result<(), String> {
    match args.command {
        UserCommand::Add(args) => {
            let args = named(args)?;
            let policy = password_policy::describe(&ctx.settings.auth.password);
            let new = NewUser {
                username: args.name,
                roles: args.roles,
                agency_code: args.agency,
                certificate_number: args.certificate,
                full_name: args.full_name,
                password: tokio::task::spawn_blocking(move || read_password(&policy))
                    .await
                    .map_err(|e| e.to_string())??,
            };
            let id = add_user(ctx, &actor_name(), new).await.map_err(|e| super::told(&e))?;
            let made = show_user(ctx, id).await.map_err(|e| super::told(&e))?;
            super::print_done(&summary(&made))
        }
    }
}

/// With the name that papers will call whoever it is by: given, the certificate's, the user name where that is one, or asked for.
fn named(args: AddArgs) -> Result<AddArgs, String> {
    let is_business = args.roles.iter().any(|role| !role.is_exclusive());
    let is_given = args.full_name.as_deref().is_some_and(|name| !name.trim().is_empty());
    if !is_business || is_given || args.certificate.is_some() || is_persons_name(&args.name) {
        return Ok(args);
    }
    if !std::io::stdin().is_terminal() {
        return Err("登记员、审核员、专家、统计员的账号须填写姓名：请加 --full-name 姓名。".to_owned());
    }
    tell!("姓名：");
    let name = first_line(std::io::stdin().lock())?;
    match name.trim() {
        "" => Err("登记员、审核员、专家、统计员的账号须填写姓名。".to_owned()),
        name => Ok(AddArgs {
            full_name: Some(name.to_owned()),
            ..args
        }),
    }
}

/// Whether a user name is a person's name: 张三, 阿依古丽·买买提.
fn is_persons_name(username: &str) -> bool {
    username.chars().count() > 1 && username.chars().all(|c| matches!(c, '\u{4e00}'..='\u{9fff}' | '·'))
}

/// The actor of acts on the command line: `cli:<operating-system user>`.
pub fn actor_name() -> String {
    format!("cli:{}", whoami::username().unwrap_or_else(|_| "unknown".to_owned()))
}

/// From a prompt, twice; where standard input is no terminal, its first line without the line end.
fn read_password(policy: &str) -> Result<String, String> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return first_line(stdin.lock());
    }
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt)
            .map_err(|e| format!("无法读取密码：{}", crate::domain::file_fault::words(&e)))
    };
    let password = ask(&format!("密码（{policy}，输入时不显示）："))?;
    match ask("再输入一次：")? == password {
        true => Ok(password),
        false => Err("两次输入的密码不一致。".into()),
    }
}

fn first_line(input: impl std::io::Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    let mut input = std::io::BufReader::new(input).take(MAX_LINE_BYTES);
    std::io::BufRead::read_until(&mut input, b'\n', &mut bytes)
        .map_err(|e| format!("无法从标准输入读取密码：{}", crate::domain::file_fault::words(&e)))?;
    let line = String::from_utf8(bytes).map_err(|_| "标准输入中的密码不是 UTF-8 文本。".to_owned())?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn summary(made: &Me) -> String {
    let roles: Vec<&str> = made.roles.iter().map(|r| r.label).collect();
    let mut text = format!("已创建账户 {}：{}", made.username, roles.join("、"));
    if let Some(agency) = &made.agency {
        let code = agency.code.as_deref().map(|c| format!("（{c}）")).unwrap_or_default();
        text.push_str(&format!("\n登记机构：{}{code}", agency.name));
    }
    if let Some(certificate) = &made.certificate {
        let until = certificate
            .valid_until
            .map_or_else(|| "长期".to_owned(), |day| day.to_string());
        let today = if certificate.valid_today {
            ""
        } else {
            "，今日不在有效期内"
        };
        text.push_str(&format!(
            "\n登记员证书：{}（{} 至 {until}{today}）",
            certificate.number, certificate.issued_on
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        args: UserArgs,
    }

    #[test]
    fn the_password_is_the_first_line_and_only_its_end_is_cut() {
        for (input, expected) in [
            ("abc\n", "abc"),
            ("abc\r\ndef\n", "abc"),
            ("  abc \n", "  abc "),
            ("abc", "abc"),
            ("", ""),
            ("\nabc", ""),
        ] {
            assert_eq!(first_line(input.as_bytes()).as_deref(), Ok(expected), "{input:?}");
        }
        assert!(first_line(&b"\xff\xfe\n"[..]).is_err());
    }

    #[test]
    fn who_holds_a_business_role_has_a_name() {
        let add = |words: &[&str]| {
            let parsed = Program::try_parse_from([&["dengji", "add"], words].concat()).unwrap();
            let UserCommand::Add(add) = parsed.args.command;
            named(add).map(|add| add.full_name)
        };
        // No test runs in a terminal's foreground with somebody to answer; where one does, nothing is asked for here.
        for words in [
            &["zhangsan", "--role", "reviewer"][..],
            &["li", "--role", "statistician", "--full-name", " "],
        ] {
            if !std::io::stdin().is_terminal() {
                assert!(add(words).is_err_and(|told| told.contains("--full-name")), "{words:?}");
            }
        }
        for (words, name) in [
            (
                &["zhangsan", "--role", "reviewer", "--full-name", "张三"][..],
                Some("张三"),
            ),
            (&["li", "--role", "registrar", "--certificate", "DJY6620250001"], None),
            (&["王五", "--role", "reviewer", "--role", "statistician"], None),
            (&["admin", "--role", "administrator"], None),
            (&["watcher", "--role", "auditor"], None),
        ] {
            assert_eq!(add(words), Ok(name.map(str::to_owned)), "{words:?}");
        }
    }

    #[test]
    fn arguments() {
        let parse = |words: &[&str]| Program::try_parse_from([&["dengji"], words].concat());
        let parsed = parse(&["add", "li", "--role", "reviewer", "--role", "expert"]).unwrap();
        let UserCommand::Add(add) = parsed.args.command;
        assert_eq!(add.roles, [Role::Reviewer, Role::Expert]);
        assert!(parse(&["add", "li"]).is_err());
        let error = parse(&["add", "li", "--role", "boss"]).unwrap_err().to_string();
        assert!(error.contains("没有这个角色"), "{error}");
        assert!(parse(&["add", "li", "--role", "reviewer", "--password", "x"]).is_err());
    }
}
