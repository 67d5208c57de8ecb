//! What is downloaded: empty forms, and files with their errors marked.

use actix_web::{
    HttpResponse,
    body::SizedStream,
    get,
    http::header::{self, ContentEncoding},
    web::{self, Bytes},
};
use futures_util::stream;

use crate::{
    domain::{interchange::Kind, policy},
    http::download::disposition,
    usecases::{Context, Error, imports},
    web::{refusal::Refusal, visitor::Visitor},
};

/// Media type of XLSX.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[get("/imports/templates/{kind}.xlsx")]
pub async fn download_import_template(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    policy::decide_read_imports(&visitor.caller.actor).map_err(Error::from)?;
    let kind = Kind::from_id(&path).ok_or(Error::NotFound)?;
    let bytes = imports::template(&ctx, kind).await?;
    let file_name = format!("{}导入模板.xlsx", kind.label());
    Ok(HttpResponse::Ok()
        .content_type(XLSX)
        .insert_header((header::CONTENT_DISPOSITION, disposition(false, &file_name)))
        .body(bytes))
}

#[get("/imports/{id}/errors.xlsx")]
pub async fn download_marked_file(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let id = path.parse().map_err(|_| Error::NotFound)?;
    let file = imports::marked_file(&ctx, visitor.caller.actor, id).await?;
    let pieces = stream::try_unfold(file.content, |content| async {
        let next = content.next().await?;
        Ok::<_, Error>(next.map(|(piece, rest)| (Bytes::from(piece), rest)))
    });
    Ok(HttpResponse::Ok()
        .content_type(XLSX)
        .insert_header((header::CONTENT_DISPOSITION, disposition(false, &file.file_name)))
        .insert_header(ContentEncoding::Identity)
        .body(SizedStream::new(file.size, pieces)))
}
