//! Sending a checkpoint to an address over HTTP.

use std::{sync::Arc, time::Duration};

use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig, TlsProvider},
};

use crate::domain::file_fault;

/// Sends `text` by POST as `application/json`; whatever status of 2xx answers, it was taken. Redirects are not followed.
pub(super) fn post(url: &str, text: &str, patience: Duration) -> Result<(), String> {
    // The machine's own certificates, as mail uses them: offices have their own authorities.
    let roots: Vec<Certificate<'static>> = rustls_native_certs::load_native_certs()
        .certs
        .iter()
        .map(|certificate| Certificate::from_der(certificate).to_owned())
        .collect();
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .build();
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(patience))
        .max_redirects(0)
        .tls_config(tls)
        .build()
        .into();
    let sent = agent
        .post(url)
        .header("content-type", "application/json")
        .send(text)
        .map_err(|e| in_words(&e))?;
    if sent.status().is_success() {
        Ok(())
    } else {
        Err(format!("对方答复 {}", sent.status()))
    }
}

/// Why it did not arrive, in Chinese; never with the address, which may hold a secret.
fn in_words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::StatusCode(status) => format!("对方答复 {status}"),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => "地址有误".to_owned(),
        ureq::Error::Timeout(_) => "对方没有在限时内答复".to_owned(),
        ureq::Error::HostNotFound => "找不到这台主机".to_owned(),
        ureq::Error::ConnectionFailed => "连接不上".to_owned(),
        ureq::Error::Io(error) => format!("连接中断：{}", file_fault::words(error)),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "没有建成加密的连接，请检查对方的证书".to_owned(),
        _ => "没有送成".to_owned(),
    }
}
