//! `dengji serve`.

use std::{
    net::{IpAddr, SocketAddr, TcpListener},
    process::ExitCode,
    time::Duration,
};

use crate::{
    config::{ServerSettings, Settings},
    server,
    usecases::{
        Condition, Context,
        attachments::folder::{self, Emptiness, Serving},
        clock_watch,
        demonstration::is_demo,
        imports,
        messages::worker::Worker,
        serving_role, statistics, sweeps,
    },
};

/// Arguments of `dengji serve`.
#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
    /// 监听地址（默认 127.0.0.1:8080）
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// 确认本机时钟无误：时钟与上次运行时相比异常超前、系统已停止写入时使用
    #[arg(long)]
    accept_clock: bool,
    /// 没有数据库或数据库是空的，则新建；文件目录是空的而数据库登记有附件，则从空目录重新开始。不加此项时拒绝启动，以免路径写错或磁盘未挂载
    #[arg(long)]
    create: bool,
}

pub(super) async fn run(mut settings: Settings, args: ServeArgs) -> Result<ExitCode, String> {
    if let Some(listen) = args.listen {
        settings.server.listen = listen;
    }
    let listener = bind(settings.server.listen)?;
    let ctx = to_serve(settings, args.create)?;
    if is_demo(&ctx).await.map_err(|e| super::told(&e))? {
        tell!("注意：这是 dengji demo 建立的演示数据库，下次执行 dengji demo 时会重建，请勿用于正式登记。");
    }
    let operator = super::user::actor_name();
    let accept = args.accept_clock.then_some(operator.as_str());
    clock_watch::watch(&ctx, accept).await.map_err(|e| super::told(&e))?;
    serving_role::warn_of_owner(&ctx).await.map_err(|e| super::told(&e))?;
    let emptiness = if args.create {
        Emptiness::Known
    } else {
        Emptiness::Refused
    };
    serve(&ctx, listener, emptiness).await
}

/// The store to be served, with this program's schema.
fn to_serve(settings: Settings, create: bool) -> Result<Context, String> {
    match super::look(&settings)? {
        Condition::Behind(_) => super::upgraded(settings).map(|(ctx, _)| ctx),
        Condition::Missing | Condition::Empty if create => super::made(settings),
        _ => super::existing(settings),
    }
}

/// Takes the address before anything else is done.
pub(super) fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).map_err(|e| format!("无法监听 {address}：{}", crate::domain::file_fault::words(&e)))
}

/// Serves until the process is told to stop.
pub(super) async fn serve(ctx: &Context, listener: TcpListener, emptiness: Emptiness) -> Result<ExitCode, String> {
    folder::claim(ctx, emptiness).await.map_err(|e| super::told(&e))?;
    folder::mark_served(ctx, Serving::Begins)
        .await
        .map_err(|e| super::told(&e))?;
    ctx.keys.prepare(ctx.clock.now()).map_err(|e| e.to_string())?;
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let ctx = &ctx.remembering().examining_by(&program);
    let post = Worker::start(ctx).await?;
    server::raise_open_files(&ctx.settings.server);
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let server = server::serve(ctx, listener).map_err(|e| e.to_string())?;
    tell!("服务已启动：http://{address}/（接口文档：/api/docs/）");
    if let Some(warning) = open_to_listeners(address.ip(), &ctx.settings.server) {
        tell!("警告：{warning}");
        tracing::warn!(%address, "passwords go over the network without TLS");
    }
    // So that whoever asks first does not wait for all of the register to be read.
    let warming = tokio::spawn(statistics::warm(ctx.clone()));
    let sweeping = tokio::spawn(sweeps::keep_sweeping(ctx.clone()));
    let clock_marks = tokio::spawn(clock_watch::keep_marking(ctx.clone()));
    let folder_marks = tokio::spawn(sweeps::keep_marking(ctx.clone()));
    let importing = imports::Worker::start(ctx);
    let ended = server.await.map_err(|e| e.to_string());
    sweeping.abort();
    clock_marks.abort();
    folder_marks.abort();
    warming.abort();
    importing.stop().await;
    if let Some(post) = post {
        post.stop().await;
    }
    ctx.store.close(PATIENCE).await;
    ended?;
    Ok(ExitCode::SUCCESS)
}

/// How long those who read are waited for at the end.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is said where others can listen: the address is not this machine's alone, and the public address is none of TLS.
fn open_to_listeners(address: IpAddr, server: &ServerSettings) -> Option<&'static str> {
    let own = address.is_loopback() || server.is_behind_tls();
    (!own).then_some(
        "监听地址不限于本机，而 server.public_url 不是 https：密码会以明文经过网络。请在前面放置终止 TLS 的反向代理，并把 public_url 设为 https 地址。",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_where_passwords_can_be_listened_to() {
        let mut server = Settings::from_sources(None, Default::default()).unwrap().server;
        let warned =
            |address: &str, server: &ServerSettings| open_to_listeners(address.parse().unwrap(), server).is_some();
        assert!(!warned("127.0.0.1", &server) && !warned("::1", &server));
        assert!(warned("0.0.0.0", &server) && warned("10.0.0.7", &server) && warned("::", &server));
        server.public_url = "HTTPS://register.example".to_owned();
        assert!(!warned("0.0.0.0", &server));
    }
}
