//! What administrators and auditors get of accounts.

use serde::Serialize;
use utoipa::ToSchema;

use super::auth::{AgencyOut, CertificateOut};
use crate::{
    domain::time::Moment,
    usecases::users::{UserGiven, UserView},
};

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserOut {
    username: String,
    /// Rises with every change; the `ETag`.
    version: i64,
    /// Ids of the roles held.
    roles: Vec<&'static str>,
    agency: Option<AgencyOut>,
    certificate: Option<CertificateOut>,
    full_name: Option<String>,
    email: Option<String>,
    employer: Option<String>,
    employer_uscc: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// Since when it may not log in.
    #[schema(value_type = Option<String>, format = DateTime)]
    locked_at: Option<Moment>,
    #[schema(value_type = String, format = DateTime)]
    password_changed_at: Moment,
    /// Set while everything but `/auth` is refused until the password is changed.
    password_must_change: bool,
    /// From when on the password must be changed; null where the policy knows no age.
    #[schema(value_type = Option<String>, format = DateTime)]
    password_expires_at: Option<Moment>,
}

impl From<&UserView> for UserOut {
    fn from(view: &UserView) -> Self {
        let account = view.account.clone();
        Self {
            username: account.username,
            version: account.version,
            roles: account.roles.iter().map(|r| r.id()).collect(),
            agency: account.agency.map(|a| AgencyOut {
                code: a.code,
                name: a.name,
            }),
            certificate: account.certificate.map(|c| CertificateOut {
                valid_today: c.is_valid_on(view.today),
                number: c.number,
                issued_on: c.issued_on,
                valid_until: c.valid_until,
            }),
            full_name: account.profile.full_name,
            email: account.profile.email,
            employer: account.profile.employer,
            employer_uscc: account.profile.employer_uscc,
            created_at: account.created_at,
            locked_at: account.locked_at,
            password_changed_at: account.password_changed_at,
            password_must_change: view.password.must_change,
            password_expires_at: view.password.expires_at,
        }
    }
}

/// An account that was given a password.
#[derive(Serialize, ToSchema)]
pub struct UserCreatedOut {
    #[serde(flatten)]
    user: UserOut,
    /// The random password, told this once; null where the caller gave one, and in the answer to a repeated request.
    initial_password: Option<String>,
}

impl From<&UserGiven> for UserCreatedOut {
    fn from(given: &UserGiven) -> Self {
        Self {
            user: UserOut::from(&given.user),
            initial_password: given.initial_password.clone(),
        }
    }
}

/// A page of accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserPage {
    pub(super) items: Vec<UserOut>,
    /// For the next page; null on the last.
    pub(super) next_cursor: Option<String>,
}
