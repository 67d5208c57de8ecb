//! The certificate of a confirmed contract as a PDF. The first time it is asked for, it is made out: that is an act in the ledger.
//! What is printed is kept with it then, so the same revision always gives the same bytes, whatever is renamed later.

use crate::{
    documents::{
        pdf::PdfError,
        registration_certificate::{Particulars, render, sheet},
    },
    domain::{
        account::{Actor, Role},
        catalogue::Catalogue,
        code_list::ListName,
        contract::{Content, Contract},
        ledger::{Act, Change},
        registration_certificate::{CODE_DIGITS, RegistrationCertificate},
        time::Moment,
        workflow::State,
    },
    storage::{Db, StoreError, ledger, registration_certificates},
    usecases::{
        Context, Error,
        accounts::Caller,
        command::{Answer, Command, change},
        contracts::read::visible,
        documents, seam,
    },
};

/// A certificate as it is handed out.
#[derive(Debug, Clone)]
pub struct Issued {
    /// 登记编号.
    pub registration_number: String,
    /// The document.
    pub pdf: Vec<u8>,
}

/// The certificate of the contract's current revision.
///
/// # Errors
/// No contract that the caller may know of; one that is not confirmed; none made out yet for a caller who changes nothing (an
/// auditor, a statistician); no Chinese font on the machine.
pub async fn issue(ctx: &Context, caller: Caller, id: i64) -> Result<Issued, Error> {
    let actor = caller.actor.clone();
    let known = ctx.store.read(move |db| find(db, &actor, id)).await?;
    let (contract, certificate) = match known {
        (contract, Some(certificate)) if certificate.sheet.is_some() => (contract, certificate),
        (contract, _) => {
            // Before anything is made out: what no font has would stand on the paper as an empty box, for good.
            let words = words(&contract);
            documents::make(ctx, move |pdf| match pdf.lacking(&words)? {
                lacking if lacking.is_empty() => Ok(()),
                lacking => Err(PdfError::NoGlyph(lacking)),
            })
            .await?;
            make_out(ctx, caller, id, contract.revision).await?
        }
    };
    let missing = || Error::internal(format!("contract {id} is confirmed and incomplete"));
    let registration_number = contract.registration_number.ok_or_else(missing)?;
    let sheet = certificate.sheet.ok_or_else(missing)?;
    let pdf = documents::make(ctx, move |pdf| render(pdf, &sheet, certificate.issued_at)).await?;
    Ok(Issued {
        registration_number,
        pdf,
    })
}

fn find(db: &mut Db, actor: &Actor, id: i64) -> Result<(Contract, Option<RegistrationCertificate>), Error> {
    let contract = visible(db, actor, id)?;
    if contract.state != State::Confirmed {
        return Err(Error::WrongState(contract.state));
    }
    let certificate = registration_certificates::find(db, id, contract.revision)?;
    Ok((contract, certificate))
}

/// What people wrote of all that stands on a certificate.
fn words(contract: &Contract) -> String {
    let (content, agency) = (&contract.content, contract.agency.as_ref());
    [
        content.project_name.as_deref(),
        content.seller.name.as_deref(),
        content.buyer.name.as_deref(),
        agency.map(|a| a.name.as_str()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The role by which someone has a certificate made out.
fn issuer_role(actor: &Actor) -> Option<Role> {
    [Role::Registrar, Role::Reviewer].into_iter().find(|r| actor.has(*r))
}

/// Makes the certificate out with its sheet. One from before sheets were kept gets its sheet, whoever prints it: that is no act.
async fn make_out(
    ctx: &Context,
    caller: Caller,
    id: i64,
    looked_at: i64,
) -> Result<(Contract, RegistrationCertificate), Error> {
    let command = Command {
        actor: caller.actor,
        session_id: Some(caller.session_id),
        version: None,
        once: None,
    };
    let context = ctx.clone();
    let done = change(ctx, command, move |db, command, now| {
        let actor = &command.actor;
        let (contract, certificate) = find(db, actor, id)?;
        if contract.revision != looked_at {
            return Err(Error::Conflict("合同刚被变更，请再试一次。".to_owned()));
        }
        let printed = |certificate: &RegistrationCertificate| {
            let public_url = &context.settings.server.public_url;
            let of = particulars(&context.catalogue, &contract, certificate, public_url)?;
            Ok::<_, Error>(sheet(&of))
        };
        if let Some(mut certificate) = certificate {
            if certificate.sheet.is_none() {
                let sheet = printed(&certificate)?;
                registration_certificates::keep_sheet(db, id, certificate.revision, &sheet)?;
                let kept = "keep_certificate_sheet";
                enter(db, (actor, issuer_role(actor)), kept, &contract, &certificate, now)?;
                certificate.sheet = Some(sheet);
            }
            return Ok((contract, certificate));
        }
        let role = issuer_role(actor).ok_or(Error::NotFound)?;
        let mut certificate = RegistrationCertificate {
            contract_id: id,
            revision: contract.revision,
            code: seam::random_hex::<{ CODE_DIGITS / 2 }>()?,
            issued_at: now,
            issued_by: actor.username.clone(),
            sheet: None,
        };
        certificate.sheet = Some(printed(&certificate)?);
        registration_certificates::insert(db, &certificate)?;
        let issued = "issue_registration_certificate";
        enter(db, (actor, Some(role)), issued, &contract, &certificate, now)?;
        Ok((contract, certificate))
    })
    .await?;
    match done {
        Answer::Done(made) => Ok(made),
        Answer::Repeated(_) => Err(Error::internal("an answer was kept for a request without a key")),
    }
}

fn enter(
    db: &mut Db,
    (actor, role): (&Actor, Option<Role>),
    action: &str,
    contract: &Contract,
    certificate: &RegistrationCertificate,
    now: Moment,
) -> Result<(), StoreError> {
    let state = contract.state.id().to_owned();
    ledger::append(
        db,
        Act {
            at: now,
            actor: actor.username.clone(),
            role: role.map(|role| role.id().to_owned()),
            contract: Some(contract.id),
            action: action.to_owned(),
            from: Some(state.clone()),
            to: Some(state),
            reason: None,
            changes: vec![Change {
                pointer: format!("/registration_certificates/{}", certificate.revision),
                from: serde_json::Value::Null,
                to: certificate.code.clone().into(),
            }],
        },
    )?;
    Ok(())
}

fn particulars(
    catalogue: &Catalogue,
    contract: &Contract,
    certificate: &RegistrationCertificate,
    public_url: &str,
) -> Result<Particulars, Error> {
    let missing = || Error::internal(format!("contract {} is confirmed and incomplete", contract.id));
    let content: &Content = &contract.content;
    let label = |list: ListName, id: Option<&String>| {
        id.and_then(|id| catalogue.list(list).label(id))
            .unwrap_or_default()
            .to_owned()
    };
    Ok(Particulars {
        registration_number: contract.registration_number.clone().ok_or_else(missing)?,
        project_name: content.project_name.clone().unwrap_or_default(),
        contract_type: label(ListName::Type, content.contract_type.as_ref()),
        subtype: label(ListName::Subtype, content.subtype.as_ref()),
        seller: content.seller.name.clone().unwrap_or_default(),
        seller_uscc: content.seller.uscc.clone(),
        buyer: content.buyer.name.clone().unwrap_or_default(),
        buyer_uscc: content.buyer.uscc.clone(),
        signed_on: content.signed_on,
        begins_on: content.begins_on,
        ends_on: content.ends_on,
        amount_fen: content.amount_fen.ok_or_else(missing)?,
        technology_amount_fen: content.technology_amount_fen,
        confirmed_on: contract.confirmed_at.ok_or_else(missing)?.date(),
        agency: contract.agency.as_ref().map(|a| a.name.clone()).unwrap_or_default(),
        revision: certificate.revision,
        issued_at: certificate.issued_at,
        code: certificate.code.clone(),
        verify_url: format!("{}/verify/{}", public_url.trim_end_matches('/'), certificate.code),
    })
}
