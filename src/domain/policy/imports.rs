//! Who may import what, and who sees what came of it.

use super::Denial;
use crate::domain::{
    account::{Actor, Role},
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

/// The kinds whose imports `actor` may look at, whoever handed the files in: those that he or she may import; an auditor every one.
///
/// # Errors
/// [`Denial::Role`] for whoever has nothing to do with imports.
pub fn decide_read_imports(actor: &Actor) -> Result<Vec<Kind>, Denial> {
    let kinds = if actor.has(Role::Auditor) {
        Kind::ALL.to_vec()
    } else {
        importable(actor)
    };
    if kinds.is_empty() {
        return Err(Denial::Role);
    }
    Ok(kinds)
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
            assert_eq!(decide_read_imports(&of(role)).unwrap_or_default(), sees, "{role:?}");
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
