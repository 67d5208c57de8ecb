//! 技术合同登记证明: the document for people of the register, its verification for everyone.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{answer::key, extract::Caller, openapi::Refusals, problem::Problem, throttle},
    documents::verification_page,
    domain::{
        money::{Fen, grouped_yuan},
        time::Date,
    },
    http::download::disposition,
    usecases::{
        Context,
        registration_certificates::{self, Verification},
    },
};

/// The registration certificate (技术合同登记证明) of a confirmed contract. It is made out when it is first asked for by a registrar of the
/// agency or a reviewer, which is an act in the contract's history; after that, all who may read the contract get the same document.
#[utoipa::path(tag = "registration_certificates", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), Refusals))]
#[get("/contracts/{id}/certificate.pdf")]
pub async fn read_registration_certificate(
    ctx: web::Data<Context>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let issued = registration_certificates::issue(&ctx, caller.0, key(&path)?).await?;
    let name = format!("技术合同登记证明-{}.pdf", issued.registration_number);
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, disposition(false, &name)))
        .body(issued.pdf))
}

/// What a certificate is worth.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerificationOut {
    /// The code that was asked for.
    code: String,
    /// `valid`, `superseded` (by a later revision), `cancelled` or `revoked`.
    #[schema(example = "valid")]
    status: &'static str,
    /// The same in Chinese.
    status_label: &'static str,
    registration_number: Option<String>,
    project_name: Option<String>,
    /// Name of the seller; natural persons are not named.
    seller: Option<String>,
    /// Name of the buyer; natural persons are not named.
    buyer: Option<String>,
    /// Contract amount (合同成交额) in fen, as the certificate shows it.
    amount_fen: Option<Fen>,
    /// Technology amount (技术交易额) in fen, as the certificate shows it.
    technology_amount_fen: Option<Fen>,
    signed_on: Option<Date>,
    /// Day of registration.
    confirmed_on: Option<Date>,
    agency: Option<String>,
    /// Day on which the certificate was made out.
    issued_on: Date,
    /// Day on which the certificate ceased to hold: its contract was amended, cancelled or revoked.
    ended_on: Option<Date>,
    /// When this was looked up, RFC 3339.
    checked_at: String,
}

impl From<Verification> for VerificationOut {
    fn from(v: Verification) -> Self {
        Self {
            code: v.code,
            status: v.standing.id(),
            status_label: v.standing.label(),
            registration_number: v.registration_number,
            project_name: v.project_name,
            seller: v.seller,
            buyer: v.buyer,
            amount_fen: v.amount_fen,
            technology_amount_fen: v.technology_amount_fen,
            signed_on: v.signed_on,
            confirmed_on: v.confirmed_on,
            agency: v.agency,
            issued_on: v.issued_on,
            ended_on: v.ended_on,
            checked_at: v.checked_at.to_string(),
        }
    }
}

/// Verify a certificate by the code on it: no log-in, no personal data. Too many requests of one address: 429.
#[utoipa::path(tag = "registration_certificates", params(("code" = String, Path)),
    responses((status = 200, body = VerificationOut), Refusals))]
#[get("/verify/{code}")]
pub async fn verify_registration_certificate(
    ctx: web::Data<Context>,
    request: HttpRequest,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    throttle::of(&request)?.admit(&request)?;
    let verification = registration_certificates::verify(&ctx, &code).await?;
    Ok(HttpResponse::Ok().json(VerificationOut::from(verification)))
}

/// The same as a page for browsers, where they ask for one; the address that the QR code on a certificate names.
#[utoipa::path(tag = "registration_certificates", params(("code" = String, Path)),
    responses((status = 200, content((VerificationOut = "application/json"), (String = "text/html"))), Refusals))]
#[get("/verify/{code}")]
pub async fn show_verification(
    ctx: web::Data<Context>,
    request: HttpRequest,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    throttle::of(&request)?.admit(&request)?;
    let found = registration_certificates::verify(&ctx, &code).await;
    if !wants_page(&request) {
        return Ok(HttpResponse::Ok().json(VerificationOut::from(found?)));
    }
    let (status, page) = match found {
        Ok(v) => (actix_web::http::StatusCode::OK, verification_page::found(&facts(&v))),
        Err(crate::usecases::Error::NotFound) => {
            (actix_web::http::StatusCode::NOT_FOUND, verification_page::not_found())
        }
        Err(other) => return Err(other.into()),
    };
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, verification_page::policy()))
        .body(page))
}

/// Whether a page is wanted rather than JSON: browsers name HTML, programs do not.
fn wants_page(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok());
    accept.is_some_and(|a| {
        a.split(',')
            .any(|part| part.trim().to_ascii_lowercase().starts_with("text/html"))
    })
}

fn facts(v: &Verification) -> verification_page::Facts<'_> {
    let yuan = |fen: Option<Fen>| fen.map_or_else(|| "–".into(), |fen| format!("{} 元", grouped_yuan(fen)).into());
    verification_page::Facts {
        standing: v.standing,
        checked_at: v.checked_at,
        rows: vec![
            ("登记编号", v.registration_number.as_deref().unwrap_or("–").into()),
            ("合同名称", v.project_name.as_deref().unwrap_or("–").into()),
            ("卖方", v.seller.as_deref().unwrap_or("–").into()),
            ("买方", v.buyer.as_deref().unwrap_or("–").into()),
            ("合同成交额", yuan(v.amount_fen)),
            ("技术交易额", yuan(v.technology_amount_fen)),
            (
                "签订日期",
                v.signed_on.map_or_else(|| "–".into(), |d| d.to_string().into()),
            ),
            (
                "登记日期",
                v.confirmed_on.map_or_else(|| "–".into(), |d| d.to_string().into()),
            ),
            ("登记机构", v.agency.as_deref().unwrap_or("–").into()),
            ("证明出具日期", v.issued_on.to_string().into()),
            (
                "失效日期",
                v.ended_on.map_or_else(|| "–".into(), |d| d.to_string().into()),
            ),
        ],
    }
}
