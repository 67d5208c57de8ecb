//! The certificate of a confirmed contract.

use actix_web::{HttpResponse, get, http::header, web};

use super::key;
use crate::{
    http::download::disposition,
    usecases::{Context, registration_certificates},
    web::{refusal::Refusal, visitor::Visitor},
};

/// The certificate as a file. Made out when it is first asked for.
#[get("/contracts/{id:\\d+}/certificate.pdf")]
pub async fn show_certificate(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let issued = registration_certificates::issue(&ctx, visitor.caller, key(&path)?).await?;
    let name = format!("技术合同登记证明-{}.pdf", issued.registration_number);
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, disposition(false, &name)))
        .body(issued.pdf))
}
