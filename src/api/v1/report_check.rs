//! `/statistics/annual/{year}/check`.

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{answer::key, openapi::Refusals, problem::Problem, upload::Upload},
    http::query::Query,
    usecases::{
        Context, Error, check,
        check::{Against, Compared, Verdict},
        statistics,
    },
};

/// A form with a report.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes what `Upload` reads")]
pub struct ReportCheckIn {
    /// The published report: DOCX, TXT or MD, or a list of figures (CSV), told apart by content.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What came of checking a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportCheckOut {
    year: i32,
    /// Numbers of the report that were held against a figure.
    recognised: usize,
    /// Numbers that are perhaps a figure, or one that the register does not have: `items` whose verdict is `unknown`.
    unclear: usize,
    /// Numbers that were seen: recognised, unclear, or unread.
    seen: usize,
    /// Whether less of them is recognised than the setting `check.min_coverage_percent` asks: then little follows from the rest.
    too_little: bool,
    /// What of the report was not looked at, since no report is so large, in sentences; empty where all of it was.
    left_out: Vec<String>,
    /// Each of those recognised, or unclear, against the register, then what the report says against itself.
    items: Vec<ComparedOut>,
    /// Numbers of which it is not known what they are; they are held against nothing.
    unread: Vec<UnreadOut>,
}

/// A number that was not understood.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnreadOut {
    /// As it stands there, with its unit.
    text: String,
    /// Where it stands.
    r#where: String,
    /// The words around it.
    context: String,
}

/// One printed number.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedOut {
    /// Name of the figure.
    figure: String,
    /// Where it stands: 二（一）, 表2 八师.
    r#where: String,
    /// As printed; words where words are claimed wrongly.
    published: String,
    /// The derived value in the printed unit and decimals; null where there is none.
    derived: Option<String>,
    /// `match`, `differs`, `unknown`, or `rounding`: the last digit alone, from adding up rounded numbers, which is no error.
    #[schema(value_type = String)]
    verdict: Verdict,
    /// What else there is to say.
    note: Option<String>,
    /// `register`, or `report`: the report's own other figures.
    #[schema(value_type = String)]
    against: Against,
}

impl From<Compared> for ComparedOut {
    fn from(compared: Compared) -> Self {
        Self {
            figure: compared.figure,
            r#where: compared.place,
            published: compared.published,
            derived: compared.derived,
            verdict: compared.verdict,
            note: compared.note,
            against: compared.against,
        }
    }
}

/// Check a published report (DOCX, TXT, MD): its tables and sentences against the register, and against each other. Changes nothing.
#[utoipa::path(tag = "statistics", request_body(content = ReportCheckIn, content_type = "multipart/form-data"),
    security(("bearer" = [])),
    params(("year" = i32, Path), ("as_of" = Option<String>, Query, description = "RFC 3339; now where absent"),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters; nothing is kept, since nothing is changed")),
    responses((status = 200, body = ReportCheckOut), Refusals))]
#[post("/statistics/annual/{year}/check")]
pub async fn check_annual_report(
    ctx: web::Data<Context>,
    path: web::Path<String>,
    request: HttpRequest,
    upload: Upload,
) -> Result<HttpResponse, Problem> {
    let year = i32::try_from(key(&path)?).map_err(|_| Error::NotFound)?;
    let (command, mut form) = upload.into_parts::<()>(|()| Err(Error::internal("a check has no answer to keep")));
    statistics::may_read(&command.actor)?;
    let mut query = Query::parse(request.query_string());
    let as_of = query.moment_so_far("as_of", ctx.clock.now());
    query.finish().map_err(Problem::invalid)?;
    let file = form.file();
    let wrong = match form.wrong() {
        errors if errors.is_empty() => Ok(()),
        errors => Err(errors),
    };
    let result = check::check_upload(&ctx, year, as_of, file, wrong).await?;
    let unread: Vec<UnreadOut> = result
        .unread
        .into_iter()
        .map(|unread| UnreadOut {
            text: unread.text,
            r#where: unread.place,
            context: unread.context,
        })
        .collect();
    Ok(HttpResponse::Ok().json(ReportCheckOut {
        year,
        recognised: result.coverage.recognised,
        unclear: result.coverage.unclear,
        seen: result.coverage.seen(),
        too_little: result.is_thin,
        left_out: result.left_out,
        items: result.compared.into_iter().map(ComparedOut::from).collect(),
        unread,
    }))
}
