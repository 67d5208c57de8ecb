//! The charts of a report's workbook, drawn by the spreadsheet from the cells beside them: who edits a number sees the chart follow.

use rust_xlsxwriter::{
    Chart as Drawing, ChartAxisLabelPosition, ChartDataLabel, ChartDataLabelPosition, ChartFont, ChartFormat,
    ChartLegendPosition, ChartLine, ChartLineDashType, ChartMarker, ChartMarkerType, ChartPoint, ChartSolidFill,
    ChartType, Worksheet, XlsxError,
};

use super::{
    chart::{description, shade},
    report_head::text_width,
    report_xlsx::{number_format, number_of},
};
use crate::report::{Chart, ChartKind, Series};

/// Dark, light, middle: neighbours differ in lightness, so that they differ in black and white.
const COLORS: [u32; 4] = [0x0017_375E, 0x00A9_C4E1, 0x0056_81B0, 0x00D6_E4F2];
/// One series alone.
const ALONE: u32 = 0x005B_86B5;
/// A line over columns.
const LINE: u32 = 0x00B0_3A1A;
/// Words of at most so many characters are a long text elsewhere.
const ALT_TEXT: usize = 255;

/// Puts the chart below its numbers; the head of the table has `depth` rows and starts in the third.
pub(super) fn insert(sheet: &mut Worksheet, chart: &Chart, depth: usize, below: u32) -> Result<(), XlsxError> {
    if chart.categories.is_empty() || chart.series.is_empty() {
        return Ok(());
    }
    let cells = Cells {
        sheet: sheet.name(),
        first: 2 + u32::try_from(depth).unwrap_or(1),
        rows: u32::try_from(chart.categories.len()).unwrap_or(1),
    };
    let mut drawing = draw(chart, &cells);
    let alt: String = description(chart).chars().take(ALT_TEXT).collect();
    drawing.set_alt_text(alt);
    sheet.insert_chart(below + 1, 0, &drawing)?;
    Ok(())
}

/// Where the numbers stand.
struct Cells {
    sheet: String,
    first: u32,
    rows: u32,
}

impl Cells {
    fn range(&self, column: u16) -> (&str, u32, u16, u32, u16) {
        (&self.sheet, self.first, column, self.first + self.rows - 1, column)
    }
}

fn draw(chart: &Chart, cells: &Cells) -> Drawing {
    let kind = match chart.kind {
        ChartKind::Columns | ChartKind::ColumnsAndLine if !is_lying(chart) => ChartType::Column,
        ChartKind::Columns | ChartKind::ColumnsAndLine | ChartKind::Bars => ChartType::Bar,
        ChartKind::Line => ChartType::Line,
        ChartKind::Doughnut => ChartType::Doughnut,
    };
    let mut drawing = Drawing::new(kind);
    let mut second = Drawing::new(ChartType::Line);
    let mut has_second = false;
    let first = chart
        .series
        .iter()
        .filter(|s| !s.second_axis || chart.kind != ChartKind::ColumnsAndLine)
        .count();
    let mut place = 0;
    for (column, series) in (1_u16..).zip(&chart.series) {
        if series.second_axis && chart.kind == ChartKind::ColumnsAndLine {
            has_second = true;
            add_line(&mut second, cells, column, series, LINE, None).set_secondary_axis(true);
            continue;
        }
        let color = if first == 1 {
            ALONE
        } else {
            COLORS[place % COLORS.len()]
        };
        match chart.kind {
            ChartKind::Line => {
                let dash = (place % 2 == 1).then_some(ChartLineDashType::Dash);
                add_line(
                    &mut drawing,
                    cells,
                    column,
                    series,
                    [0x0017_375E, 0x0056_81B0][place % 2],
                    dash,
                );
            }
            ChartKind::Doughnut => add_parts(&mut drawing, cells, column, series, chart.categories.len()),
            _ => add_columns(&mut drawing, cells, column, series, color),
        }
        place += 1;
    }
    if has_second {
        drawing.combine(&second);
    }
    finish(&mut drawing, chart);
    drawing
}

/// Bars, and columns whose names would have to be turned to fit.
fn is_lying(chart: &Chart) -> bool {
    match chart.kind {
        ChartKind::Bars => true,
        ChartKind::Columns => chart.categories.iter().map(|name| text_width(name) + 2).sum::<usize>() > 96,
        _ => false,
    }
}

fn label(series: &Series) -> ChartDataLabel {
    let mut label = ChartDataLabel::new();
    label.show_value();
    label.set_font(ChartFont::new().set_size(9));
    if let Some(number) = series.values.iter().find(|n| !n.value.is_nothing()) {
        label.set_num_format(number_format(number));
    }
    label
}

fn name(cells: &Cells, column: u16) -> (&str, u32, u16) {
    (&cells.sheet, cells.first - 1, column)
}

fn add_columns(drawing: &mut Drawing, cells: &Cells, column: u16, series: &Series, color: u32) {
    let mut label = label(series);
    label.set_position(ChartDataLabelPosition::OutsideEnd);
    drawing
        .add_series()
        .set_name(name(cells, column))
        .set_categories(cells.range(0))
        .set_values(cells.range(column))
        .set_gap(60)
        .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(color)))
        .set_data_label(&label);
}

fn add_line<'d>(
    drawing: &'d mut Drawing,
    cells: &Cells,
    column: u16,
    series: &Series,
    color: u32,
    dash: Option<ChartLineDashType>,
) -> &'d mut rust_xlsxwriter::ChartSeries {
    let mut line = ChartLine::new();
    line.set_color(color).set_width(2);
    if let Some(dash) = dash {
        line.set_dash_type(dash);
    }
    let mut marker = ChartMarker::new();
    marker
        .set_type(if dash.is_some() {
            ChartMarkerType::Square
        } else {
            ChartMarkerType::Diamond
        })
        .set_size(7)
        .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(color)));
    let mut label = label(series);
    label.set_position(ChartDataLabelPosition::Above);
    drawing
        .add_series()
        .set_name(name(cells, column))
        .set_categories(cells.range(0))
        .set_values(cells.range(column))
        .set_format(ChartFormat::new().set_line(&line))
        .set_marker(&marker)
        .set_data_label(&label)
}

/// Parts below this share of the whole are too thin to be written on.
const THIN: f64 = 0.04;

fn add_parts(drawing: &mut Drawing, cells: &Cells, column: u16, series: &Series, parts: usize) {
    let point = |index: usize| {
        let (red, green, blue) = shade(index, parts);
        let color = u32::from(red) << 16 | u32::from(green) << 8 | u32::from(blue);
        ChartPoint::new().set_format(
            ChartFormat::new()
                .set_solid_fill(ChartSolidFill::new().set_color(color))
                .set_border(ChartLine::new().set_color(0x00FF_FFFF).set_width(1)),
        )
    };
    let mut label = label(series);
    label
        .show_category_name()
        .set_separator('\n')
        .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(0x00FF_FFFF)));
    let values: Vec<f64> = series.values.iter().map(|n| number_of(n).unwrap_or_default()).collect();
    let whole: f64 = values.iter().sum();
    let hidden: Vec<ChartDataLabel> = values
        .iter()
        .map(|value| {
            let mut one = ChartDataLabel::default();
            if *value < whole * THIN {
                one.set_hidden();
            }
            one
        })
        .collect();
    drawing
        .add_series()
        .set_name(name(cells, column))
        .set_categories(cells.range(0))
        .set_values(cells.range(column))
        .set_points(&(0..parts).map(point).collect::<Vec<_>>())
        .set_data_label(&label)
        .set_custom_data_labels(&hidden);
}

fn finish(drawing: &mut Drawing, chart: &Chart) {
    let mut font = ChartFont::new();
    font.set_size(12).set_bold();
    drawing.title().set_name(chart.caption.as_str()).set_font(&font);
    drawing.legend().set_position(ChartLegendPosition::Bottom);
    let bars = u32::try_from(chart.categories.len() * chart.series.len().max(1)).unwrap_or(20);
    let lying = is_lying(chart);
    let height = match chart.kind {
        _ if lying => 130 + 24 * bars,
        ChartKind::Doughnut => 460,
        _ => 360,
    };
    drawing.set_width(680).set_height(height.min(1_400));
    if chart.kind == ChartKind::Doughnut {
        drawing.set_hole_size(50);
        return;
    }
    let of_axis = |second: bool| chart.series.iter().find(|s| s.second_axis == second);
    let unit = of_axis(false).map(|s| s.unit.clone()).unwrap_or_default();
    let is_percent = |series: &Series| series.values.iter().any(|n| number_format(n).ends_with('%'));
    let numbers = if of_axis(false).is_some_and(is_percent) {
        "0%"
    } else {
        "General"
    };
    let mut line = ChartLine::new();
    line.set_color(0x00D8_D8D8);
    let values = drawing.y_axis();
    if lying {
        // Of lying bars the first is on top.
        values.set_reverse();
        drawing
            .x_axis()
            .set_label_position(ChartAxisLabelPosition::High)
            .set_major_gridlines_line(&line)
            .set_num_format(numbers)
            .set_name(&unit);
        drawing.y_axis().set_major_gridlines(false);
        return;
    }
    values
        .set_major_gridlines_line(&line)
        .set_num_format(numbers)
        .set_name(&unit);
    if chart.kind == ChartKind::ColumnsAndLine && of_axis(true).is_some() {
        // The line stands above the columns, so that their values do not cover each other; they are all written.
        let (low, high) = range(chart, false);
        drawing.y_axis().set_min(low.min(0.0)).set_max((high * 1.8).max(1.0));
        let (low, high) = range(chart, true);
        if low > high {
            return;
        }
        let span = if high > low { high - low } else { high.abs().max(0.01) };
        drawing
            .y2_axis()
            .set_min(low - span * 2.4)
            .set_max(high + span * 0.4)
            .set_label_position(ChartAxisLabelPosition::None);
    }
}

/// Lowest and highest number of the series of one axis, as they stand in the cells.
fn range(chart: &Chart, second: bool) -> (f64, f64) {
    let series = chart.series.iter().filter(|s| s.second_axis == second);
    let values = series.flat_map(|s| &s.values).filter_map(number_of);
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}
