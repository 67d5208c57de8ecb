//! What must be in order before a year is closed.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{time::Moment, workflow::State},
    report::{FreeParagraph, Report, typed_numbers},
    statistics::{
        AnnualFigures, Coder, Question, add_up,
        behind::{Behind, Recount, behind},
        definition,
        gather::{for_each_counted, references},
        restatement::was_unknown,
        trace::YearEvents,
    },
    storage::{Db, closing, editions::Counted},
    usecases::{Context, Error, report_paragraphs, reports},
};

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// In order.
    Passed,
    /// Not in order.
    Failed,
    /// The year knows no such thing.
    NotApplicable,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Stable id.
    pub id: String,
    /// What must be so, in Chinese.
    pub label: String,
    /// How it stands.
    pub outcome: Outcome,
    /// Whether a reason in writing may stand for it.
    pub overridable: bool,
    /// What is wrong, a sentence each; the first ones, where there are many.
    pub problems: Vec<String>,
}

/// Ids of the items, in their order, with what must be so and whether a reason may stand for it.
const ITEMS: [(&str, &str, bool); 8] = [
    (YEAR_OVER, "统计年度已经结束", false),
    (
        "contracts_decided",
        "本年度提交的合同均已办结，本年度确认的合同没有未决的变更申请",
        true,
    ),
    ("self_audit_completed", "本年度登记自查已经完成", true),
    ("tables_add_up", "各表分项之和与合计相符", true),
    ("figures_true", "各项数据均有定义，由合同逐项复算相符", true),
    (
        "sentences_true",
        "年报各句、各表所引数据与统计数据一致，补充段落中的数字均与数据相联",
        true,
    ),
    ("follow_up_present", "跟踪调查数据已经导入", true),
    ("activities_present", "技术市场活动数据已经导入", true),
];

/// The item that nothing may stand for.
pub(super) const YEAR_OVER: &str = "year_over";

/// The code of a failed item, for a refusal: its id, known at compile time.
pub(super) fn code(id: &str) -> &'static str {
    ITEMS
        .iter()
        .find(|item| item.0 == id)
        .map_or("unknown_item", |item| item.0)
}

/// Whether an item of that id may be overridden; none where there is no such item.
pub(super) fn is_overridable(id: &str) -> Option<bool> {
    ITEMS.iter().find(|item| item.0 == id).map(|item| item.2)
}

/// Problems told of one item at most.
const TOLD: usize = 20;

/// A year as it would be closed now.
#[derive(Debug)]
pub struct Assessment {
    /// The figures.
    pub figures: AnnualFigures,
    /// The contracts that they count, of all years they look back on.
    pub counted: Counted,
    /// What happened in the year.
    pub events: YearEvents,
    /// What staff added to the report.
    pub paragraphs: Vec<FreeParagraph>,
    /// How the items stand, in their order.
    pub items: Vec<Item>,
}

/// The checklist of a year as it stands now, and the number that the next edition would have.
///
/// # Errors
/// A year out of range.
pub async fn read(ctx: &Context, year: i32) -> Result<(Vec<Item>, i64, Moment), Error> {
    let context = ctx.clone();
    ctx.read_heavy(move |db| {
        let now = context.clock.now();
        let next = 1 + super::editions::last(db, year, Moment::from_micros(i64::MAX))?.unwrap_or(0);
        Ok((assess(db, &context, year, now)?.items, next, now))
    })
    .await
}

/// Counts the year as of now and looks at everything that the checklist names.
pub(super) fn assess(db: &mut Db, ctx: &Context, year: i32, now: Moment) -> Result<Assessment, Error> {
    let question = Question::new(year, now, None)?;
    let figures = super::compute(db, ctx, &question, None)?;
    let coder = Coder::new(&ctx.catalogue);
    let behinds: Vec<(&str, Behind)> = figures
        .figures()
        .filter_map(|(name, _)| Some((name, behind(&coder, &question, name)?)))
        .collect();
    let selections = behinds.iter().flat_map(|(_, behind)| behind.selections());
    let mut recount = Recount::new(&coder, &question, selections);
    let mut counted = Counted::new();
    let years = question.years_needed();
    // From the store itself, as `compute` above: what is frozen does not rest on what a process remembers.
    for_each_counted(db, None, &coder, &question, (*years.start(), *years.end()), |row| {
        if let Some(standing) = row.standing() {
            recount.add(&standing);
        }
        let year = row.first_confirmed_at.year();
        counted.entry(year).or_default().push((row.contract, row.revision));
    })?;
    counted.values_mut().for_each(|list| list.sort_unstable());
    let events = YearEvents::read(db, &question)?;
    for selection in recount.events() {
        events.for_each(&coder, selection, |event| {
            recount.add_event(selection, event.amount_fen.unwrap_or(0));
        });
    }
    let reference = references(db)?;
    let mut untrue = Vec::new();
    for (name, value) in figures.figures() {
        match definition(&ctx.catalogue, name) {
            Some(definition) if definition.unit == value.unit() => {}
            _ => untrue.push(format!("数据“{name}”没有相应的定义。")),
        }
    }
    for (name, behind) in &behinds {
        let again = behind.value(
            &question,
            |selection| recount.sum(selection),
            |kind, year| reference.get(&(kind, year)).copied(),
        );
        let found = figures.get(name);
        if found.is_none_or(|value| !value.is_same_number(&again) && !was_unknown(name, &again, value)) {
            let shown = found.map(|value| value.display()).unwrap_or_default();
            untrue.push(format!("数据“{name}”为 {shown}，由合同复算为 {}。", again.display()));
        }
    }
    let paragraphs = report_paragraphs::all(db, year)?;
    let report = reports::written(ctx, &figures, &paragraphs)?;
    let problems = [
        year_over(year, now),
        contracts_decided(db, year)?,
        self_audit_completed(db, year)?,
        add_up::gaps(&figures)
            .into_iter()
            .map(|gap| {
                format!(
                    "{} 之和为 {}，与 {} 的 {} 不符。",
                    gap.parts, gap.sum, gap.total, gap.says
                )
            })
            .collect(),
        untrue,
        untrue_sentences(&report, &figures, &paragraphs),
        present(&figures, "follow_up.", |_| true, "没有本年度的跟踪调查数据。"),
        present(
            &figures,
            "activities.",
            |name| !name.contains("to_date"),
            "没有本年度的技术市场活动数据。",
        ),
    ];
    let audits_apply = closing::confirmed_here(db, year)?;
    let items = ITEMS
        .iter()
        .zip(problems)
        .map(|((id, label, overridable), mut problems)| {
            let outcome = match problems.as_slice() {
                [] => Outcome::Passed,
                _ if *id == "self_audit_completed" && !audits_apply => Outcome::NotApplicable,
                _ => Outcome::Failed,
            };
            if outcome == Outcome::NotApplicable {
                problems.clear();
            }
            if problems.len() > TOLD {
                let more = problems.len() - TOLD;
                problems.truncate(TOLD);
                problems.push(format!("另有 {more} 处。"));
            }
            Item {
                id: (*id).to_owned(),
                label: (*label).to_owned(),
                outcome,
                overridable: *overridable,
                problems,
            }
        });
    let items = items.collect();
    Ok(Assessment {
        items,
        paragraphs,
        counted,
        events,
        figures,
    })
}

/// Numbers of the report that are not what the figures say, and numbers that staff typed without naming a figure.
fn untrue_sentences(report: &Report, figures: &AnnualFigures, paragraphs: &[FreeParagraph]) -> Vec<String> {
    let mut problems: Vec<String> = report
        .numbers()
        .into_iter()
        .filter(|number| figures.get(&number.figure).is_none_or(|value| *value != number.value))
        .map(|number| format!("年报所引“{}”为 {}，与统计数据不符。", number.figure, number.text))
        .collect();
    for paragraph in paragraphs {
        for typed in typed_numbers(&paragraph.text) {
            problems.push(format!("补充段落中的“{}”没有与数据相联。", typed.text));
        }
    }
    problems
}

fn year_over(year: i32, now: Moment) -> Vec<String> {
    let is_over = Moment::start_of_year(year + 1) <= now;
    let problem = format!("{year} 年尚未结束，自 {} 年 1 月 1 日起方可封账。", year + 1);
    if is_over { Vec::new() } else { vec![problem] }
}

fn contracts_decided(db: &mut Db, year: i32) -> Result<Vec<String>, Error> {
    let named = i64::try_from(TOLD).unwrap_or(i64::MAX);
    let span = (Moment::start_of_year(year), Moment::start_of_year(year + 1));
    let mut problems = Vec::new();
    let undecided = closing::undecided(db, span)?;
    if !undecided.is_empty() {
        let count: i64 = undecided.iter().map(|(_, _, count)| count).sum();
        problems.push(format!(
            "有 {count} 份本年度提交的合同尚未办结：{}。",
            by_agency(&undecided)
        ));
    }
    let (count, first) = closing::open_changes(db, year, named)?;
    if count > 0 {
        let more = if first.len() < usize::try_from(count).unwrap_or(usize::MAX) {
            "等"
        } else {
            ""
        };
        problems.push(format!(
            "有 {count} 份本年度确认的合同的变更或注销申请尚未办结：{}{more}。",
            first.join("、")
        ));
    }
    Ok(problems)
}

/// Who has to decide on how many, agency by agency: whoever closes a year may not see the contracts themselves.
fn by_agency(undecided: &[(Option<String>, State, i64)]) -> String {
    let mut agencies: Vec<String> = undecided
        .chunk_by(|one, next| one.0 == next.0)
        .filter_map(|states| {
            let agency = states.first()?.0.as_deref().unwrap_or("未载明登记机构");
            let states = states
                .iter()
                .map(|(_, state, count)| format!("{} {count} 份", state.label()));
            Some(format!("{agency}（{}）", states.collect::<Vec<_>>().join("、")))
        })
        .collect();
    if agencies.len() > TOLD {
        let more = agencies.len() - TOLD;
        agencies.truncate(TOLD);
        agencies.push(format!("另有 {more} 个登记机构"));
    }
    agencies.join("，")
}

/// A year whose contracts were all taken over from history was audited, or not, before this register was there.
fn self_audit_completed(db: &mut Db, year: i32) -> Result<Vec<String>, Error> {
    let (completed, at_work) = closing::self_audits_of(db, year)?;
    let mut problems = Vec::new();
    if completed == 0 {
        problems.push("本年度没有已完成的登记自查。".to_owned());
    }
    if at_work > 0 {
        problems.push(format!("有 {at_work} 次本年度登记自查尚未完成。"));
    }
    Ok(problems)
}

/// Whether any figure of a section says something.
fn present(figures: &AnnualFigures, section: &str, counts: impl Fn(&str) -> bool, problem: &str) -> Vec<String> {
    let says = figures.figures().any(|(name, value)| {
        name.starts_with(section) && counts(name) && !value.is_nothing() && value.as_whole() != Some(0)
    });
    if says { Vec::new() } else { vec![problem.to_owned()] }
}
