//! `dengji serve`.

use std::{
    net::{SocketAddr, TcpListener},
    process::ExitCode,
};

use crate::{
    config::Settings,
    server,
    usecases::{Context, clock_watch, imports, messages::worker::Worker, serving_role, statistics, sweeps},
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
}

pub(super) async fn run(mut settings: Settings, args: ServeArgs) -> Result<ExitCode, String> {
    if let Some(listen) = args.listen {
        settings.server.listen = listen;
    }
    let listener = bind(settings.server.listen)?;
    let ctx = super::ready(settings)?;
    let operator = super::user::actor_name();
    let accept = args.accept_clock.then_some(operator.as_str());
    clock_watch::watch(&ctx, accept).await.map_err(|e| super::told(&e))?;
    serving_role::warn_of_owner(&ctx).await.map_err(|e| super::told(&e))?;
    serve(&ctx, listener).await
}

/// Takes the address before anything else is done.
pub(super) fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).map_err(|e| format!("无法监听 {address}：{e}"))
}

/// Serves until the process is told to stop.
pub(super) async fn serve(ctx: &Context, listener: TcpListener) -> Result<ExitCode, String> {
    ctx.keys.prepare(ctx.clock.now()).map_err(|e| e.to_string())?;
    let ctx = &ctx.remembering();
    let post = Worker::start(ctx).await?;
    server::raise_open_files(&ctx.settings.server);
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let server = server::serve(ctx, listener).map_err(|e| e.to_string())?;
    eprintln!("服务已启动：http://{address}/（接口文档：/api/docs/）");
    // So that whoever asks first does not wait for all of the register to be read.
    let warming = tokio::spawn(statistics::warm(ctx.clone()));
    let sweeping = tokio::spawn(sweeps::keep_sweeping(ctx.clone()));
    let marking = tokio::spawn(clock_watch::keep_marking(ctx.clone()));
    let importing = imports::Worker::start(ctx);
    let ended = server.await.map_err(|e| e.to_string());
    sweeping.abort();
    marking.abort();
    warming.abort();
    importing.stop().await;
    if let Some(post) = post {
        post.stop().await;
    }
    ended?;
    Ok(ExitCode::SUCCESS)
}
