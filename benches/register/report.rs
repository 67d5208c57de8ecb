//! The table that a run ends with.

use std::{fmt, time::Duration};

/// One line.
struct Line {
    figure: String,
    measured: String,
    ratio: Option<String>,
    target: String,
    met: Option<bool>,
}

/// All lines.
#[derive(Default)]
pub struct Report {
    lines: Vec<Line>,
}

impl Report {
    /// A ratio that must reach `least`.
    pub fn at_least(&mut self, figure: &str, measured: String, ratio: f64, least: f64) {
        self.line(figure, measured, ratio, format!("≥ {least}"), ratio >= least);
    }

    /// A ratio that must not exceed `most`.
    pub fn at_most(&mut self, figure: &str, measured: String, ratio: f64, most: f64) {
        self.line(figure, measured, ratio, format!("≤ {most}"), ratio <= most);
    }

    fn line(&mut self, figure: &str, measured: String, ratio: f64, target: String, met: bool) {
        self.push(Line {
            figure: figure.to_owned(),
            measured,
            ratio: Some(format!("{ratio:.2}")),
            target,
            met: Some(met),
        });
    }

    /// Something that is so or not.
    pub fn holds(&mut self, figure: &str, measured: String, target: &str, met: bool) {
        self.push(Line {
            figure: figure.to_owned(),
            measured,
            ratio: None,
            target: target.to_owned(),
            met: Some(met),
        });
    }

    /// A figure without a target.
    pub fn note(&mut self, figure: &str, measured: String) {
        self.push(Line {
            figure: figure.to_owned(),
            measured,
            ratio: None,
            target: String::new(),
            met: None,
        });
    }

    fn push(&mut self, line: Line) {
        println!("{line}");
        self.lines.push(line);
    }

    /// Whether a target was missed.
    pub fn missed(&self) -> bool {
        self.lines.iter().any(|line| line.met == Some(false))
    }
}

impl Line {
    fn verdict(&self) -> &'static str {
        match self.met {
            Some(true) => "ok",
            Some(false) => "missed",
            None => "",
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "| {} | {} | {} | {} | {} |",
            self.figure,
            self.measured,
            self.ratio.as_deref().unwrap_or_default(),
            self.target,
            self.verdict()
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n| figure | measured | ratio | target | |\n|---|---|---|---|---|")?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// The middle one.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Milliseconds, for people.
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 10.0 {
        format!("{ms:.2} ms")
    } else {
        format!("{ms:.0} ms")
    }
}

/// How many a second.
pub fn rate(count: usize, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
    let count = count as f64;
    count / time.as_secs_f64()
}
