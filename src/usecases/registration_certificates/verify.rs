//! What anyone may learn of a certificate by its code: whether it holds, and enough to tell whether the paper says the same, the
//! amounts above all, since a paper is forged for them. No people: a party that is a natural person is not named.

use crate::{
    domain::{
        contract::Party,
        money::Fen,
        registration_certificate::{Standing, normalised_code},
        time::{Date, Moment},
    },
    storage::{contracts, registration_certificates, revisions},
    usecases::{Context, Error},
};

/// Code list `party_kind`: a natural person, whose name is personal data.
const NATURAL_PERSON: &str = "natural_person";
/// What stands for the name of a natural person.
const UNNAMED: &str = "自然人（不公开姓名）";

/// A certificate as the public sees it.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Its code.
    pub code: String,
    /// What it is worth now.
    pub standing: Standing,
    /// 登记编号.
    pub registration_number: Option<String>,
    /// 合同名称, as the certificate shows it.
    pub project_name: Option<String>,
    /// 卖方.
    pub seller: Option<String>,
    /// 买方.
    pub buyer: Option<String>,
    /// 合同成交额, in fen, as the certificate shows it.
    pub amount_fen: Option<Fen>,
    /// 技术交易额, in fen, as the certificate shows it.
    pub technology_amount_fen: Option<Fen>,
    /// 签订日期.
    pub signed_on: Option<Date>,
    /// 登记日期: first confirmation.
    pub confirmed_on: Option<Date>,
    /// 登记机构, as the certificate shows it.
    pub agency: Option<String>,
    /// When the certificate was made out.
    pub issued_on: Date,
    /// Since when it holds no more: its contract was amended, cancelled or revoked.
    pub ended_on: Option<Date>,
    /// When this was looked up.
    pub checked_at: Moment,
}

/// What a code says now.
///
/// # Errors
/// [`Error::NotFound`] where no certificate carries it.
pub async fn verify(ctx: &Context, typed: &str) -> Result<Verification, Error> {
    let code = normalised_code(typed).ok_or(Error::NotFound)?;
    let now = ctx.clock.now();
    ctx.store
        .read(move |db| {
            let certificate = registration_certificates::find_by_code(db, &code)?.ok_or(Error::NotFound)?;
            let contract = contracts::find(db, certificate.contract_id)?.ok_or(Error::NotFound)?;
            let shown = revisions::find(db, contract.id, certificate.revision)?.ok_or(Error::NotFound)?;
            // As the paper has it, whatever the agency is called today.
            let agency = certificate.sheet.as_ref().and_then(|s| s["agency"].as_str());
            let agency = agency
                .map(str::to_owned)
                .or_else(|| Some(contract.agency.as_ref()?.name.clone()));
            let standing = Standing::of(&contract, certificate.revision);
            let ended_at = match standing {
                Standing::Superseded => {
                    revisions::find(db, contract.id, certificate.revision + 1)?.map(|r| r.recorded_at)
                }
                _ => contract.ended.map(|end| end.at),
            };
            Ok(Verification {
                code,
                standing,
                registration_number: contract.registration_number,
                project_name: shown.content.project_name,
                seller: public_name(&shown.content.seller),
                buyer: public_name(&shown.content.buyer),
                amount_fen: shown.content.amount_fen,
                technology_amount_fen: shown.content.technology_amount_fen,
                signed_on: shown.content.signed_on,
                confirmed_on: contract.confirmed_at.map(Moment::date),
                agency,
                issued_on: certificate.issued_at.date(),
                ended_on: ended_at.map(Moment::date),
                checked_at: now,
            })
        })
        .await
}

fn public_name(party: &Party) -> Option<String> {
    if party.kind.as_deref() == Some(NATURAL_PERSON) {
        Some(UNNAMED.to_owned())
    } else {
        party.name.clone()
    }
}
