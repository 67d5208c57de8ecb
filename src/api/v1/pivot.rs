//! `/statistics/pivot`.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use serde::Serialize;
use serde_json::Value;

use crate::{
    api::{extract::Caller, openapi::Refusals, problem::Problem},
    documents::pivot_table::{pivot_csv, pivot_xlsx},
    domain::time::{Date, Moment},
    http::query::Query,
    usecases::{
        Context, Error,
        errand::in_thread,
        statistics::{self, Dimension, FigureValue, Head, Layout, Measure, Pivot, Span},
    },
};

/// Filters of one request; more than any list of codes has.
const MOST_FILTERS: usize = 100;

/// A value of a dimension.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PivotHeadOut {
    /// Code; null for contracts whose code is missing or not on the list.
    code: Option<String>,
    /// In Chinese.
    label: String,
}

/// A dimension, measure or filter by id, with its Chinese name.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PivotNameOut {
    /// Id, as in the request.
    id: &'static str,
    /// In Chinese.
    label: &'static str,
}

/// A filter.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PivotFilterOut {
    /// Id of the dimension.
    dimension: &'static str,
    /// Code that passes.
    code: String,
}

/// Where the ledger stood.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PivotLedgerOut {
    /// Sequence of the last entry.
    sequence: i64,
    /// Its hash.
    hash: String,
}

/// A table of contracts by two dimensions.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PivotOut {
    year: i32,
    /// The moment whose state of things was counted.
    #[schema(value_type = String)]
    as_of: Moment,
    /// Only that month.
    month: Option<u32>,
    /// Only that quarter.
    quarter: Option<u32>,
    /// Only up to that day.
    #[schema(value_type = Option<String>)]
    until: Option<Date>,
    rows: PivotNameOut,
    /// Null where only totals were asked for.
    columns: Option<PivotNameOut>,
    measure: PivotNameOut,
    /// What values are in: `count`, `fen`, `rate` (1 is 100 %).
    #[schema(value_type = String)]
    unit: Value,
    filters: Vec<PivotFilterOut>,
    row_heads: Vec<PivotHeadOut>,
    column_heads: Vec<PivotHeadOut>,
    /// Row by row; null for nothing.
    #[schema(value_type = Vec<Vec<Option<f64>>>)]
    cells: Vec<Vec<Value>>,
    #[schema(value_type = Vec<Option<f64>>)]
    row_totals: Vec<Value>,
    #[schema(value_type = Vec<Option<f64>>)]
    column_totals: Vec<Value>,
    #[schema(value_type = Option<f64>)]
    total: Value,
    ledger: PivotLedgerOut,
}

impl PivotOut {
    fn new(pivot: Pivot, span: Span) -> Result<Self, Error> {
        let name = |dimension: Dimension| PivotNameOut {
            id: dimension.id(),
            label: dimension.label(),
        };
        let heads = |heads: Vec<_>| -> Vec<PivotHeadOut> {
            let head = |head: Head| PivotHeadOut {
                code: head.code,
                label: head.label,
            };
            heads.into_iter().map(head).collect()
        };
        let values = |values: &[_]| -> Vec<Value> {
            let json = |value: &FigureValue| value.to_json();
            values.iter().map(json).collect()
        };
        Ok(Self {
            year: pivot.year,
            as_of: pivot.as_of,
            month: span.month(),
            quarter: span.quarter(),
            until: span.until(),
            rows: name(pivot.layout.rows),
            columns: pivot.layout.columns.map(name),
            measure: PivotNameOut {
                id: pivot.layout.measure.id(),
                label: pivot.layout.measure.label(),
            },
            unit: serde_json::to_value(pivot.total.unit()).map_err(Error::internal)?,
            filters: pivot
                .layout
                .filters
                .into_iter()
                .map(|(dimension, code)| PivotFilterOut {
                    dimension: dimension.id(),
                    code,
                })
                .collect(),
            row_heads: heads(pivot.rows),
            column_heads: heads(pivot.columns),
            cells: pivot.cells.iter().map(|row| values(row)).collect(),
            row_totals: values(&pivot.row_totals),
            column_totals: values(&pivot.column_totals),
            total: pivot.total.to_json(),
            ledger: PivotLedgerOut {
                sequence: pivot.ledger.sequence,
                hash: pivot.ledger.hash,
            },
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Json,
    Csv,
    Xlsx,
}

/// A table of the year's contracts by any two dimensions, by the definitions of the annual statistics.
#[utoipa::path(tag = "statistics", security(("bearer" = [])),
    params(("rows" = String, Query, description = "unit, region, type, plan_source, plan_group, flow, seller_kind, seller_group, field, size, cross_border, year, quarter, month"),
        ("columns" = Option<String>, Query, description = "Another of these; totals only where absent"),
        ("measure" = Option<String>, Query, description = "contracts (default), amount, technology_amount, share, count_share, mean_amount"),
        ("filter" = Option<Vec<String>>, Query, description = "`dimension:code`, any number of times: of one dimension any of them, of several all"),
        ("year" = i64, Query, description = "1900–2200; where `year` is a dimension, the five years up to it"),
        ("as_of" = Option<String>, Query, description = "RFC 3339; now where absent"),
        ("until" = Option<String>, Query, description = "Only what was confirmed up to the end of that day"),
        ("month" = Option<i64>, Query, description = "1–12: only that month"),
        ("quarter" = Option<i64>, Query, description = "1–4: only that quarter"),
        ("format" = Option<String>, Query, description = "json (default), csv, xlsx")),
    responses((status = 200, body = PivotOut), Refusals))]
#[get("/statistics/pivot")]
pub async fn read_pivot(
    ctx: web::Data<Context>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    statistics::may_read(&caller.0.actor)?;
    let mut query = Query::parse_with_many(request.query_string(), "filter");
    let rows = choice(&mut query, "rows", Dimension::from_id);
    let columns = choice(&mut query, "columns", Dimension::from_id);
    let measure = choice(&mut query, "measure", Measure::from_id).unwrap_or(Measure::Contracts);
    let filters = query.every(MOST_FILTERS, |text| {
        let (dimension, code) = text.split_once(':')?;
        Some((Dimension::from_id(dimension)?, code.to_owned()))
    });
    let year = query
        .integer("year", 1900..=2200)
        .and_then(|year| i32::try_from(year).ok());
    let as_of = query.moment_so_far("as_of", ctx.clock.now());
    let until = query.date("until");
    let mut part = |name: &str, last: i64| query.integer(name, 1..=last).and_then(|part| u32::try_from(part).ok());
    let (month, quarter) = (part("month", 12), part("quarter", 4));
    let form = choice(&mut query, "format", |id| match id {
        "json" => Some(Form::Json),
        "csv" => Some(Form::Csv),
        "xlsx" => Some(Form::Xlsx),
        _ => None,
    });
    for (name, is_there) in [("rows", rows.is_some()), ("year", year.is_some())] {
        if !is_there && !query.is_wrong(name) {
            query.error(name, "required", "必填。");
        }
    }
    if rows.is_some() && rows == columns {
        query.error("columns", "same_as_rows", "应与行维度不同。");
    }
    query.finish().map_err(Problem::invalid)?;
    let (Some(rows), Some(year)) = (rows, year) else {
        return Err(Error::NotFound.into());
    };
    let span = Span::of(month, quarter, until).map_err(Error::from)?;
    let layout = Layout {
        rows,
        columns,
        measure,
        filters,
    };
    let pivot = statistics::pivot(&ctx, year, as_of, span, layout).await?;
    let name = format!("pivot-{year}");
    match form.unwrap_or(Form::Json) {
        Form::Json => Ok(HttpResponse::Ok().json(PivotOut::new(pivot, span)?)),
        Form::Csv => {
            let bytes = pivot_csv(&pivot).map_err(Error::internal)?;
            Ok(file("text/csv; charset=utf-8", &format!("{name}.csv"), bytes))
        }
        Form::Xlsx => {
            let bytes = in_thread(move || pivot_xlsx(&pivot).map_err(Error::internal));
            let bytes = ctx.heavy.run(bytes).await?;
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            Ok(file(kind, &format!("{name}.xlsx"), bytes))
        }
    }
}

fn file(kind: &str, name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes)
}

/// A parameter that is one of few words.
fn choice<T>(query: &mut Query, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
    let text = query.text(name)?;
    let found = read(&text);
    if found.is_none() {
        query.error(name, "unknown_code", format!("不认识的值“{text}”。"));
    }
    found
}
