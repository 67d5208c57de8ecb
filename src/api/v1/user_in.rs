//! What administrators send about accounts.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    api::json::{Document, present},
    domain::error::FieldError,
    usecases::users::{
        change::UserPatch,
        create::NewUserInput,
        fields::{Profile, UserFields, roles_of},
    },
};

/// A new account.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct UserIn {
    /// 1–64 letters, digits and `. _ - @`; never changed nor given again.
    #[schema(example = "zhang.san")]
    username: Option<String>,
    /// Ids of roles; `administrator` and `auditor` exclude every other.
    #[schema(example = json!(["registrar"]))]
    roles: Option<Vec<String>>,
    /// Code of the agency; where absent, the certificate's.
    #[schema(example = "660008")]
    agency: Option<String>,
    /// Number of the registrar certificate.
    certificate: Option<String>,
    full_name: Option<String>,
    email: Option<String>,
    employer: Option<String>,
    /// Credit code of the employer.
    employer_uscc: Option<String>,
    /// A random one is made where absent.
    #[schema(format = Password)]
    password: Option<String>,
}

impl Document for UserIn {
    const ARRAYS: &'static [&'static str] = &["/roles"];
}

impl TryFrom<UserIn> for NewUserInput {
    type Error = Vec<FieldError>;

    fn try_from(body: UserIn) -> Result<Self, Vec<FieldError>> {
        Ok(Self {
            username: body.username,
            fields: UserFields {
                roles: roles_of(&body.roles.unwrap_or_default())?,
                agency_code: body.agency,
                certificate_number: body.certificate,
                profile: Profile {
                    full_name: body.full_name,
                    email: body.email,
                    employer: body.employer,
                    employer_uscc: body.employer_uscc,
                },
            },
            password: body.password,
        })
    }
}

/// What is to change of an account: absent stays, null clears.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct UserPatchIn {
    /// Ids of roles; `administrator` and `auditor` exclude every other.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>)]
    roles: Option<Option<Vec<String>>>,
    /// Code of the agency; where null, the certificate's.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    agency: Option<Option<String>>,
    /// Number of the registrar certificate.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    certificate: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    full_name: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    employer: Option<Option<String>>,
    /// Credit code of the employer.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    employer_uscc: Option<Option<String>>,
    /// The caller's own password: wanted where `email` changes.
    #[schema(format = Password)]
    current_password: Option<String>,
}

impl Document for UserPatchIn {
    const ARRAYS: &'static [&'static str] = &["/roles"];
}

impl From<UserPatchIn> for UserPatch {
    fn from(body: UserPatchIn) -> Self {
        Self {
            roles: body.roles,
            agency: body.agency,
            certificate: body.certificate,
            full_name: body.full_name,
            email: body.email,
            employer: body.employer,
            employer_uscc: body.employer_uscc,
            current_password: body.current_password,
        }
    }
}

/// Another password.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct UserPasswordIn {
    /// A random one is made where absent.
    #[schema(format = Password)]
    pub(super) password: Option<String>,
}

impl Document for UserPasswordIn {}
