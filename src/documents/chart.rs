//! Charts as SVG (drawn by charts-rs) and as PNG (by resvg), with Chinese words, to be read in black and white too: neighbours
//! differ in lightness, every value is written at what it measures, exactly as the report prints it.

use std::fmt::Write as _;

use charts_rs::{
    Align, BarChart, Box as Margin, Color, HorizontalBarChart, LegendCategory, LineChart, PieChart, Position, Series,
    SeriesCategory, Symbol, XAxisConfig, YAxisConfig, measure_text_width_family,
};
use resvg::{tiny_skia, usvg};

use super::{
    chart_ring::{Part, Ring},
    fonts::ChartFonts,
    report_document::DocumentError,
    report_html::escaped,
};
use crate::report::{Chart, ChartKind, Number};

/// Width of every drawing, in its own units.
pub(super) const WIDTH: f32 = 720.0;
/// Size of the words, in the same units: a little over 8 pt where the drawing is nine tenths as wide as a page's text.
pub(super) const FONT_SIZE: f32 = 15.0;
/// Dots of a picture for each unit of the drawing.
const PICTURE_SCALE: f32 = 2.0;
/// Darkest to lightest, for the series of a chart and, between them, the parts of a whole.
const DARK: (f32, f32, f32) = (23.0, 55.0, 94.0);
const LIGHT: (f32, f32, f32) = (214.0, 228.0, 242.0);
/// A line over columns.
const LINE: &str = "#B03A1A";
/// Words, axes.
pub(super) const INK: &str = "#1A1A1A";
/// Words at values: a colour that nothing else has, by which they are found again in the drawing.
pub(super) const LABEL: &str = "#101112";
const GRID: &str = "#D8D8D8";

/// A drawing.
pub(super) struct Drawing {
    /// SVG without declaration, to be put into a page or a file.
    pub svg: String,
    /// Height, in the units of [`WIDTH`].
    pub height: f32,
}

/// Draws a chart.
pub(super) fn draw(chart: &Chart, fonts: &ChartFonts) -> Result<Drawing, DocumentError> {
    let failed = |reason: String| DocumentError::Chart {
        id: chart.id.clone(),
        reason,
    };
    let any = chart
        .series
        .iter()
        .flat_map(|series| &series.values)
        .any(|n| is_drawn(chart, n));
    if !any || chart.categories.is_empty() {
        return Ok(nothing(fonts));
    }
    let pen = Pen { chart, fonts };
    let (svg, height) = match chart.kind {
        ChartKind::Bars => pen.bars(),
        ChartKind::Columns if !pen.has_room_for_columns() => pen.bars(),
        ChartKind::Columns | ChartKind::ColumnsAndLine => pen.columns(),
        ChartKind::Line => pen.lines(),
        ChartKind::Doughnut => pen.doughnut(),
    }
    .map_err(|error| failed(error.to_string()))?;
    let svg = if chart.kind == ChartKind::Doughnut {
        svg
    } else {
        pen.with_exact_labels(&svg).map_err(failed)?
    };
    Ok(Drawing { svg, height })
}

/// Draws a picture of a drawing, at [`PICTURE_SCALE`]: PNG, its width and height in dots.
pub(super) fn picture(
    chart: &Chart,
    drawing: &Drawing,
    fonts: &ChartFonts,
) -> Result<(Vec<u8>, u32, u32), DocumentError> {
    let failed = |reason: String| DocumentError::Chart {
        id: chart.id.clone(),
        reason,
    };
    let options = usvg::Options {
        fontdb: fonts.database.clone(),
        font_family: fonts.family.clone(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(&drawing.svg, &options).map_err(|error| failed(error.to_string()))?;
    let dots = |units: f32| -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few thousand at most"
        )]
        let dots = (units * PICTURE_SCALE).round() as u32;
        dots.max(1)
    };
    let (width, height) = (dots(tree.size().width()), dots(tree.size().height()));
    let mut pixels =
        tiny_skia::Pixmap::new(width, height).ok_or_else(|| failed("no room for the picture".to_owned()))?;
    let scale = tiny_skia::Transform::from_scale(PICTURE_SCALE, PICTURE_SCALE);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    let png = pixels.encode_png().map_err(|error| failed(error.to_string()))?;
    Ok((png, width, height))
}

/// What the chart shows in words, for those who do not see it.
pub(super) fn description(chart: &Chart) -> String {
    let mut text = format!("{}。", chart.caption);
    for series in &chart.series {
        let _ = write!(text, "{}（{}）：", series.name, series.unit);
        for (index, (category, number)) in chart.categories.iter().zip(&series.values).enumerate() {
            let comma = if index == 0 { "" } else { "，" };
            let _ = write!(text, "{comma}{category} {}", number.text);
        }
        text.push('。');
    }
    text
}

/// A number as charts-rs takes it: close enough to be drawn, never to be printed.
#[expect(clippy::cast_possible_truncation, reason = "a length in a drawing")]
pub(super) fn length(number: &Number) -> Option<f32> {
    number.value.in_unit(number.unit).map(|value| value as f32)
}

/// A part of a whole has to be more than nothing.
fn is_drawn(chart: &Chart, number: &Number) -> bool {
    length(number).is_some_and(|value| chart.kind != ChartKind::Doughnut || value > 0.0)
}

/// The drawing where there is nothing to draw.
fn nothing(fonts: &ChartFonts) -> Drawing {
    let height = 120.0;
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">\
         <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" fill=\"#FFFFFF\" stroke=\"{GRID}\"/><text x=\"{}\" y=\"65\" \
         text-anchor=\"middle\" font-size=\"{FONT_SIZE}\" font-family=\"{}\" fill=\"{INK}\">无数据</text></svg>",
        WIDTH - 1.0,
        height - 1.0,
        WIDTH / 2.0,
        escaped(&fonts.family),
    );
    Drawing { svg, height }
}

/// The `index`-th of `count` colours, such that neighbours differ by about half of the whole range of lightness.
pub(super) fn shade(index: usize, count: usize) -> (u8, u8, u8) {
    let half = count.div_ceil(2);
    let step = if index.is_multiple_of(2) {
        index / 2
    } else {
        half + index / 2
    };
    #[expect(clippy::cast_precision_loss, reason = "a few dozen at most")]
    let part = if count < 2 {
        0.0
    } else {
        step as f32 / (count - 1) as f32
    };
    mixed(part)
}

/// The colour `part` of the way from the darkest to the lightest.
fn mixed(part: f32) -> (u8, u8, u8) {
    let mix = |from: f32, to: f32| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 255"
        )]
        let channel = (from + (to - from) * part).round() as u8;
        channel
    };
    (mix(DARK.0, LIGHT.0), mix(DARK.1, LIGHT.1), mix(DARK.2, LIGHT.2))
}

/// One chart being drawn.
pub(super) struct Pen<'a> {
    pub(super) chart: &'a Chart,
    fonts: &'a ChartFonts,
}

type Drawn = Result<(String, f32), charts_rs::Error>;

impl Pen<'_> {
    fn width_of(&self, text: &str) -> f32 {
        measure_text_width_family(&self.fonts.family, FONT_SIZE, text).map_or(0.0, |size| size.width())
    }

    /// Whether the values of columns beside each other do not run into each other.
    fn has_room_for_columns(&self) -> bool {
        let values = self.chart.series.iter().flat_map(|series| &series.values);
        let widest = values.map(|n| self.width_of(&n.text)).fold(0.0, f32::max);
        let names = self
            .chart
            .categories
            .iter()
            .map(|name| self.width_of(name))
            .fold(0.0, f32::max);
        #[expect(clippy::cast_precision_loss, reason = "a few dozen at most")]
        let (categories, series) = (self.chart.categories.len() as f32, self.chart.series.len() as f32);
        let room = (WIDTH - 90.0) / categories;
        room > (widest + 6.0) * series && room > names + 6.0
    }

    fn series(&self) -> Vec<Series> {
        let columns = self.chart.kind == ChartKind::ColumnsAndLine;
        let of = |(index, series): (usize, &crate::report::Series)| Series {
            // charts-rs leaves no room between the entries of a legend.
            name: format!("{}（{}）\u{3000}", series.name, series.unit),
            data: series.values.iter().map(length).collect(),
            index: Some(index),
            label_show: true,
            category: match self.chart.kind {
                ChartKind::Line => Some(SeriesCategory::Line),
                _ if columns && series.second_axis => Some(SeriesCategory::Line),
                _ => None,
            },
            y_axis_index: usize::from(columns && series.second_axis),
            symbol: (columns && series.second_axis).then(|| Symbol::Diamond(5.0, Some(LINE.into()))),
            stroke_dash_array: (self.chart.kind == ChartKind::Line && index % 2 == 1).then(|| "6,4".to_owned()),
            ..Series::default()
        };
        self.chart.series.iter().enumerate().map(of).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "a few dozen at most")]
    fn colors(&self) -> Vec<Color> {
        let series = &self.chart.series;
        let columns = series.iter().filter(|s| !s.second_axis).count();
        let with_line = self.chart.kind == ChartKind::ColumnsAndLine;
        let mut next = 0;
        series
            .iter()
            .map(|s| {
                if with_line && s.second_axis {
                    return Color::from(LINE);
                }
                next += 1;
                match self.chart.kind {
                    // Light lines are hard to see on paper: forms and dashes tell them apart as well.
                    ChartKind::Line => mixed((next - 1) as f32 / (series.len().max(2) * 2 - 2) as f32).into(),
                    // One series alone is neither black nor pale.
                    _ if columns == 1 => Color::from("#5B86B5"),
                    _ => shade(next - 1, columns).into(),
                }
            })
            .collect()
    }

    /// What all kinds have in common.
    fn style(&self, base: &mut charts_rs::ChartBase, axes: &mut [YAxisConfig], height: f32) {
        base.width = WIDTH;
        base.height = height;
        base.font_family.clone_from(&self.fonts.family);
        base.background_color = Color::white();
        base.margin = Margin {
            left: 12.0,
            top: 10.0,
            right: 14.0,
            bottom: 8.0,
        };
        base.legend.show = Some(true);
        base.legend.position = Some(Position::Bottom);
        base.legend.align = Align::Center;
        base.legend.category = LegendCategory::Rect;
        base.legend.font.size = FONT_SIZE;
        base.legend.font.color = INK.into();
        base.x_axis.font.size = FONT_SIZE;
        base.x_axis.font.color = INK.into();
        base.x_axis.stroke_color = INK.into();
        // Values are written where they end, so lines to read them by would only cross the words.
        base.grid.stroke_color = Color::white();
        base.grid.stroke_width = 0.0;
        base.series.colors = self.colors();
        base.series.stroke_width = 2.0;
        base.series.label.font.size = FONT_SIZE;
        base.series.label.font.color = LABEL.into();
        base.series.symbol = Some(Symbol::Circle(3.5, Some(Color::white())));
        for axis in axes {
            axis.font.size = FONT_SIZE - 1.0;
            axis.font.color = INK.into();
        }
    }

    /// Columns, and lines over them. The values of lines stand above the columns: each gets its own part of the height.
    fn columns(&self) -> Drawn {
        let height = 320.0;
        let mut chart = BarChart::new(self.series(), self.chart.categories.clone());
        let mut axes = chart.y_axis_configs.clone();
        if self.chart.kind == ChartKind::ColumnsAndLine && self.chart.series.iter().any(|s| s.second_axis) {
            let axis = axes.first().cloned().unwrap_or_default();
            let mut left = axis.clone();
            let mut right = axis;
            let (low, high) = self.range(false);
            left.min = Some(low.min(0.0));
            left.max = Some(if high > 0.0 { high * 1.7 } else { 1.0 });
            let (low, high) = self.range(true);
            let span = if high > low { high - low } else { high.abs().max(1.0) };
            right.min = Some(low - span * 2.4);
            right.max = Some(high + span * 0.35);
            axes = vec![left, right];
        } else if let Some(axis) = axes.first_mut() {
            // Room for the value above the highest column.
            let (low, high) = self.range_of_all();
            axis.max = Some(if high > 0.0 { high * 1.15 } else { 1.0 });
            axis.min = Some(low * 1.15);
        }
        // Every value is written at its column or point, so scales would only repeat them.
        self.style(&mut chart.base, &mut axes, height);
        chart.base.y_axis_hidden = true;
        chart.y_axis_configs = axes;
        // Few columns do not fill the width.
        #[expect(clippy::cast_precision_loss, reason = "a few dozen at most")]
        let columns = (self.chart.categories.len() * self.chart.series.len()) as f32;
        let spare = ((WIDTH - columns * 110.0) / 2.0).clamp(12.0, 180.0);
        chart.base.margin.left = spare;
        chart.base.margin.right = spare;
        Ok((chart.svg()?, height))
    }

    /// Lowest and highest of the series of one axis.
    fn range(&self, second: bool) -> (f32, f32) {
        let series = self.chart.series.iter().filter(|s| s.second_axis == second);
        let values: Vec<f32> = series.flat_map(|s| &s.values).filter_map(length).collect();
        let low = values.iter().copied().fold(f32::INFINITY, f32::min);
        let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if values.is_empty() { (0.0, 1.0) } else { (low, high) }
    }

    /// Bars lying on their side, the first on top.
    fn bars(&self) -> Drawn {
        let reversed: Vec<String> = self.chart.categories.iter().rev().map(|n| self.shortened(n)).collect();
        let names = reversed.iter().map(|name| self.width_of(name)).fold(0.0, f32::max);
        let values = self.chart.series.iter().flat_map(|series| &series.values);
        let words = values.map(|n| self.width_of(&n.text)).fold(0.0, f32::max);
        let mut series = self.series();
        for (place, one) in series.iter_mut().enumerate() {
            one.data.resize(reversed.len(), None);
            one.data.reverse();
            one.category = None;
            one.y_axis_index = 0;
            one.index = Some(place);
        }
        #[expect(clippy::cast_precision_loss, reason = "a few dozen at most")]
        let height = 84.0 + reversed.len() as f32 * (12.0 + 19.0 * series.len() as f32);
        let mut chart = HorizontalBarChart::new(series, reversed);
        let mut axes = chart.y_axis_configs.clone();
        self.style(&mut chart.base, &mut axes, height);
        // Room for the value at the longest bar, within what the names and the margins leave.
        let (low, high) = self.range_of_all();
        let plot = WIDTH - 26.0 - 5.0 - names;
        let longer = plot / (plot - words - 8.0);
        if let Some(axis) = axes.first_mut() {
            axis.max = Some(if high > 0.0 { high * longer } else { 1.0 });
            axis.min = Some(low * longer);
        }
        chart.base.x_axis.hidden = true;
        chart.base.legend.margin = Some(Margin {
            top: 10.0,
            ..Margin::default()
        });
        chart.y_axis_configs = axes;
        Ok((chart.svg()?, height))
    }

    /// A name that leaves room for its bar; the whole of it stands in the table beside the chart.
    fn shortened(&self, name: &str) -> String {
        const LONGEST: f32 = WIDTH * 0.5;
        if self.width_of(name) <= LONGEST {
            return name.to_owned();
        }
        let mut short = name.to_owned();
        while short.pop().is_some() && self.width_of(&short) + FONT_SIZE > LONGEST {}
        short + "…"
    }

    fn range_of_all(&self) -> (f32, f32) {
        let values = self.chart.series.iter().flat_map(|s| &s.values).filter_map(length);
        values.fold((0.0, 0.0), |(low, high), value| {
            (f32::min(low, value), f32::max(high, value))
        })
    }

    fn lines(&self) -> Drawn {
        let height = 300.0;
        let mut chart = LineChart::new(self.series(), self.chart.categories.clone());
        let mut axes = chart.y_axis_configs.clone();
        self.style(&mut chart.base, &mut axes, height);
        let (low, high) = self.range_of_all();
        if let Some(axis) = axes.first_mut() {
            axis.max = Some(if high > 0.0 { high * 1.2 } else { 1.0 });
            axis.min = Some(if low < 0.0 { low * 1.2 } else { 0.0 });
        }
        chart.base.x_axis = XAxisConfig {
            boundary_gap: Some(true),
            ..chart.base.x_axis.clone()
        };
        chart.base.y_axis_hidden = true;
        chart.base.legend.category = LegendCategory::Normal;
        chart.y_axis_configs = axes;
        Ok((chart.svg()?, height))
    }

    /// Parts of a whole, each named with its value beside it: charts-rs draws the ring, [`Ring::names`] places the words.
    fn doughnut(&self) -> Drawn {
        let series = self.chart.series.first();
        let unit = series.map_or("", |s| s.unit.as_str());
        let values = series.map(|s| s.values.as_slice()).unwrap_or_default();
        let drawn = self.chart.categories.iter().zip(values);
        let drawn: Vec<(&String, &Number)> = drawn.filter(|(_, number)| is_drawn(self.chart, number)).collect();
        let parts: Vec<Part> = drawn
            .iter()
            .map(|(name, number)| {
                let text = if number.text.ends_with(unit) {
                    format!("{name} {}", number.text)
                } else {
                    format!("{name} {} {unit}", number.text)
                };
                Part {
                    width: self.width_of(&text),
                    text,
                    size: length(number).unwrap_or_default(),
                }
            })
            .collect();
        let ring = Ring::around(&parts);
        let series = |(index, part): (usize, &Part)| Series {
            name: part.text.clone(),
            data: vec![Some(part.size)],
            index: Some(index),
            ..Series::default()
        };
        let mut chart = PieChart::new(parts.iter().enumerate().map(series).collect());
        let mut axes = chart.y_axis_configs.clone();
        self.style(&mut chart.base, &mut axes, ring.height);
        chart.base.series.colors = (0..drawn.len()).map(|index| shade(index, drawn.len()).into()).collect();
        chart.base.legend.show = Some(false);
        chart.rose_type = Some(false);
        chart.radius = ring.radius;
        chart.inner_radius = ring.radius * 0.5;
        chart.border_radius = Some(0.0);
        // No words of its own.
        chart.min_show_label_angle = 361.0;
        // charts-rs gives the ring four fifths of the room within the margins; so it stands in the middle.
        let (beside, above) = (WIDTH / 2.0 - ring.radius * 1.25, ring.height / 2.0 - ring.radius * 1.25);
        chart.base.margin = Margin {
            left: beside,
            top: above,
            right: beside,
            bottom: above,
        };
        chart.y_axis_configs = axes;
        let svg = chart.svg()?;
        let body = svg.trim_end().strip_suffix("</svg>").unwrap_or(&svg).to_owned();
        Ok((body + &ring.names(&parts, &self.fonts.family) + "</svg>", ring.height))
    }

    /// Whether it is drawn as bars lying on their side.
    pub(super) fn is_lying(&self) -> bool {
        match self.chart.kind {
            ChartKind::Bars => true,
            ChartKind::Columns => !self.has_room_for_columns(),
            _ => false,
        }
    }
}
