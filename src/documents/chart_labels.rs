//! The values that are written on a chart: charts-rs places them, their words are the report's own.

use std::fmt::Write as _;

use super::{
    chart::{FONT_SIZE, LABEL, Pen, length},
    report_html::escaped,
};
use crate::report::{ChartKind, Series};

impl Pen<'_> {
    /// charts-rs computes in single precision, so it may not print numbers. The labels of values are told by their colour and come
    /// series by series, columns before lines, what has no value left out; their words are replaced by the report's own.
    pub(super) fn with_exact_labels(&self, svg: &str) -> Result<String, String> {
        let is_bar = self.is_lying();
        let mut series: Vec<&Series> = self.chart.series.iter().collect();
        if self.chart.kind == ChartKind::ColumnsAndLine {
            series.sort_by_key(|s| s.second_axis);
        }
        let categories = self.chart.categories.len();
        let mut texts: Vec<(&str, bool)> = Vec::new();
        for one in series {
            let of_one = one.values.iter().take(categories).enumerate();
            let of_one = of_one.filter(|(_, number)| length(number).is_some());
            let of_one = of_one.map(|(index, number)| (number.text.as_str(), self.is_lowest_of_lines(one, index)));
            if is_bar {
                texts.extend(of_one.rev());
            } else {
                texts.extend(of_one);
            }
        }
        let mut texts = texts.into_iter();
        let mut out = String::with_capacity(svg.len());
        let mut rest = svg;
        while let Some(start) = rest.find("<text") {
            let (before, from) = rest.split_at(start);
            let end = from.find("</text>").ok_or("a text without end")?;
            let (element, after) = from.split_at(end);
            out.push_str(before);
            match element.split_once('>') {
                Some((head, _)) if head.contains(LABEL) => {
                    let (text, below) = texts.next().ok_or("more labels than values")?;
                    out.push_str(&if is_bar { head.to_owned() } else { centered(head, below) });
                    let _ = write!(out, "{HALO}>{}", escaped(text));
                }
                _ => out.push_str(element),
            }
            rest = after;
        }
        out.push_str(rest);
        match texts.next() {
            Some((text, _)) => Err(format!("no label for {text}")),
            None => Ok(out),
        }
    }

    /// Whether the value of this series is below those of other lines, so that its words find room below it.
    fn is_lowest_of_lines(&self, one: &Series, index: usize) -> bool {
        if self.chart.kind != ChartKind::Line {
            return false;
        }
        let value = |series: &Series| series.values.get(index).and_then(length);
        let others = self.chart.series.iter().filter(|other| other.name != one.name);
        let mut others = others.filter_map(value).peekable();
        others.peek().is_some() && value(one).is_some_and(|own| others.all(|other| own < other))
    }
}

/// Lines and edges behind words are faded out.
const HALO: &str = " paint-order=\"stroke\" stroke=\"#FFFFFF\" stroke-width=\"3\" stroke-linejoin=\"round\"";

/// The head of a text element, set about its place instead of moved by half the width of other words; above its place or below.
fn centered(head: &str, below: bool) -> String {
    let head = without(head, " dx=\"");
    let head = if below {
        format!("{} dy=\"{}\"", without(&head, " dy=\""), FONT_SIZE + 7.0)
    } else {
        head
    };
    format!("{head} text-anchor=\"middle\"")
}

/// Without the attribute that starts so.
fn without(head: &str, attribute: &str) -> String {
    let Some(start) = head.find(attribute) else {
        return head.to_owned();
    };
    let value = start + attribute.len();
    let end = head[value..].find('"').map_or(head.len(), |quote| value + quote + 1);
    format!("{}{}", &head[..start], &head[end..])
}
