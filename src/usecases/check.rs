//! Published figures held against the ones that the register gives: a list of them, or a report, which is also held against
//! itself.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, path::Path, sync::Arc};

use crate::{
    domain::{catalogue::Catalogue, error::FieldError, time::Moment},
    intake::{
        CellError,
        published::read_published,
        report::{self, ReportError},
    },
    statistics::{
        AnnualFigures, FigureValue, PrintedUnit, Question,
        check::{compare, compare_printed},
        published::{self, Finding, LeftOut, Statement},
    },
    usecases::{
        Context, Error, attachments,
        attachments::receive::Received,
        errand::go_on,
        statistics,
        values::{Checked, checked},
    },
};

pub use crate::statistics::{
    Verdict,
    published::{PublishedReport, Unread},
};

/// What a printed number was held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The figures that the register gives.
    Register,
    /// The report's own other figures.
    Report,
}

/// One figure, as printed and as derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// What it was held against.
    pub against: Against,
    /// Name of the figure.
    pub figure: String,
    /// Where it stands in the report.
    pub place: String,
    /// The number as printed.
    pub published: String,
    /// The derived value in the printed unit and decimals; none where there is no such figure or value.
    pub derived: Option<String>,
    /// What the comparison found.
    pub verdict: Verdict,
    /// What else there is to say, in Chinese.
    pub note: Option<String>,
    /// Whether it may be wrong: it is not sure which figure it is, and the one that it probably is has another value.
    pub is_suspect: bool,
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The file.
    #[error("第 {} 行：{}", .0.row, .0.detail)]
    File(CellError),
    /// The report.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The register.
    #[error(transparent)]
    Other(#[from] Error),
}

/// Compares the figures of a file with those of a year as of a moment.
///
/// # Errors
/// A file that does not read; where the store does not answer.
pub async fn check(ctx: &Context, year: i32, as_of: Option<Moment>, file: &Path) -> Result<Vec<Compared>, Failure> {
    let published = read_published(file).map_err(Failure::File)?;
    let figures = statistics::annual(ctx, year, as_of, None).await?;
    let compared = published.into_iter().map(|p| {
        let (verdict, derived, note) = match PrintedUnit::from_id(&p.unit) {
            None => (Verdict::Unknown, None, Some(format!("不认识的单位“{}”", p.unit))),
            Some(unit) => match compare(&figures, &p.figure, &p.published, unit) {
                (Verdict::Unknown, derived) => (
                    Verdict::Unknown,
                    derived,
                    Some("没有这个指标，或不以此单位表示".to_owned()),
                ),
                (verdict, derived) => (verdict, derived, None),
            },
        };
        Compared {
            against: Against::Register,
            figure: p.figure,
            place: p.place,
            published: p.published,
            derived,
            verdict,
            note,
            is_suspect: false,
        }
    });
    Ok(compared.collect())
}

/// Whether a file is a list of figures (CSV) and no report.
///
/// # Errors
/// Where it cannot be read.
pub fn is_list_of_figures(file: &Path) -> Result<bool, Failure> {
    Ok(report::is_list_of_figures(file)?)
}

/// Reads a report on `year` (`.docx`, `.txt`, `.md`) and holds it against itself.
///
/// # Errors
/// A file that does not read; a year out of range.
pub fn read_report(catalogue: &Catalogue, year: i32, file: &Path) -> Result<PublishedReport, Failure> {
    // What a report says against itself is the same at every moment.
    let question = Question::new(year, Moment::from_micros(0), None).map_err(Error::from)?;
    let outline = report::read_report(file)?;
    Ok(published::read(&outline, catalogue, &question, || {
        go_on().map_err(Error::from)
    })?)
}

/// What a report says against itself, alone: contradictions, and what is rounding only; behind them what is not sure and was held
/// against nothing.
pub fn internal(report: &PublishedReport) -> Vec<Compared> {
    let unsure = report.statements.iter().filter(|statement| !statement.is_sure);
    let unsure = unsure.map(|statement| Compared {
        against: Against::Report,
        figure: statement.figure.clone(),
        place: statement.place.clone(),
        published: statement.printed.text.clone(),
        derived: None,
        verdict: Verdict::Unknown,
        note: Some(UNSURE.to_owned()),
        is_suspect: false,
    });
    report.findings.iter().map(of_finding).chain(unsure).collect()
}

/// Why a number that is probably a figure was not compared.
const UNSURE: &str = "从文字看不能确定是这项指标，请人工核对";

/// The same of a number that would be wrong.
const SUSPECT: &str = "从文字看不能确定是这项指标；如果是，则与台账不符，请人工核对";

/// How many numbers may be wrong of which it is not sure what they are, in a sentence.
pub fn suspects_in_words(suspects: usize) -> String {
    format!("有 {suspects} 处不能确定是哪项数据，与最可能的一项不符，须人工核对。")
}

fn of_finding(finding: &Finding) -> Compared {
    Compared {
        against: Against::Report,
        figure: finding.figure.clone(),
        place: finding.place.clone(),
        published: finding.published.clone(),
        derived: finding.derived.clone(),
        verdict: finding.verdict,
        note: Some(finding.note.clone()),
        is_suspect: false,
    }
}

/// Every number of a report whose figure is known, in the report's order, held against the register's figures of the year as of a
/// moment; then what the report says against itself.
///
/// # Errors
/// Where the store does not answer.
pub async fn check_report(
    ctx: &Context,
    year: i32,
    as_of: Option<Moment>,
    report: &PublishedReport,
) -> Result<Vec<Compared>, Error> {
    let figures = statistics::annual(ctx, year, as_of, None).await?;
    // What is rounding only within the report is no error against the register either.
    let rounding: HashMap<(&str, &str, &str), &str> = report
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Rounding)
        .map(|f| {
            (
                (f.figure.as_str(), f.place.as_str(), f.published.as_str()),
                f.note.as_str(),
            )
        })
        .collect();
    let mut compared: Vec<Compared> = report
        .statements
        .iter()
        .map(|s| of_statement(s, &rounding, &figures))
        .collect();
    compared.extend(report.findings.iter().map(of_finding));
    Ok(compared)
}

fn of_statement(
    statement: &Statement,
    rounding: &HashMap<(&str, &str, &str), &str>,
    figures: &AnnualFigures,
) -> Compared {
    let printed = &statement.printed;
    let (verdict, derived) = compare_printed(figures, &statement.figure, printed);
    let rounding = || {
        let key = (
            statement.figure.as_str(),
            statement.place.as_str(),
            printed.text.as_str(),
        );
        rounding.get(&key).map(|note| (*note).to_owned())
    };
    let is_empty = figures.get("total.contracts").and_then(FigureValue::as_whole) == Some(0);
    let mut is_suspect = false;
    let (verdict, derived, note) = match (verdict, derived) {
        // A register without the year says nothing of it.
        _ if is_empty => (Verdict::Unknown, None, Some("台账中没有该年度的合同".to_owned())),
        (Verdict::Unknown, derived) => (
            Verdict::Unknown,
            derived,
            Some("没有这个指标，或不以此单位表示".to_owned()),
        ),
        // What is not sure is held against nothing, whether it would be right or wrong.
        (verdict, derived) if !statement.is_sure => {
            is_suspect = verdict == Verdict::Differs;
            let note = if is_suspect { SUSPECT } else { UNSURE };
            (Verdict::Unknown, derived, Some(note.to_owned()))
        }
        (Verdict::Differs, derived) => match rounding() {
            Some(note) => (Verdict::Rounding, derived, Some(note)),
            None => (Verdict::Differs, derived, None),
        },
        (verdict, derived) => (verdict, derived, None),
    };
    Compared {
        against: Against::Register,
        figure: statement.figure.clone(),
        place: statement.place.clone(),
        published: printed.text.clone(),
        derived,
        verdict,
        note,
        is_suspect,
    }
}

/// What became of the numbers of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Those that were held against something.
    pub recognised: usize,
    /// Those that are perhaps a figure, or one that the register does not have: held against nothing.
    pub unclear: usize,
    /// Those of which it is not known what they are.
    pub unread: usize,
}

impl Coverage {
    /// Of a report whose numbers were compared so.
    pub fn of(report: &PublishedReport, compared: &[Compared]) -> Self {
        let (statements, _) = report.coverage();
        let unclear = compared.iter().filter(|one| one.verdict == Verdict::Unknown).count();
        Self {
            recognised: statements.saturating_sub(unclear),
            unclear: unclear.min(statements),
            unread: report.unread.len(),
        }
    }

    /// Of a list of figures.
    pub fn of_list(compared: &[Compared]) -> Self {
        let unclear = compared.iter().filter(|one| one.verdict == Verdict::Unknown).count();
        Self {
            recognised: compared.len() - unclear,
            unclear,
            unread: 0,
        }
    }

    /// All that were seen.
    pub const fn seen(self) -> usize {
        self.recognised + self.unclear + self.unread
    }

    /// Whether less than `percent` of those seen are recognised. Where none was seen, none was recognised.
    pub const fn is_thin(self, percent: u32) -> bool {
        percent > 0 && (self.seen() == 0 || self.recognised * 100 < self.seen() * percent as usize)
    }
}

/// What came of checking a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// Every number that is understood, then what the report says against itself.
    pub compared: Vec<Compared>,
    /// What became of its numbers.
    pub coverage: Coverage,
    /// Numbers that are not understood.
    pub unread: Vec<Unread>,
    /// What of the report was not looked at, since no report is so large; in sentences.
    pub left_out: Vec<String>,
    /// Whether too few are recognised for the result to say much of the report (`check.min_coverage_percent`).
    pub is_thin: bool,
}

/// What of a report was not looked at, in sentences.
pub fn left_out(report: &PublishedReport) -> Vec<String> {
    report.left_out.iter().map(LeftOut::in_words).collect()
}

/// As [`check_report`] or, of a list of figures, [`check`], of a file that was sent.
///
/// # Errors
/// No file, one that is no report, a year out of range.
pub async fn check_upload(
    ctx: &Context,
    year: i32,
    as_of: Option<Moment>,
    file: Option<Arc<Received>>,
    wrong: Checked<()>,
) -> Result<CheckResult, Error> {
    checked(&wrong)?;
    let file = file.ok_or_else(|| Error::invalid("/file", "required", "请在 file 部分附上统计年报。"))?;
    ctx.heavy.run(compare_file(ctx, year, as_of, file)).await
}

async fn compare_file(
    ctx: &Context,
    year: i32,
    as_of: Option<Moment>,
    file: Arc<Received>,
) -> Result<CheckResult, Error> {
    let list = Arc::clone(&file);
    let is_list = attachments::waiting(move || is_list_of_figures(list.path())).await?;
    if is_list {
        let compared = check(ctx, year, as_of, file.path()).await?;
        let coverage = Coverage::of_list(&compared);
        return Ok(CheckResult {
            is_thin: coverage.is_thin(ctx.settings.check.min_coverage_percent),
            coverage,
            compared,
            unread: Vec::new(),
            left_out: Vec::new(),
        });
    }
    let catalogue = Arc::clone(&ctx.catalogue);
    let report = attachments::waiting(move || read_report(&catalogue, year, file.path())).await?;
    let compared = check_report(ctx, year, as_of, &report).await?;
    let coverage = Coverage::of(&report, &compared);
    Ok(CheckResult {
        compared,
        coverage,
        is_thin: coverage.is_thin(ctx.settings.check.min_coverage_percent),
        left_out: left_out(&report),
        unread: report.unread,
    })
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::File(error) => {
                let detail = format!("第 {} 行：{}。", error.row, error.detail.trim_end_matches('。'));
                Self::Invalid(vec![FieldError::new("/file", error.code, detail)])
            }
            Failure::Report(error) => {
                let detail = format!("{}。", error.to_string().trim_end_matches('。'));
                Self::Invalid(vec![FieldError::new("/file", error.code(), detail)])
            }
            Failure::Other(error) => error,
        }
    }
}
