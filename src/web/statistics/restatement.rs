//! 重述: which figures have changed since an edition was closed, and which contracts changed each.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::{
    frame::Frame,
    scope::{Scope, moment, year_of},
};
use crate::{
    http::query::Query,
    usecases::{
        Context, Error,
        statistics::{
            figures::{Definition, UnitKind},
            restate::{self, ChangedFigure, RestatedContract, Restatement, RestatementQuery, Side},
        },
    },
    web::{
        field::Field,
        refusal::Refusal,
        shell::{Shell, ok},
        show::{NOTHING, minute, wan},
        table::{Cell, Column, Row, Table},
        visitor::Visitor,
    },
};

/// Contracts shown at most; how many there are is said.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "statistics/restatement.html")]
struct RestatementPage {
    shell: Shell,
    frame: Frame,
    lead: String,
    figure: Option<FigureSection>,
    figures: Table,
    contracts: Table,
    told: Option<String>,
    records: Option<Table>,
}

/// One figure with the contracts that changed it.
struct FigureSection {
    title: String,
    lead: String,
    contracts: Table,
}

fn why(contract: &RestatedContract) -> &'static str {
    match contract.why.id() {
        "revoked" => "撤销登记",
        "cancelled" => "注销",
        "amended" => "变更",
        "reinstated" => "恢复登记",
        "confirmed" => "确认登记",
        "late" => "补录历史合同",
        "corrected" => "更正历史合同",
        _ => "登记账未载明",
    }
}

/// What the ledger calls an act on no contract.
fn act(action: &str) -> &str {
    match action {
        "record_follow_up" => "登记履约跟踪",
        "change_follow_up" => "修改履约跟踪",
        "remove_follow_up" => "删除履约跟踪",
        "record_activity" => "登记市场活动",
        "change_activity" => "修改市场活动",
        "remove_activity" => "删除市场活动",
        "record_reference_figure" => "登记参考数据",
        "change_reference_figure" => "修改参考数据",
        "remove_reference_figure" => "删除参考数据",
        other => other,
    }
}

#[get("/statistics/{year}/restatement")]
pub async fn show_restatement(
    ctx: web::Data<Context>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let year = year_of(&path)?;
    let mut query = Query::parse(request.query_string());
    let edition = query.integer("edition", 1..=i64::MAX);
    let (as_of, named) = moment(&ctx, &mut query, "as_of");
    let wanted = query.text("figure");
    query.finish()?;
    let asked = RestatementQuery { year, edition, as_of };
    let found = restate::read(&ctx, visitor.caller.actor.clone(), asked).await?;
    let number = found.edition.edition;
    let href = |figure: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("edition", &number.to_string());
        if let Some(named) = &named {
            query.append_pair("as_of", named);
        }
        query.append_pair("figure", figure);
        format!("/statistics/{year}/restatement?{}", query.finish())
    };
    let figure = match &wanted {
        None => None,
        Some(name) => {
            let one = found.figures.iter().find(|(figure, _)| figure.name == *name);
            let (figure, definition) = one.ok_or(Error::NotFound)?;
            Some(one_figure(figure, definition, &found.contracts))
        }
    };
    let mut frame = Frame::around(&ctx, &visitor, &Scope::year(year), "/editions").await?;
    frame.action = format!("/statistics/{year}/restatement");
    frame.fields = vec![
        Field::integer("edition", "版次").value(number.to_string()),
        Field::date("as_of", "与何时比较（当日终）").day(as_of.map(|at| at.date())),
    ];
    let lead = format!(
        "第 {number} 版（{} 封账）与统计时点 {} 的数据比较：{} 项指标有变化，{} 项合同与封账时不同。",
        minute(found.edition.closed_at),
        minute(found.as_of),
        found.figures.len(),
        found.contracts_count
    );
    let told = (found.contracts_count > SHOWN).then(|| {
        format!(
            "共 {} 项合同，列出前 {SHOWN} 项；各指标的合同可点“合同数”查看。",
            found.contracts_count
        )
    });
    Ok(ok(&RestatementPage {
        shell: visitor.shell(&format!("{year} 年重述")).at("/statistics").wide(),
        figures: figures(&found, &href, &Scope::year(year)),
        contracts: contracts(&found),
        records: records(&found),
        frame,
        lead,
        figure,
        told,
    }))
}

fn figures(found: &Restatement, href: &impl Fn(&str) -> String, scope: &Scope) -> Table {
    let row = |(figure, definition): &(ChangedFigure, Definition)| {
        let (then, now) = (figure.edition.display(), figure.current.display());
        let printed = if then == now {
            Cell::mark("印数不变", "plain")
        } else {
            Cell::mark("印数改变", "bad")
        };
        let count = if figure.contracts_count == 0 {
            Cell::text("0")
        } else {
            Cell::link(figure.contracts_count.to_string(), href(&figure.name))
        };
        Row {
            key: String::new(),
            cells: vec![
                Cell::link(&definition.name, scope.figure(&figure.name)),
                Cell::text(then),
                Cell::text(now),
                printed,
                count,
            ],
        }
    };
    Table {
        caption: "有变化的指标".to_owned(),
        columns: vec![
            Column::text("指标"),
            Column::number("版次所载"),
            Column::number("现为"),
            Column::text("印出的数"),
            Column::number("合同数"),
        ],
        rows: found.figures.iter().map(row).collect(),
        empty: "封账以后，各项数据没有变化。".to_owned(),
        ..Table::default()
    }
}

fn name_cell(contract: &RestatedContract) -> Cell {
    let number = contract.contract.registration_number.clone();
    let number = number.unwrap_or_else(|| format!("（未编号 {}）", contract.contract.id));
    Cell::link(number, format!("/contracts/{}", contract.contract.id))
}

fn one_figure(figure: &ChangedFigure, definition: &Definition, contracts: &[RestatedContract]) -> FigureSection {
    let known: HashMap<i64, &RestatedContract> = contracts.iter().map(|c| (c.contract.id, c)).collect();
    let change = |change: Option<i64>| match (change, figure.edition.unit()) {
        (None, _) => NOTHING.to_owned(),
        (Some(change), UnitKind::Fen) => format!("{} 万元", wan(change)),
        (Some(change), _) => change.to_string(),
    };
    let rows = figure.contracts.iter().take(SHOWN).map(|part| {
        let contract = known.get(&part.contract);
        Row {
            key: String::new(),
            cells: vec![
                contract.map_or_else(|| Cell::text(part.contract.to_string()), |c| name_cell(c)),
                Cell::maybe(contract.and_then(|c| c.contract.content.project_name.clone())),
                Cell::text(contract.map_or(NOTHING, |c| why(c))),
                Cell::text(change(part.change)),
            ],
        }
    });
    let more = if figure.contracts_count > SHOWN {
        format!("，列出前 {SHOWN} 项")
    } else {
        String::new()
    };
    FigureSection {
        title: definition.name.clone(),
        lead: format!(
            "由 {} 变为 {}，因 {} 项合同{more}。",
            figure.edition.display(),
            figure.current.display(),
            figure.contracts_count
        ),
        contracts: Table {
            caption: format!("使“{}”变化的合同", definition.name),
            columns: vec![
                Column::text("登记编号"),
                Column::text("项目名称"),
                Column::text("原因"),
                Column::number("使指标变化"),
            ],
            rows: rows.collect(),
            empty: "没有合同使它变化：见下列其他记录。".to_owned(),
            ..Table::default()
        },
    }
}

fn contracts(found: &Restatement) -> Table {
    let side = |side: &Side| match side.counted {
        Some((revision, standing)) => format!("第 {revision} 稿，{} 万元", wan(standing.amount_fen)),
        None => "不计".to_owned(),
    };
    let row = |contract: &RestatedContract| {
        let acts: Vec<String> = contract
            .acts
            .iter()
            .map(|entry| {
                let reason = entry.act.reason.as_deref().unwrap_or_default();
                let mark = if reason.is_empty() { "" } else { "：" };
                format!(
                    "{}（登记账第 {} 条）{mark}{reason}",
                    minute(entry.act.at),
                    entry.sequence
                )
            })
            .collect();
        Row {
            key: String::new(),
            cells: vec![
                name_cell(contract),
                Cell::maybe(contract.contract.content.project_name.clone()),
                Cell::text(why(contract)),
                Cell::text(side(&contract.difference.before)),
                Cell::text(side(&contract.difference.after)),
                Cell::text(acts.join("；")),
            ],
        }
    };
    Table {
        caption: "与封账时不同的合同".to_owned(),
        columns: vec![
            Column::text("登记编号"),
            Column::text("项目名称"),
            Column::text("原因"),
            Column::text("版次所计"),
            Column::text("现在所计"),
            Column::text("何时因何"),
        ],
        rows: found.contracts.iter().take(SHOWN).map(row).collect(),
        empty: "没有合同与封账时不同。".to_owned(),
        ..Table::default()
    }
}

fn records(found: &Restatement) -> Option<Table> {
    if found.records.is_empty() {
        return None;
    }
    let row = |records: &restate::OtherRecords| Row {
        key: String::new(),
        cells: vec![
            Cell::text(act(&records.action)),
            Cell::text(records.entries.to_string()),
            Cell::text(format!(
                "{}（登记账第 {} 条）",
                minute(records.first.1),
                records.first.0
            )),
            Cell::text(format!("{}（登记账第 {} 条）", minute(records.last.1), records.last.0)),
        ],
    };
    Some(Table {
        caption: "封账以后合同之外的记录".to_owned(),
        columns: vec![
            Column::text("事项"),
            Column::number("次数"),
            Column::text("首次"),
            Column::text("末次"),
        ],
        rows: found.records.iter().map(row).collect(),
        ..Table::default()
    })
}
