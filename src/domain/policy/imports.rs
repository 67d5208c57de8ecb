//! Who may import what, and who sees what came of it.

use super::Denial;
use crate::domain::{
    account::{Actor, Role},
    import_job::{ImportJob, ImportState},
    interchange::Kind,
};

/// The role that imports a kind: an administrator the register's history and the registrars, a statistician what stands beside it.
const fn role_of(kind: Kind) -> Role {
    match kind {
        Kind::Register | Kind::Registrars => Role::Administrator,
        Kind::FollowUp | Kind::Activities | Kind::Reference => Role::Statistician,
    }
}

/// The kinds that `actor` may import.
pub fn importable(actor: &Actor) -> Vec<Kind> {
    Kind::ALL.into_iter().filter(|k| actor.has(role_of(*k))).collect()
}

/// Decides whether `actor` may import a file of a kind; answers the role acted in.
///
/// # Errors
/// [`Denial::Role`] for whoever does not hold the kind's role.
pub fn decide_import(actor: &Actor, kind: Kind) -> Result<Role, Denial> {
    let role = role_of(kind);
    if actor.has(role) { Ok(role) } else { Err(Denial::Role) }
}

/// Which imports someone may look at, whoever handed the files in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportScope {
    /// All imports of these kinds.
    pub kinds: Vec<Kind>,
    /// Imports of the register that wait for a reviewer, or did once.
    pub previewed: bool,
}

impl ImportScope {
    /// Whether an import is among them.
    pub fn shows(&self, job: &ImportJob) -> bool {
        self.kinds.contains(&job.kind) || (self.previewed && job.was_previewed())
    }
}

/// The imports that `actor` may look at: of the kinds that he or she may import; an auditor every one; a reviewer those on which a
/// reviewer decides.
///
/// # Errors
/// [`Denial::Role`] for whoever has nothing to do with imports.
pub fn decide_read_imports(actor: &Actor) -> Result<ImportScope, Denial> {
    let kinds = if actor.has(Role::Auditor) {
        Kind::ALL.to_vec()
    } else {
        importable(actor)
    };
    let previewed = actor.has(Role::Reviewer);
    if kinds.is_empty() && !previewed {
        return Err(Denial::Role);
    }
    Ok(ImportScope { kinds, previewed })
}

/// Whether `actor` may know what an import of this kind says of what is there already. Whoever may not read contracts is told
/// how many rows differ from the register, and neither which nor in what: else a file would be a way of asking.
pub fn sees_differences(actor: &Actor, kind: Kind) -> bool {
    kind != Kind::Register || actor.has(Role::Auditor) || actor.has(Role::Reviewer)
}

/// Decides whether `actor` may approve or refuse an import that waits for it, the contracts aside; answers the role acted in.
///
/// # Errors
/// [`Denial::Hidden`], [`Denial::Role`]; [`Denial::OwnImport`] for whoever handed it in.
pub fn decide_import_approval(actor: &Actor, job: &ImportJob) -> Result<Role, Denial> {
    if !decide_read_imports(actor).is_ok_and(|scope| scope.shows(job)) {
        return Err(Denial::Hidden);
    }
    if !actor.has(Role::Reviewer) {
        return Err(Denial::Role);
    }
    if job.username == actor.username {
        return Err(Denial::OwnImport);
    }
    Ok(Role::Reviewer)
}

/// Whether `actor` may decide on an import now, the contracts aside.
pub fn may_decide_import(actor: &Actor, job: &ImportJob) -> bool {
    job.state == ImportState::AwaitingApproval && decide_import_approval(actor, job).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_role() {
        let of = |role: Role| Actor {
            username: "someone".into(),
            roles: vec![role],
            agency_id: Some(1),
            certificate: None,
        };
        let administrator = [Kind::Register, Kind::Registrars];
        let statistician = [Kind::FollowUp, Kind::Activities, Kind::Reference];
        for role in Role::ALL {
            let (may, sees): (&[Kind], &[Kind]) = match role {
                Role::Administrator => (&administrator, &administrator),
                Role::Statistician => (&statistician, &statistician),
                Role::Auditor => (&[], &Kind::ALL),
                _ => (&[], &[]),
            };
            assert_eq!(importable(&of(role)), may, "{role:?}");
            let scope = decide_read_imports(&of(role)).unwrap_or_default();
            assert_eq!(scope.kinds, sees, "{role:?}");
            assert_eq!(scope.previewed, role == Role::Reviewer, "{role:?}");
            let reads_contracts = matches!(role, Role::Auditor | Role::Reviewer);
            assert_eq!(sees_differences(&of(role), Kind::Register), reads_contracts, "{role:?}");
            for kind in Kind::ALL {
                assert_eq!(
                    decide_import(&of(role), kind).is_ok(),
                    may.contains(&kind),
                    "{role:?} {kind:?}"
                );
            }
        }
    }
}
