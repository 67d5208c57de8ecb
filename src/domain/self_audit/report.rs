//! The report of a self-audit: what there was, what was looked at, what was wrong, and how far that speaks for the rest.

use std::collections::BTreeMap;

use super::{
    AuditState, Design, Filter, ItemState, Stratum,
    estimate::{self, Estimate, Unit},
};
use crate::domain::{money::Fen, time::Moment};

/// What a report is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Heading {
    /// What the self-audit is called.
    pub title: String,
    /// Year of the contracts' first confirmation.
    pub year: i32,
    /// Where it stands.
    pub state: AuditState,
    /// How it drew.
    pub design: Design,
    /// From which contracts.
    pub filter: Filter,
    /// As of when.
    pub drawn_at: Moment,
    /// When it was completed or abandoned.
    pub ended_at: Option<Moment>,
    /// Contracts that its completion revoked.
    pub revoked: i64,
    /// Contracts found wrong that had ended before.
    pub already_ended: i64,
}

/// Contracts and their 合同成交额 when they were drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub contracts: i64,
    /// In fen.
    pub amount_fen: Fen,
}

impl Counted {
    fn add(&mut self, amount_fen: Fen) {
        self.contracts += 1;
        self.amount_fen = self.amount_fen.saturating_add(amount_fen);
    }
}

/// One contract of the sample as the report needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Index of its stratum.
    pub stratum: usize,
    /// 合同成交额 when it was drawn, in fen.
    pub amount_fen: Fen,
    /// What was found.
    pub state: ItemState,
    /// Code list `revocation_ground`, where it is wrong.
    pub ground: Option<String>,
    /// Whose work it is.
    pub assigned_to: Option<String>,
}

/// One stratum and what was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StratumFound {
    /// The stratum.
    pub stratum: Stratum,
    /// Contracts looked at.
    pub checked: i64,
    /// Contracts wrong.
    pub wrong: i64,
}

/// One auditor's work; none for what is handed to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditorWork {
    /// Username.
    pub auditor: Option<String>,
    /// Contracts handed out.
    pub assigned: i64,
    /// Contracts looked at.
    pub checked: i64,
    /// Contracts wrong.
    pub wrong: i64,
}

/// The estimated amount of wrong contracts in the population, in fen, each figure rounded once. The ends are those of a confidence
/// interval: statistics, not sums of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EstimatedAmount {
    /// The estimate.
    pub value_fen: Fen,
    /// Ends of its 95 % confidence interval; none where everything was looked at.
    pub interval_fen: Option<(Fen, Fen)>,
}

/// The report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What the sample was drawn from.
    pub population: Counted,
    /// The sample.
    pub drawn: Counted,
    /// Of it, what was looked at.
    pub checked: Counted,
    /// Of that, what is right.
    pub right: Counted,
    /// Of that, what is wrong.
    pub wrong: Counted,
    /// The wrong by ground, every id of the list.
    pub wrong_by_ground: Vec<(String, Counted)>,
    /// Wrong ÷ checked, in the sample; none where nothing was checked.
    pub sample_error_rate: Option<f64>,
    /// Share of wrong contracts in the population; none before everything drawn is looked at, and where nothing follows.
    pub error_rate: Option<Estimate>,
    /// Share of the population's amount that wrong contracts have; none in the same cases.
    pub amount_error_rate: Option<Estimate>,
    /// The same in fen.
    pub estimated_wrong_amount: Option<EstimatedAmount>,
    /// By stratum.
    pub strata: Vec<StratumFound>,
    /// By auditor, in the order of names; what nobody has comes last.
    pub auditors: Vec<AuditorWork>,
}

/// Makes the report; `grounds` are the ids of the code list, in its order.
pub fn report(design: &Design, strata: &[Stratum], items: &[Judged], grounds: &[&str]) -> Report {
    let mut population = Counted::default();
    for stratum in strata {
        population.contracts += stratum.contracts;
        population.amount_fen = population.amount_fen.saturating_add(stratum.amount_fen);
    }
    let [mut drawn, mut checked, mut right, mut wrong] = [Counted::default(); 4];
    let mut by_ground: Vec<(String, Counted)> = grounds
        .iter()
        .map(|id| ((*id).to_owned(), Counted::default()))
        .collect();
    let mut by_stratum: Vec<StratumFound> = strata
        .iter()
        .map(|stratum| StratumFound {
            stratum: stratum.clone(),
            checked: 0,
            wrong: 0,
        })
        .collect();
    // `None` is less than any name: told by `is_none` first, it comes last.
    let mut by_auditor: BTreeMap<(bool, Option<&str>), [i64; 3]> = BTreeMap::new();
    for item in items {
        drawn.add(item.amount_fen);
        let auditor = item.assigned_to.as_deref();
        let work = by_auditor.entry((auditor.is_none(), auditor)).or_default();
        work[0] += 1;
        if item.state == ItemState::Open {
            continue;
        }
        checked.add(item.amount_fen);
        work[1] += 1;
        let mut stratum = by_stratum.get_mut(item.stratum);
        if let Some(found) = &mut stratum {
            found.checked += 1;
        }
        if item.state == ItemState::Right {
            right.add(item.amount_fen);
            continue;
        }
        wrong.add(item.amount_fen);
        work[2] += 1;
        if let Some(found) = stratum {
            found.wrong += 1;
        }
        let ground = item.ground.as_deref().unwrap_or_default();
        if let Some((_, counted)) = by_ground.iter_mut().find(|(id, _)| id == ground) {
            counted.add(item.amount_fen);
        }
    }
    let units: Vec<Unit> = items
        .iter()
        .map(|item| Unit {
            stratum: item.stratum,
            amount_fen: item.amount_fen,
            wrong: item.state == ItemState::Wrong,
        })
        .collect();
    let complete = checked.contracts == drawn.contracts && drawn.contracts > 0;
    let infer = |of: fn(&Design, &[Stratum], &[Unit]) -> Option<Estimate>| {
        complete.then(|| of(design, strata, &units)).flatten()
    };
    let amount_error_rate = infer(estimate::of_amount);
    Report {
        population,
        drawn,
        checked,
        right,
        wrong,
        wrong_by_ground: by_ground,
        sample_error_rate: ratio(wrong.contracts, checked.contracts),
        error_rate: infer(estimate::of_contracts),
        estimated_wrong_amount: amount_error_rate.map(|rate| in_fen(rate, population.amount_fen, wrong.amount_fen)),
        amount_error_rate,
        strata: by_stratum,
        auditors: by_auditor
            .into_iter()
            .map(|((_, auditor), [assigned, checked, wrong])| AuditorWork {
                auditor: auditor.map(str::to_owned),
                assigned,
                checked,
                wrong,
            })
            .collect(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of contracts are far below 2^53")]
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}

/// Shares of an amount as fen. Where everything was looked at, that is what was found, to the fen.
fn in_fen(rate: Estimate, population_fen: Fen, found_fen: Fen) -> EstimatedAmount {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "an estimate, rounded once; its interval is wider than what a double leaves out"
    )]
    let fen = |share: f64| (share * population_fen as f64).round() as Fen;
    EstimatedAmount {
        value_fen: if rate.interval.is_none() {
            found_fen
        } else {
            fen(rate.value)
        },
        interval_fen: rate.interval.map(|(low, high)| (fen(low), fen(high))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(
        stratum: usize,
        amount_fen: Fen,
        state: ItemState,
        ground: Option<&str>,
        auditor: Option<&str>,
    ) -> Judged {
        Judged {
            stratum,
            amount_fen,
            state,
            ground: ground.map(str::to_owned),
            assigned_to: auditor.map(str::to_owned),
        }
    }

    fn strata() -> Vec<Stratum> {
        [("a", 10, 5_000, 2), ("b", 4, 900, 2)]
            .map(|(id, contracts, amount_fen, drawn)| Stratum {
                id: id.to_owned(),
                contracts,
                amount_fen,
                drawn,
            })
            .to_vec()
    }

    fn design() -> Design {
        Design::Stratified {
            by: Vec::new(),
            size: Some(4),
            rate: None,
            seed: "x".to_owned(),
        }
    }

    #[test]
    fn a_report_counts_what_was_found() {
        use ItemState::{Right, Wrong};
        let items = [
            judged(0, 500, Right, None, Some("li")),
            judged(0, 300, Wrong, Some("fraud"), Some("wang")),
            judged(1, 200, Right, None, Some("li")),
            judged(1, 100, Wrong, Some("void"), Some("li")),
        ];
        let report = report(&design(), &strata(), &items, &["duplicate", "fraud", "void"]);
        let counted = |contracts, amount_fen| Counted { contracts, amount_fen };
        assert_eq!(
            (report.population, report.drawn),
            (counted(14, 5_900), counted(4, 1_100))
        );
        assert_eq!((report.right, report.wrong), (counted(2, 700), counted(2, 400)));
        let by_ground: Vec<Counted> = report.wrong_by_ground.iter().map(|(_, c)| *c).collect();
        assert_eq!(by_ground, [counted(0, 0), counted(1, 300), counted(1, 100)]);
        assert_eq!(report.sample_error_rate, Some(0.5));
        // (10 · 1/2 + 4 · 1/2) ÷ 14; amounts: (5 · 300 + 2 · 100) ÷ (5 · 800 + 2 · 300).
        assert_eq!(report.error_rate.map(|e| e.value), Some(0.5));
        let share = report.amount_error_rate.map(|e| e.value).unwrap();
        assert!((share - 1700.0 / 4600.0).abs() < 1e-12, "{share}");
        let amount = report.estimated_wrong_amount.unwrap();
        assert_eq!(amount.value_fen, 2180); // 5900 × 17/46 = 2180.4…
        let (low, high) = amount.interval_fen.unwrap();
        assert!(
            400 <= low && high <= 5_900 - 700,
            "what was found is there: {low} {high}"
        );
        let work: Vec<_> = report
            .auditors
            .iter()
            .map(|a| (a.auditor.as_deref(), a.assigned, a.wrong))
            .collect();
        assert_eq!(work, [(Some("li"), 3, 1), (Some("wang"), 1, 1)]);
        assert_eq!(
            report.strata.iter().map(|s| (s.checked, s.wrong)).collect::<Vec<_>>(),
            [(2, 1), (2, 1)]
        );
    }

    #[test]
    fn nothing_is_inferred_before_everything_is_judged() {
        let items = [
            judged(0, 500, ItemState::Right, None, Some("li")),
            judged(0, 300, ItemState::Open, None, None),
        ];
        let report = report(&design(), &strata(), &items, &[]);
        assert_eq!(
            (
                report.sample_error_rate,
                report.error_rate,
                report.estimated_wrong_amount
            ),
            (Some(0.0), None, None)
        );
        let auditors: Vec<_> = report.auditors.iter().map(|a| a.auditor.as_deref()).collect();
        assert_eq!(auditors, [Some("li"), None]);
        assert_eq!(super::report(&design(), &strata(), &[], &[]).sample_error_rate, None);
    }
}
