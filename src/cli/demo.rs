//! `dengji demo`: everything at once, on a store of its own, in a folder of its own.

use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::{
    config::{DemoAccounts, MailTransport, Settings},
    documents::annual_text::annual_text,
    domain::{account::Role, interchange::Kind},
    usecases::{
        Context,
        accounts::{NewUser, add_user},
        attachments::folder::Emptiness,
        demonstration::{mark_as_demo, remove_demo},
        imports::{Approval, Request},
        seam::{Clock, random_token},
        statistics,
    },
};

/// Arguments of `dengji demo`.
#[derive(Debug, clap::Args)]
pub(super) struct DemoArgs {
    /// 监听地址（默认 127.0.0.1:8080）
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// 只导入样例并输出年度数据，不启动服务
    #[arg(long)]
    no_serve: bool,
}

/// The sample register: synthetic records whose totals are those of the published 2025 report.
const SAMPLE: [(Kind, &str, &[u8]); 9] = [
    (
        Kind::Registrars,
        "registrars.csv",
        include_bytes!("../../config/demo/registrars.csv"),
    ),
    (
        Kind::Register,
        "contracts-2021.csv",
        include_bytes!("../../config/demo/contracts-2021.csv"),
    ),
    (
        Kind::Register,
        "contracts-2022.csv",
        include_bytes!("../../config/demo/contracts-2022.csv"),
    ),
    (
        Kind::Register,
        "contracts-2023.csv",
        include_bytes!("../../config/demo/contracts-2023.csv"),
    ),
    (
        Kind::Register,
        "contracts-2024.csv",
        include_bytes!("../../config/demo/contracts-2024.csv"),
    ),
    (
        Kind::Register,
        "contracts-2025.csv",
        include_bytes!("../../config/demo/contracts-2025.csv"),
    ),
    (
        Kind::FollowUp,
        "follow-up-2021-2024.csv",
        include_bytes!("../../config/demo/follow-up-2021-2024.csv"),
    ),
    (
        Kind::Activities,
        "activities-2025.csv",
        include_bytes!("../../config/demo/activities-2025.csv"),
    ),
    (
        Kind::Reference,
        "reference-figures.csv",
        include_bytes!("../../config/demo/reference-figures.csv"),
    ),
];

/// The year that the sample is about.
const YEAR: i32 = 2025;

/// Agency and certificate of the demo's registrar, both of the sample.
const REGISTRAR: (&str, &str) = ("660008", "DJY6620190044");

/// The demo's own folder: store, files, keys, mail and checkpoints. Nothing of an office's is in it.
const FOLDER: &str = "data/demo";

pub(super) async fn run(mut settings: Settings, args: DemoArgs) -> Result<ExitCode, String> {
    if let Some(listen) = args.listen {
        settings.server.listen = listen;
    }
    let listener = match args.no_serve {
        true => None,
        false => Some(super::serve::bind(settings.server.listen)?),
    };
    let _alone = choose_place(&mut settings)?;
    settings.mail.transport = MailTransport::File;
    settings.documents.made_up_records = true;
    let demo = demo_accounts()?;
    settings.demo = Some(demo.clone());
    let ctx = Context::make(settings, Clock::system()).map_err(|e| e.to_string())?;
    ctx.migrate().map_err(|e| super::told(&e))?;
    mark_as_demo(&ctx).await.map_err(|e| super::told(&e))?;
    tell!("样例台账为合成数据：当事人、名称、代码和日期均系虚构，仅合计数与公布的 2025 年年报一致。");
    import_sample(&ctx).await?;
    let figures = statistics::annual(&ctx, YEAR, None, None)
        .await
        .map_err(|e| super::told(&e))?;
    let text = format!("（合成样例数据）\n{}", annual_text(&figures, &ctx.catalogue));
    super::report::write(None, text.as_bytes())?;
    let Some(listener) = listener else {
        return Ok(ExitCode::SUCCESS);
    };
    add_accounts(&ctx, demo).await?;
    super::serve::serve(&ctx, listener, Emptiness::Refused).await
}

/// Chooses where everything of the demo is, whatever the settings say: in its own folder, which is emptied first; or beside a store that
/// the user named, which must not be there yet. While the value lives no other demo does the same.
fn choose_place(settings: &mut Settings) -> Result<Option<File>, String> {
    let default = Settings::from_sources(None, Default::default())
        .map_err(|e| e.to_string())?
        .database_url;
    if settings.database_url != default {
        let Some(store) = super::sqlite_file(&settings.database_url)? else {
            return Err("演示只使用内置数据库（sqlite:路径）".into());
        };
        if store.exists() {
            return Err(format!("{} 已存在；演示需要全新的数据库", store.display()));
        }
        place(
            settings,
            &store,
            ["files", "mail", "keys.json", "checkpoints", "checkpoint-keys.json"].map(|end| store.with_extension(end)),
        );
        return Ok(None);
    }
    let folder = Path::new(FOLDER);
    let store = folder.join("dengji.sqlite");
    place(
        settings,
        &store,
        [
            "files",
            "mail",
            "signing-keys.json",
            "checkpoints",
            "checkpoint-keys.json",
        ]
        .map(|name| folder.join(name)),
    );
    let unwritable = |e: std::io::Error| format!("无法使用目录 {FOLDER}：{}", crate::domain::file_fault::words(&e));
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let lock = File::create(folder.join("lock")).map_err(unwritable)?;
    lock.try_lock()
        .map_err(|_| format!("另一个演示正在使用 {FOLDER}，请先停止它"))?;
    if store.exists() {
        remove_demo(settings).map_err(|e| format!("{} 没有删除：{}", store.display(), super::told(&e)))?;
    }
    Ok(Some(lock))
}

fn place(settings: &mut Settings, store: &Path, [files, mail, keys, checkpoints, checkpoint_keys]: [PathBuf; 5]) {
    settings.database_url = format!("sqlite:{}", store.display());
    settings.files.folder = files.display().to_string();
    settings.mail.folder = mail;
    settings.auth.key_file = keys;
    // Whoever gets an office's checkpoints gets none of a demonstration.
    settings.checkpoints.folder = checkpoints;
    settings.checkpoints.key_file = checkpoint_keys;
    settings.checkpoints.mail_to = Vec::new();
    settings.checkpoints.url = String::new();
}

/// Brings the sample in as any office would: files, through the import.
async fn import_sample(ctx: &Context) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    for (kind, name, bytes) in SAMPLE {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).map_err(|e| e.to_string())?;
        let request = Request {
            actor: super::user::actor_name(),
            role: None,
            kind,
            path,
            file_name: name.to_owned(),
            update: false,
            dry_run: false,
            approval: Approval::Operator { reason: None },
        };
        let (done, _) = super::import::import_file(ctx, request).await?;
        tell!("已导入 {name}：{} 行", done.added);
    }
    Ok(())
}

/// What the people of the demonstration are called: made up, as all of it. The registrar goes by the certificate's name.
const NAMES: [(&str, &str); 8] = [
    ("reviewer", "王建国"),
    ("reviewer2", "李秀英"),
    ("expert", "陈志远"),
    ("expert2", "赵文静"),
    ("expert3", "孙立新"),
    ("statistician", "周晓梅"),
    ("auditor", "吴永强"),
    ("administrator", "郑海燕"),
];

/// One account per role, with one random password; two reviewers (whoever confirmed a contract may not revoke it) and three experts (a
/// panel concludes by three votes).
fn demo_accounts() -> Result<DemoAccounts, String> {
    let accounts = [
        ("registrar", Role::Registrar),
        ("reviewer", Role::Reviewer),
        ("reviewer2", Role::Reviewer),
        ("expert", Role::Expert),
        ("expert2", Role::Expert),
        ("expert3", Role::Expert),
        ("statistician", Role::Statistician),
        ("auditor", Role::Auditor),
        ("administrator", Role::Administrator),
    ];
    Ok(DemoAccounts {
        password: random_token().map_err(|e| super::told(&e))?,
        accounts: accounts.map(|(username, role)| (username.to_owned(), role)).into(),
    })
}

async fn add_accounts(ctx: &Context, demo: DemoAccounts) -> Result<(), String> {
    for (username, role) in &demo.accounts {
        let (agency, certificate) = match role {
            Role::Registrar => (Some(REGISTRAR.0.to_owned()), Some(REGISTRAR.1.to_owned())),
            _ => (None, None),
        };
        let new = NewUser {
            username: username.clone(),
            roles: vec![*role],
            agency_code: agency,
            certificate_number: certificate,
            full_name: NAMES
                .iter()
                .find(|(of, _)| of == username)
                .map(|(_, name)| (*name).to_owned()),
            password: demo.password.clone(),
        };
        add_user(ctx, &super::user::actor_name(), new)
            .await
            .map_err(|e| super::told(&e))?;
    }
    tell!("\n演示账户，密码均为 {}", demo.password);
    for (username, role) in &demo.accounts {
        tell!("  {username:<14} {}", role.label());
    }
    tell!("");
    Ok(())
}
