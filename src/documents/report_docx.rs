//! A report as a document to edit: page, letters and headings of GB/T 9704—2012 as styles of their own, tables with merged heads,
//! charts as pictures with their numbers in a table below.

use docx_rs::{
    AlignmentType, BreakType, Docx, FieldCharType, Footer, HeightRule, InstrText, InstrToC, LineSpacing,
    LineSpacingType, NumPages, PageMargin, PageNum, Paragraph, Pic, Run, RunFonts, Shading, ShdType, SpecialIndentType,
    Style, StyleType, Table as DocxTable, TableAlignmentType, TableCell, TableCellMargins, TableLayoutType, TableRow,
    VAlignType, VMergeType, WidthType,
};

use super::{
    chart,
    fonts::ChartFonts,
    pdf::Pdf,
    report_document::{DocumentError, hash_line, provenance, spans_text},
    report_docx_file::{Picture, file},
    report_head::{HeadCell, cell_text, head_cells, head_depth, note_lines, unit_line},
    report_pdf::fitted,
};
use crate::report::{Align, Block, Chart, Report, Row, RowKind, Table};

/// Twentieths of a point in a millimetre, times 1000.
const TWIPS: u32 = 56_693;
/// Width of a page's text: 156 mm.
const LINE_TWIPS: usize = 8_844;
/// Width of a chart in English metric units: nine tenths of the same.
const CHART_EMU: u32 = 5_054_400;
/// Exact distance of lines in the text, in twentieths of a point.
const LINE_PITCH: i32 = 580;
/// Room that every column gets beyond what it asks for, in halves of a character.
const SPARE: usize = 3;
/// Rows that a table may have to be kept on one page.
const TOGETHER: usize = 12;

fn mm(millimetres: u32) -> i32 {
    i32::try_from(millimetres * TWIPS / 1000).unwrap_or_default()
}

fn fonts(east_asia: &str) -> RunFonts {
    RunFonts::new()
        .ascii("Times New Roman")
        .hi_ansi("Times New Roman")
        .east_asia(east_asia)
}

fn exact(line: i32) -> LineSpacing {
    LineSpacing::new().line_rule(LineSpacingType::Exact).line(line)
}

fn single() -> LineSpacing {
    LineSpacing::new().line_rule(LineSpacingType::Auto).line(240)
}

fn paragraph_style(id: &str, name: &str) -> Style {
    Style::new(id, StyleType::Paragraph).name(name).based_on("Normal")
}

/// 标题 by level: 黑体, 楷体, 仿宋 bold; 三号, two characters in.
fn heading_style(level: usize, font: &str) -> Style {
    let style = paragraph_style(&format!("Heading{level}"), &format!("heading {level}"))
        .next("Body")
        .size(32)
        .fonts(fonts(font))
        .line_spacing(exact(LINE_PITCH).before(160).after(80))
        .indent(None, Some(SpecialIndentType::FirstLine(640)), None, None)
        .outline_lvl(level - 1);
    if level == 3 { style.bold() } else { style }
}

fn styles(docx: Docx) -> Docx {
    let small = |id: &str, name: &str, size: usize| paragraph_style(id, name).size(size).line_spacing(single());
    docx.default_fonts(fonts("仿宋"))
        .default_size(32)
        .add_style(Style::new("Normal", StyleType::Paragraph).name("Normal"))
        .add_style(
            paragraph_style("Title", "Title")
                .size(52)
                .fonts(fonts("方正小标宋简体"))
                .align(AlignmentType::Center)
                .line_spacing(single().before(2400).after(800)),
        )
        .add_style(
            small("Subtitle", "Subtitle", 32)
                .fonts(fonts("楷体"))
                .align(AlignmentType::Center),
        )
        .add_style(heading_style(1, "黑体"))
        .add_style(heading_style(2, "楷体"))
        .add_style(heading_style(3, "仿宋"))
        .add_style(
            paragraph_style("Body", "Body Text")
                .size(32)
                .fonts(fonts("仿宋"))
                .align(AlignmentType::Both)
                .line_spacing(exact(LINE_PITCH))
                .indent(None, Some(SpecialIndentType::FirstLine(640)), None, None),
        )
        .add_style(
            small("Caption", "caption", 24)
                .fonts(fonts("黑体"))
                .align(AlignmentType::Center),
        )
        .add_style(small("Note", "Note", 18))
        .add_style(small("Cell", "Table Text", 21))
}

/// Lays a report out. The same report gives the same bytes.
///
/// # Errors
/// No Chinese font for the charts.
pub(super) fn render(pdf: &Pdf, report: &Report) -> Result<Vec<u8>, DocumentError> {
    let chart_fonts = pdf.chart_fonts()?;
    let at = report
        .as_of
        .beijing_time()
        .naive_utc()
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    let docx = Docx::new()
        .page_size(
            u32::try_from(mm(210)).unwrap_or(11_906),
            u32::try_from(mm(297)).unwrap_or(16_838),
        )
        .page_margin(
            PageMargin::new()
                .top(mm(37))
                .bottom(mm(35))
                .left(mm(28))
                .right(mm(26))
                .header(mm(15))
                .footer(mm(22)),
        )
        .created_at(&at)
        .updated_at(&at)
        .custom_property("figures_hash", &report.figures_hash)
        .footer(footer(report));
    let mut docx = contents(front(styles(docx), report), report);
    let mut pictures = Vec::new();
    for block in &report.blocks {
        docx = match block {
            Block::Heading { level, text } => {
                docx.add_paragraph(line(&format!("Heading{}", (*level).clamp(1, 3)), text).keep_next(true))
            }
            Block::Paragraph(paragraph) => docx.add_paragraph(line("Body", &spans_text(&paragraph.spans))),
            Block::Table(table) => add_table(docx, table),
            Block::Chart(chart) => add_chart(docx, chart, chart_fonts, &mut pictures)?,
        };
    }
    file(docx, report, &pictures)
}

fn words(text: &str) -> Run {
    Run::new().add_text(text)
}

fn line(style: &str, text: &str) -> Paragraph {
    Paragraph::new().style(style).add_run(words(text))
}

fn footer(report: &Report) -> Footer {
    let small = |run: Run| run.size(18);
    Footer::new()
        .add_paragraph(
            Paragraph::new()
                .style("Note")
                .align(AlignmentType::Center)
                .add_run(small(words("第 ")))
                .add_page_num(PageNum::new())
                .add_run(small(words(" 页 / 共 ")))
                .add_num_pages(NumPages::new())
                .add_run(small(words(" 页"))),
        )
        .add_paragraph(
            Paragraph::new()
                .style("Note")
                .align(AlignmentType::Center)
                .add_run(words(&hash_line(report)).size(13)),
        )
}

/// The title page.
fn front(mut docx: Docx, report: &Report) -> Docx {
    docx = docx
        .add_paragraph(line("Title", &report.title))
        .add_paragraph(line("Subtitle", &report.office))
        .add_paragraph(line("Subtitle", &report.dated))
        .add_paragraph(Paragraph::new().style("Note").line_spacing(single().before(1600)));
    for notice in &report.notices {
        docx = docx.add_paragraph(
            Paragraph::new()
                .style("Note")
                .line_spacing(single().after(80))
                .add_run(words(notice).bold().size(22)),
        );
    }
    for (label, value) in provenance(report) {
        docx = docx.add_paragraph(line("Note", &format!("{label}：{value}")));
    }
    docx
}

/// The contents are a field: word processors fill it in. Its parts are runs of their own, or LibreOffice prints its code.
fn contents(docx: Docx, report: &Report) -> Docx {
    if !report.blocks.iter().any(|block| matches!(block, Block::Heading { .. })) {
        return docx.add_paragraph(Paragraph::new().add_run(Run::new().add_break(BreakType::Page)));
    }
    let field = |kind: FieldCharType| Run::new().add_field_char(kind, true);
    let mut docx = docx.add_paragraph(
        Paragraph::new()
            .style("Caption")
            .page_break_before(true)
            .add_run(words("目　录").size(32)),
    );
    let mut first = Paragraph::new()
        .style("Cell")
        .add_run(field(FieldCharType::Begin))
        .add_run(Run::new().add_instr_text(InstrText::TOC(InstrToC::new().heading_styles_range(1, 2))))
        .add_run(field(FieldCharType::Separate));
    // What stands there until it is filled in: the headings without their pages.
    for block in &report.blocks {
        if let Block::Heading {
            level: level @ 0..=2,
            text,
        } = block
        {
            let space = if *level == 2 { "　　" } else { "" };
            docx = docx.add_paragraph(first.add_run(words(&format!("{space}{text}"))));
            first = Paragraph::new().style("Cell");
        }
    }
    docx.add_paragraph(first.add_run(field(FieldCharType::End)))
        .add_paragraph(
            Paragraph::new()
                .style("Note")
                .add_run(Run::new().add_break(BreakType::Page)),
        )
}

fn add_table(mut docx: Docx, table: &Table) -> Docx {
    docx = docx.add_paragraph(
        line("Caption", &table.caption)
            .line_spacing(single().before(200))
            .keep_next(true),
    );
    if let Some(unit) = unit_line(table) {
        docx = docx.add_paragraph(line("Cell", &unit).align(AlignmentType::Right).keep_next(true));
    }
    docx = docx.add_table(grid(table, LINE_TWIPS, 10.5));
    for note in note_lines(table) {
        docx = docx.add_paragraph(line("Note", &note));
    }
    docx.add_paragraph(gap())
}

/// The space below a table: two tables without a paragraph between them would become one.
fn gap() -> Paragraph {
    Paragraph::new().style("Note").line_spacing(exact(240))
}

fn add_chart(
    docx: Docx,
    chart: &Chart,
    fonts: &ChartFonts,
    pictures: &mut Vec<Picture>,
) -> Result<Docx, DocumentError> {
    let drawing = chart::draw(chart, fonts)?;
    let (png, width, height) = chart::picture(chart, &drawing, fonts)?;
    let high = u64::from(CHART_EMU) * u64::from(height) / u64::from(width);
    let id = pictures.len() + 1;
    let pic = Pic::new_with_dimensions(png, width, height)
        .id(format!("rIdImage{id}"))
        .size(CHART_EMU, u32::try_from(high).unwrap_or(CHART_EMU));
    pictures.push(Picture {
        name: chart.caption.clone(),
        description: chart::description(chart),
    });
    let data = chart.table();
    Ok(docx
        .add_paragraph(
            Paragraph::new()
                .style("Caption")
                .keep_next(true)
                .line_spacing(single().before(200))
                .add_run(Run::new().add_image(pic)),
        )
        .add_paragraph(line("Caption", &chart.caption).keep_next(true))
        .add_table(grid(&data, LINE_TWIPS * 9 / 10, 9.0))
        .add_paragraph(gap()))
}

/// A table `width` wide, in letters of at most `largest` points.
fn grid(table: &Table, width: usize, largest: f64) -> DocxTable {
    let (size, shares) = fitted(table);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a size of letters"
    )]
    let half_points = (size.min(largest) * 2.0).round() as usize;
    // The letters that a word processor takes are wider than those of the PDF where it has none of the fonts.
    let sum = shares.iter().map(|share| share + SPARE).sum::<usize>().max(1);
    let widths: Vec<usize> = shares.iter().map(|share| (share + SPARE) * width / sum).collect();
    let depth = head_depth(table);
    let cells = head_cells(table);
    let mut rows: Vec<TableRow> = (0..depth)
        .map(|row| head_row(&cells, row, &widths, half_points))
        .collect();
    let together = table.rows.len() <= TOGETHER;
    for (index, row) in (1..).zip(&table.rows) {
        let keep = together && index < table.rows.len();
        rows.push(body_row(row, table, &widths, half_points, keep));
    }
    DocxTable::new(rows)
        .set_grid(widths)
        .layout(TableLayoutType::Fixed)
        .align(TableAlignmentType::Center)
        .width(width, WidthType::Dxa)
        .margins(TableCellMargins::new().margin(30, 70, 30, 70))
}

/// A row of the head. Its `cantSplit` is what `report_docx_file` tells it by: such rows are repeated on each page.
fn head_row(cells: &[HeadCell], row: usize, widths: &[usize], size: usize) -> TableRow {
    let mut places: Vec<&HeadCell> = cells
        .iter()
        .filter(|cell| (cell.row..cell.row + cell.rows).contains(&row))
        .collect();
    places.sort_by_key(|cell| cell.column);
    let cell = |cell: &&HeadCell| {
        let width = widths.iter().skip(cell.column).take(cell.columns).sum();
        let text = if cell.row == row { cell.text.as_str() } else { "" };
        let mut out = TableCell::new()
            .width(width, WidthType::Dxa)
            .vertical_align(VAlignType::Center)
            .shading(Shading::new().shd_type(ShdType::Clear).color("auto").fill("ECECEA"));
        if cell.columns > 1 {
            out = out.grid_span(cell.columns);
        }
        if cell.rows > 1 {
            out = out.vertical_merge(if cell.row == row {
                VMergeType::Restart
            } else {
                VMergeType::Continue
            });
        }
        out.add_paragraph(
            Paragraph::new()
                .style("Cell")
                .align(AlignmentType::Center)
                .keep_next(true)
                .add_run(words(text).size(size).fonts(fonts("黑体"))),
        )
    };
    TableRow::new(places.iter().map(cell).collect()).cant_split()
}

fn body_row(row: &Row, table: &Table, widths: &[usize], size: usize, keep: bool) -> TableRow {
    let cells = row
        .cells
        .iter()
        .zip(&table.columns)
        .zip(widths)
        .map(|((cell, column), width)| {
            let run = words(cell_text(cell)).size(size);
            TableCell::new()
                .width(*width, WidthType::Dxa)
                .vertical_align(VAlignType::Center)
                .add_paragraph(
                    Paragraph::new()
                        .style("Cell")
                        .keep_next(keep)
                        .align(match column.align {
                            Align::Left => AlignmentType::Left,
                            Align::Center => AlignmentType::Center,
                            Align::Right => AlignmentType::Right,
                        })
                        .add_run(if row.kind == RowKind::Total { run.bold() } else { run }),
                )
        });
    TableRow::new(cells.collect())
        .row_height(300.0)
        .height_rule(HeightRule::AtLeast)
}
