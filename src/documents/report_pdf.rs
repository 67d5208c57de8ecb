//! A report as PDF: the page, the letters and the headings of an official document (GB/T 9704—2012), tagged, with bookmarks, fonts
//! embedded. Laid out by `report.typ`; here only the data that it reads are put together.

use serde_json::{Value, json};

use super::{
    chart,
    fonts::ChartFonts,
    pdf::Pdf,
    report_document::{DocumentError, provenance, spans_text},
    report_head::{cell_text, column_widths, head_cells, head_depth, note_lines, unit_line},
};
use crate::report::{Align, Block, Chart, Report, RowKind, Table};

/// The layout.
const TEMPLATE: &str = include_str!("report.typ");

/// Width of a page's text in halves of a Chinese character at 1 pt: 156 mm.
const LINE: f64 = 442.2 * 2.0;
/// Sizes of letters in tables, in pt: 五号, 小五, 六号.
const TABLE_SIZES: [f64; 3] = [10.5, 9.0, 7.5];
/// Height that a chart may have, as a part of its width: most of a page's text.
const HIGHEST: f32 = 1.28;
/// Room beside the words of a cell, in halves of a character.
const PADDING: usize = 2;

/// Lays a report out. The same report gives the same bytes.
///
/// # Errors
/// No Chinese font.
pub(super) fn render(pdf: &Pdf, report: &Report) -> Result<Vec<u8>, DocumentError> {
    let fonts = pdf.chart_fonts()?;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let blocks: Vec<Value> = report
        .blocks
        .iter()
        .map(|block| {
            Ok(match block {
                Block::Heading { level, text } => {
                    json!({"kind": "heading", "level": (*level).clamp(1, 3), "text": text})
                }
                Block::Paragraph(paragraph) => json!({"kind": "paragraph", "text": spans_text(&paragraph.spans)}),
                Block::Table(table) => json!({"kind": "table", "table": table_data(table)}),
                Block::Chart(chart) => chart_data(chart, fonts, &mut files)?,
            })
        })
        .collect::<Result<_, DocumentError>>()?;
    let provenance: Vec<Value> = provenance(report).into_iter().map(|(l, v)| json!([l, v])).collect();
    let data = json!({
        "title": report.title,
        "office": report.office,
        "dated": report.dated,
        "notices": report.notices,
        "provenance": provenance,
        "hash": report.figures_hash,
        "blocks": blocks,
    });
    let files: Vec<(&str, Vec<u8>)> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.clone()))
        .collect();
    Ok(pdf.make(TEMPLATE, &data, &files, &report.title, report.as_of)?)
}

fn chart_data(chart: &Chart, fonts: &ChartFonts, files: &mut Vec<(String, Vec<u8>)>) -> Result<Value, DocumentError> {
    let drawing = chart::draw(chart, fonts)?;
    let name = format!("chart-{}.svg", files.len() + 1);
    let path = format!("/{name}");
    // Width in percent of the text's: two with their numbers fit on a page; none is higher than one.
    let width = (HIGHEST * 100.0 / (drawing.height / chart::WIDTH)).min(90.0);
    files.push((name, drawing.svg.into_bytes()));
    Ok(json!({
        "kind": "chart",
        "path": path,
        "width": width,
        "caption": chart.caption,
        "alt": chart::description(chart),
        "table": table_data(&chart.table()),
    }))
}

/// The largest size at which a table fits, and the shares of the width that its columns get.
pub(super) fn fitted(table: &Table) -> (f64, Vec<usize>) {
    let widths: Vec<usize> = column_widths(table).into_iter().map(|width| width + PADDING).collect();
    #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
    let asked = widths.iter().sum::<usize>() as f64;
    let size = TABLE_SIZES.into_iter().find(|size| asked * size <= LINE).unwrap_or(6.5);
    (size, widths)
}

fn table_data(table: &Table) -> Value {
    let (size, widths) = fitted(table);
    let align = |align: Align| match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
    };
    let head: Vec<Value> = head_cells(table)
        .into_iter()
        .map(|cell| {
            json!({"text": cell.text, "x": cell.column, "y": cell.row, "colspan": cell.columns, "rowspan": cell.rows})
        })
        .collect();
    let rows: Vec<Value> = table
        .rows
        .iter()
        .map(|row| {
            json!({
                "total": row.kind == RowKind::Total,
                "cells": row.cells.iter().map(cell_text).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "caption": table.caption,
        "unit": unit_line(table),
        "size": size,
        "widths": widths,
        "align": table.columns.iter().map(|column| align(column.align)).collect::<Vec<_>>(),
        "depth": head_depth(table),
        "head": head,
        "rows": rows,
        "notes": note_lines(table),
    })
}
