//! The verdict on the ledgers and all that rests on them: the schema's objects, both chains, the register, and a checkpoint where one is
//! given. Every way in tells this one, so that none calls whole what another finds broken.

use super::{
    Fault, Head, UNREADABLE, Verification,
    checkpoint::{CheckpointFinding, End},
    register::{self, RegisterFault, RegisterVerification},
};
use crate::{
    domain::ledger::GENESIS,
    storage::{
        Db,
        schema_objects::{self, Difference, ObjectKind, SchemaFault, SchemaObject},
    },
    usecases::{Context, Error, account_ledger::walk_accounts},
};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The chain of the register's ledger.
    pub ledger: Verification,
    /// The chain of the account ledger.
    pub accounts: Verification,
    /// The register, held against both; none where a chain is broken: what it says proves nothing.
    pub register: Option<RegisterVerification>,
    /// Objects of the schema that are not what the migrations made.
    pub schema: Vec<SchemaFault>,
    /// What a checkpoint says, where one was given.
    pub since: Option<Since>,
}

/// What a checkpoint says of the ledgers since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The end of the register's ledger that it covers.
    pub covers: End,
    /// Both chains.
    pub findings: [CheckpointFinding; 2],
}

impl Verdict {
    /// Whether both chains are whole.
    pub const fn chains_hold(&self) -> bool {
        self.ledger.fault.is_none() && self.accounts.fault.is_none()
    }

    /// Whether nothing at all is wrong.
    pub fn holds(&self) -> bool {
        self.wrong().is_empty()
    }

    /// What is wrong, a word for each part, the gravest first; nothing where all holds. In Chinese.
    pub fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.ledger.fault.is_some() {
            wrong.push("登记账有误".to_owned());
        }
        if self.accounts.fault.is_some() {
            wrong.push("账户账有误".to_owned());
        }
        if let Some(since) = &self.since {
            let differing = since.findings.iter().filter(|finding| finding.fault.is_some());
            wrong.extend(differing.map(|finding| format!("{}与检查点不符", finding.chain)));
        }
        if let Some(register) = self.register.as_ref().filter(|register| register.differing > 0) {
            wrong.push(format!("登记簿 {} 处与账不符", register.differing));
        }
        if !self.schema.is_empty() {
            wrong.push(format!("数据库结构 {} 处被改动", self.schema.len()));
        }
        wrong
    }

    /// With what a checkpoint says, whether the register was pinned after it.
    pub fn pinned_since(&self) -> Option<bool> {
        let pinned = self.register.as_ref().and_then(|register| register.pinned);
        self.since
            .as_ref()
            .map(|since| pinned.is_some_and(|pin| pin.sequence > since.covers.sequence))
    }
}

/// Looks at everything, all in one reading transaction; `since` is what a checkpoint says.
///
/// # Errors
/// Where the store does not answer; what is wrong is a result, not an error.
pub async fn verify(ctx: &Context, since: Option<Since>) -> Result<Verdict, Error> {
    ctx.read_heavy(|db| verify_in(db, since)).await
}

/// The same within a transaction of the caller's.
///
/// # Errors
/// As [`verify`].
pub fn verify_in(db: &mut Db, since: Option<Since>) -> Result<Verdict, Error> {
    let mut schema = schema_objects::differences(db)?;
    schema.extend(readable(db, |db| Ok(schema_objects::unsound(db)?))?.unwrap_or_else(unreadable_file));
    let mut verdict = Verdict {
        schema,
        ledger: readable(db, super::walk_register)?.unwrap_or_else(unreadable),
        accounts: readable(db, walk_accounts)?.unwrap_or_else(unreadable),
        register: None,
        since,
    };
    if verdict.chains_hold() {
        verdict.register = Some(readable(db, register::compare)?.unwrap_or_else(unreadable_register));
    }
    Ok(verdict)
}

/// Looks at a part; none where what is stored there cannot be read, which the log tells: the rest is looked at all the same.
fn readable<T>(db: &mut Db, look: impl FnOnce(&mut Db) -> Result<T, Error>) -> Result<Option<T>, Error> {
    match db.apart(look) {
        Ok(found) => Ok(Some(found)),
        Err(error @ (Error::Damaged(_) | Error::Internal(_))) => {
            tracing::error!(reason = ?error, "a part of the store cannot be read and was not verified");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn unreadable_file() -> Vec<SchemaFault> {
    vec![SchemaFault {
        object: SchemaObject {
            kind: ObjectKind::File,
            table: String::new(),
            name: "无法读取，原因见程序日志".to_owned(),
        },
        difference: Difference::Unsound,
    }]
}

fn unreadable() -> Verification {
    Verification {
        verified: 0,
        head: Head {
            sequence: 0,
            hash: GENESIS.to_owned(),
        },
        fault: Some(Fault {
            sequence: UNREADABLE,
            detail: "无法读取，原因见程序日志".to_owned(),
        }),
    }
}

fn unreadable_register() -> RegisterVerification {
    RegisterVerification::of_fault(RegisterFault {
        subject: "登记簿".to_owned(),
        contract: None,
        registration_number: None,
        tables: Vec::new(),
        detail: "无法读取，没有核对完，原因见程序日志".to_owned(),
    })
}
