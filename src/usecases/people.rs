//! What people are called wherever one is named: by the name of the person, with the user name beside it where two could be meant.
//! Accounts without a name go by that of their registrar certificate, else by the user name.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::{
    domain::contract::Contract,
    storage::{
        Db, StoreError,
        accounts::{self, Bearer},
    },
    usecases::{Context, Error},
};

/// What everybody is called, by user name.
#[derive(Debug, Clone, Default)]
pub struct Names {
    known: Arc<HashMap<String, String>>,
}

impl Names {
    /// Of everybody's account.
    fn of_bearers(bearers: Vec<Bearer>) -> Self {
        let written = |name: &String| !name.trim().is_empty();
        let named: Vec<(String, String)> = bearers
            .into_iter()
            .map(|bearer| {
                let name = bearer.full_name.filter(written);
                let name = name.or_else(|| bearer.certified_name.filter(written));
                let name = name.unwrap_or_else(|| bearer.username.clone());
                (bearer.username, name)
            })
            .collect();
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for (username, name) in &named {
            *times.entry(name).or_default() += 1;
            // A name that is another's user name could be taken for that one.
            if username != name {
                *times.entry(username).or_default() += 1;
            }
        }
        let known = named.iter().map(|(username, name)| {
            let told = match times.get(name.as_str()) {
                Some(2..) if name != username => format!("{name}（{username}）"),
                _ => name.clone(),
            };
            (username.clone(), told)
        });
        Self {
            known: Arc::new(known.collect()),
        }
    }

    /// What a person is called. The operator at the machine and the system have no accounts.
    pub fn of(&self, username: &str) -> String {
        if let Some(name) = self.known.get(username) {
            return name.clone();
        }
        match username.split_once(':') {
            Some(("cli", name)) => format!("{name}（服务器命令行）"),
            Some(("system", _)) => "系统".to_owned(),
            _ => username.to_owned(),
        }
    }

    /// Name and user name of an account that is spoken of as an account.
    pub fn account(&self, username: &str) -> String {
        match self.of(username) {
            name if name == username || name.ends_with('）') => name,
            name => format!("{name}（{username}）"),
        }
    }

    /// The contract with everybody in it by name: for showing alone, since rights go by user names.
    pub fn in_contract(&self, contract: &Contract) -> Contract {
        let named = |who: &Option<String>| who.as_deref().map(|who| self.of(who));
        Contract {
            entered_by: named(&contract.entered_by),
            submitted_by: named(&contract.submitted_by),
            claimed_by: named(&contract.claimed_by),
            confirmed_by: named(&contract.confirmed_by),
            ..contract.clone()
        }
    }
}

/// What everybody is called, within the caller's transaction.
///
/// # Errors
/// Where the store does not answer.
pub(super) fn read(db: &mut Db) -> Result<Names, StoreError> {
    Ok(Names::of_bearers(accounts::bearers(db)?))
}

/// What everybody is called now.
///
/// # Errors
/// Where the store does not answer.
pub async fn names(ctx: &Context) -> Result<Names, Error> {
    ctx.store.read(|db| Ok::<_, Error>(read(db)?)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_by_name_and_by_both_where_two_could_be_meant() {
        let of = |username: &str, full: Option<&str>, certificate: Option<&str>| Bearer {
            username: username.to_owned(),
            full_name: full.map(str::to_owned),
            certified_name: certificate.map(str::to_owned),
        };
        let names = Names::of_bearers(vec![
            of("zhang", Some("张三"), Some("证上名")),
            of("zhang2", Some("张三"), None),
            of("li", None, Some("李四")),
            of("wang", None, None),
            of("empty", Some(" "), None),
            of("odd", Some("wang"), None),
        ]);
        let table = [
            ("zhang", "张三（zhang）"),
            ("zhang2", "张三（zhang2）"),
            ("li", "李四"),
            ("wang", "wang"),
            ("empty", "empty"),
            ("odd", "wang（odd）"),
            ("cli:root", "root（服务器命令行）"),
            ("system:deadlines", "系统"),
            ("gone", "gone"),
        ];
        for (username, told) in table {
            assert_eq!(names.of(username), told);
        }
    }
}
