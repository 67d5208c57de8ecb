//! What the account ledger says: what happened to accounts, sessions and agencies. It is a chain of its own beside the register's
//! ([`super::ledger`]), by the same rules: canonical JSON, each entry hashed with the hash before it.
//!
//! GB/T 22239-2019 8.1.4.3 wants of each audited event its time, the user, its kind and whether it succeeded; here `at`, `actor`,
//! `action` and `result`. No entry ever holds a password, its hash, a token, or a name that was typed and is nobody's: people type
//! passwords into the wrong field.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    account::{Actor, Role},
    ledger::{Binding, Change, canonical},
    time::Moment,
};

/// What was done, or tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountAction {
    /// An account was added.
    AddUser,
    /// Roles, agency, certificate or particulars of an account were changed.
    ChangeUser,
    /// An account was locked; its sessions ended.
    LockUser,
    /// An account was unlocked; its failed log-ins were forgotten.
    UnlockUser,
    /// An administrator gave an account another password; its sessions ended.
    ResetPassword,
    /// Someone changed the own password, or failed to.
    ChangePassword,
    /// Someone logged in, or failed to.
    LogIn,
    /// So many log-ins failed that the account or the address must wait now.
    Throttle,
    /// Someone logged out.
    LogOut,
    /// A refresh token was used twice; its session ended.
    EndSession,
    /// An agency was added.
    AddAgency,
    /// Name or code of an agency was changed.
    ChangeAgency,
    /// An operator took the machine's clock for right after it had jumped.
    AcceptClock,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountResult {
    /// It was done.
    Done,
    /// There is no account of the name that was typed.
    UnknownUser,
    /// The password was wrong.
    WrongPassword,
    /// The account is locked.
    Locked,
    /// The password is right, but was given by somebody else too long ago.
    Expired,
}

/// One event, to be entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEvent {
    /// When.
    pub at: Moment,
    /// Name of the account that acted, or `cli:<system user>`; none where nobody was logged in yet.
    pub actor: Option<String>,
    /// Id of the role used; none for what anyone does with the own account, and on the command line.
    pub role: Option<String>,
    /// What.
    pub action: AccountAction,
    /// How it ended.
    pub result: AccountResult,
    /// Name of the account that it is about.
    pub account: Option<String>,
    /// Key of the agency that it is about.
    pub agency: Option<i64>,
    /// The client's address, where it came over the network and was looked at.
    pub address: Option<String>,
    /// Reason in words.
    pub reason: Option<String>,
    /// Changed fields; pointers into the account or the agency as the API shows it.
    pub changes: Vec<Change>,
}

impl AccountEvent {
    /// Something done by nobody, about nothing yet.
    pub fn new(at: Moment, action: AccountAction) -> Self {
        Self {
            at,
            actor: None,
            role: None,
            action,
            result: AccountResult::Done,
            account: None,
            agency: None,
            address: None,
            reason: None,
            changes: Vec::new(),
        }
    }

    /// Done by an administrator.
    pub fn by_administrator(mut self, actor: &Actor) -> Self {
        self.actor = Some(actor.username.clone());
        self.role = Some(Role::Administrator.id().to_owned());
        self
    }

    /// About an account.
    pub fn about(mut self, username: &str) -> Self {
        self.account = Some(username.to_owned());
        self
    }

    /// Done by an account about itself.
    pub fn by_oneself(mut self, username: &str) -> Self {
        self.actor = Some(username.to_owned());
        self.about(username)
    }
}

/// An event, once it has its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEntry {
    /// 1, 2, 3 … without a gap.
    pub sequence: i64,
    /// The event.
    #[serde(flatten)]
    pub event: AccountEvent,
    /// How the rows of the accounts and agencies that it changed look after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub register: Vec<Binding>,
}

impl AccountEntry {
    /// The entry's text: canonical JSON (RFC 8785).
    ///
    /// # Errors
    /// Where a value has no JSON form; entries are built of such that have.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        canonical(self)
    }
}

/// The fields that differ, of two lists of the same fields.
pub fn differences<const N: usize>(before: [(&str, Value); N], after: [(&str, Value); N]) -> Vec<Change> {
    before
        .into_iter()
        .zip(after)
        .filter(|((_, from), (_, to))| from != to)
        .map(|((pointer, from), (_, to))| Change {
            pointer: pointer.to_owned(),
            from,
            to,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_has_a_form_and_reads_back() {
        let mut event = AccountEvent::new(Moment::from_micros(0), AccountAction::LogIn).about("zhang");
        event.result = AccountResult::WrongPassword;
        event.address = Some("192.0.2.7".into());
        let entry = AccountEntry {
            sequence: 1,
            event,
            register: Vec::new(),
        };
        let text = entry.canonical().unwrap();
        assert_eq!(
            text,
            r#"{"account":"zhang","action":"log_in","actor":null,"address":"192.0.2.7","agency":null,"at":"1970-01-01T08:00:00.000000+08:00","changes":[],"reason":null,"result":"wrong_password","role":null,"sequence":1}"#
        );
        assert_eq!(serde_json::from_str::<AccountEntry>(&text).unwrap(), entry);
    }

    #[test]
    fn only_what_differs_is_told() {
        let told = differences(
            [("/a", json!(1)), ("/b", json!(null))],
            [("/a", json!(1)), ("/b", json!("x"))],
        );
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].pointer.as_str(), &told[0].to), ("/b", &json!("x")));
    }
}
