//! The report of a self-audit as text for a file note or a mail.

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

use crate::domain::{
    catalogue::Catalogue,
    code_list::ListName,
    money::{FEN_PER_WAN_YUAN, Fen, format_ratio},
    self_audit::{
        Design,
        estimate::Estimate,
        report::{Counted, Heading, Report},
        words::percent,
    },
};

/// Writes the report: what was drawn, what was found, and how far that speaks for the rest.
pub fn self_audit_text(heading: &Heading, report: &Report, catalogue: &Catalogue) -> String {
    let mut text = format!("{}\n\n", heading.title);
    let mut line = |name: &str, value: String| text.push_str(&format!("{name}：{value}\n"));
    line("年度", format!("{} 年", heading.year));
    line("状态", heading.state.label().to_owned());
    line("范围", heading.filter.in_words(catalogue, wan));
    line("抽样方式", heading.design.in_words());
    line("抽取时间", heading.drawn_at.to_string());
    if let Some(at) = heading.ended_at {
        line("结束时间", at.to_string());
    }
    text.push_str("\n一、抽查情况\n\n");
    let rows = [
        ("总体", report.population),
        ("抽取", report.drawn),
        ("已检查", report.checked),
        ("无误", report.right),
        ("有误", report.wrong),
    ];
    text.push_str(&counts(
        "",
        rows.map(|(name, counted)| (name.to_owned(), counted)).to_vec(),
    ));
    text.push_str("\n二、有误合同（按撤销事由）\n\n");
    let list = catalogue.list(ListName::RevocationGround);
    let grounds = report.wrong_by_ground.iter().filter(|(_, c)| c.contracts > 0);
    let grounds: Vec<_> = grounds
        .map(|(id, counted)| (list.label(id).unwrap_or(id).to_owned(), *counted))
        .collect();
    if grounds.is_empty() {
        text.push_str("没有发现有误的合同。\n");
    } else {
        text.push_str(&counts("撤销事由", grounds));
    }
    text.push_str(&format!("\n三、差错率\n\n{}", rates(heading, report)));
    if heading.revoked + heading.already_ended > 0 {
        text.push_str(&format!(
            "\n四、处理结果\n\n撤销登记 {} 份；检查结束前已撤销或注销、不再处理的 {} 份。\n",
            heading.revoked, heading.already_ended
        ));
    }
    text
}

fn counts(head: &str, rows: Vec<(String, Counted)>) -> String {
    let mut table = Table::new();
    table
        .load_style(ASCII_MARKDOWN)
        .set_header([head, "合同数（份）", "合同成交额（万元）"]);
    for (name, counted) in rows {
        table.add_row([name, counted.contracts.to_string(), wan(counted.amount_fen)]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{table}\n")
}

fn rates(heading: &Heading, report: &Report) -> String {
    let mut text = String::new();
    if let Some(rate) = report.sample_error_rate {
        text.push_str(&format!("已检查合同中有误的占 {}。\n", percent(rate)));
    }
    if report.checked.contracts < report.drawn.contracts {
        let open = report.drawn.contracts - report.checked.contracts;
        text.push_str(&format!("还有 {open} 份没有检查结论，暂不推断总体。\n"));
        return text;
    }
    let Some(rate) = report.error_rate else {
        if matches!(heading.design, Design::RiskyFirst { .. }) {
            text.push_str("风险优先不是随机抽样，结果不能推断总体。\n");
        }
        return text;
    };
    let of = |name: &str, e: Estimate| match e.interval {
        Some((low, high)) => format!(
            "{name} {}（95% 置信区间 {} 至 {}）。\n",
            percent(e.value),
            percent(low),
            percent(high)
        ),
        None => format!("{name} {}（全部检查，无抽样误差）。\n", percent(e.value)),
    };
    text.push_str(&of("总体差错率（按合同数）", rate));
    if let Some(rate) = report.amount_error_rate {
        text.push_str(&of("总体差错率（按合同成交额）", rate));
    }
    if let Some(amount) = report.estimated_wrong_amount {
        let interval = amount.interval_fen.map_or_else(String::new, |(low, high)| {
            format!("（95% 置信区间 {} 至 {} 万元）", wan(low), wan(high))
        });
        text.push_str(&format!("涉及合同成交额 {} 万元{interval}。\n", wan(amount.value_fen)));
    }
    text
}

fn wan(fen: Fen) -> String {
    format_ratio(i128::from(fen), FEN_PER_WAN_YUAN, 2).unwrap_or_default()
}
