//! A pivot as a file.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};

use super::{pivot::PivotAsked, scope::year_of};
use crate::{
    documents::pivot_table::{pivot_csv, pivot_xlsx},
    http::download::disposition,
    usecases::{Context, Error, errand::in_thread, statistics},
    web::{refusal::Refusal, visitor::Visitor},
};

#[get("/statistics/{year}/pivot.{format}")]
pub async fn download_pivot(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let (year, format) = path.into_inner();
    let year = year_of(&year)?;
    statistics::may_read(&visitor.caller.actor)?;
    let kind = match format.as_str() {
        "csv" => "text/csv; charset=utf-8",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => return Err(Error::NotFound.into()),
    };
    let asked = PivotAsked::read(&ctx, year, request.query_string())?;
    let pivot = asked.pivot(&ctx).await?;
    let bytes = if format == "csv" {
        pivot_csv(&pivot).map_err(Error::internal)?
    } else {
        let made = in_thread(move || pivot_xlsx(&pivot).map_err(Error::internal));
        ctx.heavy.run(made).await?
    };
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((
            header::CONTENT_DISPOSITION,
            disposition(false, &format!("{year}年技术合同交叉表.{format}")),
        ))
        .body(bytes))
}
