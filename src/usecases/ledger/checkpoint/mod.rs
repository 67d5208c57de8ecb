//! Checkpoints: the ends of both chains, signed, kept where whoever owns the database cannot reach. A chain proves that nothing before
//! its end was changed; a checkpoint proves that the end was there, so that a chain cut short or written anew is found out.
//!
//! A checkpoint is a JSON object. Its signature (Ed25519, RFC 8032) is over the canonical JSON (RFC 8785) of the object without
//! `signature`; `public_key` is the key's 32 bytes in base64url, `key` the first sixteen hexadecimal digits of their SHA-256.

mod deliver;
mod key_file;
mod post;

use std::path::Path;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

pub use key_file::{CheckpointKeyError, PublicKey, public_keys, rotate};

use super::{Fault, Head};
use crate::{
    domain::{ledger::canonical, time::Moment},
    storage::{Db, StoreError, account_ledger, checkpoint_rounds, ledger, store_identity},
    usecases::{Context, Error},
};

/// The form of what is written.
const FORMAT: &str = "dengji-checkpoint-1";

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// Last sequence; 0 of an empty chain.
    pub sequence: i64,
    /// Its hash.
    pub hash: String,
}

impl From<Head> for End {
    fn from(head: Head) -> Self {
        Self {
            sequence: head.sequence,
            hash: head.hash,
        }
    }
}

/// A checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// `dengji-checkpoint-1`.
    pub format: String,
    /// When it was made.
    pub at: Moment,
    /// The id of the store whose ledgers they are; earlier versions did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// The end of the register's ledger.
    pub ledger: End,
    /// The end of the account ledger.
    pub account_ledger: End,
    /// The key that signed it.
    pub key: String,
    /// Its public part, base64url.
    pub public_key: String,
    /// Ed25519, base64url; none while it is not signed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

impl Checkpoint {
    /// What is signed.
    fn message(&self) -> Result<String, serde_json::Error> {
        canonical(&Self {
            signature: None,
            ..self.clone()
        })
    }

    /// As it is written to a file: canonical JSON and a line's end.
    ///
    /// # Errors
    /// Never for what this program built.
    pub fn text(&self) -> Result<String, Error> {
        canonical(self).map(|text| text + "\n").map_err(Error::internal)
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// A Chinese sentence where it is none, or of another form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|e| format!("不是检查点文件：{}", misread(&e)))?;
        if read.format == FORMAT {
            Ok(read)
        } else {
            Err(format!("不认识的检查点格式 {}", read.format))
        }
    }

    /// Whether the signature holds, by the key that the checkpoint names.
    fn is_signed(&self) -> bool {
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let key = decoded(&self.public_key);
        let named = key_file::id_of(&key) == self.key;
        let signature = decoded(self.signature.as_deref().unwrap_or_default());
        let message = self.message().unwrap_or_default();
        let public = UnparsedPublicKey::new(&ED25519, key);
        named && public.verify(message.as_bytes(), &signature).is_ok()
    }

    /// The name of its file: by time, so that they list in order.
    pub fn file_name(&self) -> String {
        let at = self.at.beijing_time().format("%Y%m%dT%H%M%S%.6f");
        format!("checkpoint-{at}-{}.json", self.ledger.sequence)
    }
}

/// What a checkpoint says of a chain as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointFinding {
    /// The chain: 登记账, 账户账.
    pub chain: &'static str,
    /// What is wrong; none where the chain still holds what it held then.
    pub fault: Option<Fault>,
    /// Entries since.
    pub since: i64,
}

/// Makes a checkpoint of the ends of both chains and signs it; the key is made where there is none. Nothing is delivered.
///
/// # Errors
/// Where the store does not answer, or the key cannot be had.
pub async fn make(ctx: &Context) -> Result<Checkpoint, Error> {
    let clock = ctx.clock.clone();
    let (at, store, register, accounts) = ctx
        .store
        .read(move |db| {
            let store = store_identity::find(db)?.store_id;
            Ok::<_, Error>((clock.now(), store, ledger::head(db)?, account_ledger::head(db)?))
        })
        .await?;
    let file = &ctx.settings.checkpoints.key_file;
    let failed = |e: CheckpointKeyError| Error::Conflict(e.to_string());
    let key = key_file::newest(file, at).map_err(failed)?;
    let mut checkpoint = Checkpoint {
        format: FORMAT.to_owned(),
        at,
        store: Some(store),
        ledger: register.into(),
        account_ledger: accounts.into(),
        key: key.id.clone(),
        public_key: key.public_key.clone(),
        signature: None,
    };
    let message = checkpoint.message().map_err(Error::internal)?;
    checkpoint.signature = Some(key.sign(message.as_bytes()).map_err(failed)?);
    Ok(checkpoint)
}

/// Makes a checkpoint and takes it wherever the settings say; what came of each place. It is entered in no ledger: it would be the first
/// thing that it does not cover.
///
/// # Errors
/// As [`make`].
pub async fn make_and_deliver(ctx: &Context) -> Result<(Checkpoint, Vec<(String, Result<(), String>)>), Error> {
    let checkpoint = make(ctx).await?;
    let came = deliver::deliver(ctx, &checkpoint).await?;
    Ok((checkpoint, came))
}

/// For the sweep: a checkpoint where one is due by the settings, and there is somewhere to take it. Answers how many were made. One that no
/// place took is made anew at the next sweep; one that some took is not, lest those get one every hour.
///
/// # Errors
/// As [`make`]; names the places that did not take it.
pub async fn sweep(ctx: &Context) -> Result<u64, Error> {
    let settings = &ctx.settings.checkpoints;
    if settings.every_hours == 0 || !settings.goes_anywhere() {
        return Ok(0);
    }
    if !deliver::claim(ctx).await? {
        return Ok(0);
    }
    let made = make_and_deliver(ctx).await;
    let taken = made
        .as_ref()
        .is_ok_and(|(_, came)| came.iter().any(|(_, result)| result.is_ok()));
    if !taken {
        // Made anew at the next sweep.
        ctx.store
            .write(|db| Ok::<_, Error>(checkpoint_rounds::give_back(db)?))
            .await?;
    }
    let failed: Vec<String> = made?
        .1
        .into_iter()
        .filter_map(|(place, result)| result.err().map(|reason| format!("{place}：{reason}")))
        .collect();
    if failed.is_empty() {
        Ok(1)
    } else {
        Err(Error::Unavailable(failed.join("；")))
    }
}

/// Holds the chains against a checkpoint. `keys` are the keys that are trusted, by their ids: those of the key file, or one that was kept
/// elsewhere.
///
/// # Errors
/// A Chinese sentence where the checkpoint itself does not hold: its signature is wrong, or by a key that is not trusted.
pub async fn compare(
    ctx: &Context,
    checkpoint: &Checkpoint,
    keys: &[PublicKey],
) -> Result<Result<[CheckpointFinding; 2], String>, Error> {
    if !checkpoint.is_signed() {
        return Ok(Err("检查点的签名不符：文件被改动过".to_owned()));
    }
    if !keys
        .iter()
        .any(|key| key.id == checkpoint.key && key.public_key == checkpoint.public_key)
    {
        return Ok(Err(format!("检查点由未知密钥 {} 签名，不能作为依据", checkpoint.key)));
    }
    let (register, accounts) = (checkpoint.ledger.clone(), checkpoint.account_ledger.clone());
    let of = checkpoint.store.clone();
    ctx.store
        .read(move |db| {
            let own = store_identity::find(db)?.store_id;
            if let Some(of) = of.filter(|of| *of != own) {
                return Ok::<_, Error>(Err(format!(
                    "检查点是另一个数据库的（编号 {of}），这个数据库的编号是 {own}，两者不能核对"
                )));
            }
            Ok::<_, Error>(Ok([
                held(db, "登记账", &register, ledger::head, |db, sequence| {
                    Ok(ledger::after(db, sequence - 1, 1)?.into_iter().next())
                })?,
                held(db, "账户账", &accounts, account_ledger::head, |db, sequence| {
                    Ok(account_ledger::after(db, sequence - 1, 1)?.into_iter().next())
                })?,
            ]))
        })
        .await
}

fn held(
    db: &mut Db,
    chain: &'static str,
    end: &End,
    head: fn(&mut Db) -> Result<Head, StoreError>,
    at: impl FnOnce(&mut Db, i64) -> Result<Option<super::StoredEntry>, StoreError>,
) -> Result<CheckpointFinding, StoreError> {
    let now = head(db)?;
    let fault = |detail: String| {
        Some(Fault {
            sequence: end.sequence,
            detail,
        })
    };
    let found = match end.sequence {
        0 => None,
        sequence if sequence > now.sequence => fault(format!(
            "检查点记有 {sequence} 条，现在只有 {} 条：其后的条目已被截去",
            now.sequence
        )),
        sequence => match at(db, sequence)? {
            Some(entry) if entry.sequence == sequence && entry.hash == end.hash => None,
            _ => fault(format!("第 {sequence} 条与检查点不符：此条或之前的条目已被改写")),
        },
    };
    Ok(CheckpointFinding {
        chain,
        fault: found,
        since: (now.sequence - end.sequence).max(0),
    })
}

/// Reads a file of public keys, as `ledger checkpoint --public-keys` prints them.
///
/// # Errors
/// A Chinese sentence.
pub fn read_public_keys(path: &Path) -> Result<Vec<PublicKey>, String> {
    serde_json::from_str(&text_of(path)?).map_err(|e| format!("{} 不是公钥文件：{}", path.display(), misread(&e)))
}

/// A file's text.
fn text_of(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map_err(|e| format!("无法读取 {}：{}", path.display(), crate::domain::file_fault::words(&e)))
}

/// Why a file of JSON is not of its form, in Chinese.
fn misread(error: &serde_json::Error) -> String {
    let place = format!("第 {} 行第 {} 个字节", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof => "文件不完整，到末尾为止还没有结束".to_owned(),
        serde_json::error::Category::Data => format!("{place}处缺少、多出字段，或字段的值不是所要的"),
        _ => format!("{place}处不是 JSON"),
    }
}

/// Reads a checkpoint's file.
///
/// # Errors
/// A Chinese sentence.
pub fn read(path: &Path) -> Result<Checkpoint, String> {
    Checkpoint::parse(&text_of(path)?)
}
