//! Self-audits as callers see them.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{
        money::Fen,
        self_audit::{
            Design, Filter, Stratum,
            estimate::Estimate,
            report::{Counted, Heading, Report},
        },
        time::Date,
    },
    usecases::self_audits::{AuditView, Finding, Item, SelfAudit},
};

/// A self-audit and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct SelfAuditOut {
    id: i64,
    title: String,
    /// Year of the contracts' first confirmation.
    year: i32,
    /// `drawn`, `completed`, `abandoned`.
    state: &'static str,
    filter: FilterOut,
    design: DesignOut,
    population: PopulationOut,
    drawn: DrawnOut,
    strata: Vec<StratumOut>,
    progress: ProgressOut,
    /// Usernames.
    auditors: Vec<String>,
    created_by: String,
    created_at: String,
    /// As of when the population was taken.
    drawn_at: String,
    completed_by: Option<String>,
    completed_at: Option<String>,
    completion: Option<CompletionOut>,
    abandoned: Option<AbandonedOut>,
}

/// From which contracts of the year it drew.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilterOut {
    unit: Option<String>,
    #[serde(rename = "type")]
    contract_type: Option<String>,
    field: Option<String>,
    agency: Option<String>,
    amount_from_fen: Option<Fen>,
    amount_to_fen: Option<Fen>,
}

/// How it drew; `docs/SELF-AUDIT.md` has the recipe.
#[derive(Debug, Serialize, ToSchema)]
pub struct DesignOut {
    /// `all`, `random`, `stratified`, `amount_weighted`, `risky_first`.
    kind: &'static str,
    size: Option<usize>,
    rate: Option<f64>,
    seed: Option<String>,
    by: Option<Vec<&'static str>>,
}

/// What was drawn from, and a digest that pins it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PopulationOut {
    contracts: i64,
    amount_fen: Fen,
    /// SHA-256, lower-case hex.
    digest: String,
}

/// What was drawn, and a digest that pins it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawnOut {
    contracts: i64,
    /// SHA-256, lower-case hex.
    digest: String,
}

/// A part of the population.
#[derive(Debug, Serialize, ToSchema)]
pub struct StratumOut {
    #[schema(example = "div_08/development")]
    stratum: String,
    contracts: i64,
    amount_fen: Fen,
    drawn: i64,
}

/// How many contracts stand where.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgressOut {
    open: i64,
    right: i64,
    wrong: i64,
    /// Handed to nobody, since nobody may judge them.
    unassigned: i64,
}

/// What completion did.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompletionOut {
    document_number: Option<String>,
    served_on: Option<Date>,
    note: Option<String>,
    /// Contracts revoked.
    revoked: i64,
    /// Contracts found wrong that had been revoked or cancelled before.
    already_ended: i64,
}

/// Why it was given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct AbandonedOut {
    by: String,
    at: String,
    reason: String,
}

/// A contract of a self-audit.
#[derive(Debug, Serialize, ToSchema)]
pub struct SelfAuditItemOut {
    id: i64,
    self_audit_id: i64,
    contract_id: i64,
    registration_number: Option<String>,
    project_name: Option<String>,
    /// Revision in force when it was drawn.
    revision: i64,
    /// Its amount then.
    amount_fen: Fen,
    stratum: String,
    assigned_to: Option<String>,
    /// `open`, `right`, `wrong`.
    state: &'static str,
    /// What completion did with a wrong one: `revoked` or `already_ended`.
    outcome: Option<String>,
    finding: Option<FindingOut>,
}

/// What was found about a contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingOut {
    id: i64,
    item_id: i64,
    contract_id: i64,
    /// `right` or `wrong`.
    verdict: &'static str,
    /// Code list `revocation_ground`.
    ground: Option<String>,
    note: Option<String>,
    document_number: Option<String>,
    served_on: Option<Date>,
    found_by: String,
    found_at: String,
}

/// A page of self-audits, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SelfAuditPage {
    pub items: Vec<SelfAuditOut>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// A page of what a self-audit drew, in the order of drawing.
#[derive(Debug, Serialize, ToSchema)]
pub struct SelfAuditItemPage {
    pub items: Vec<SelfAuditItemOut>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// A page of what was found, in the order of drawing.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingPage {
    pub items: Vec<FindingOut>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// The report of a self-audit. Amounts are those of the drawing.
#[derive(Debug, Serialize, ToSchema)]
pub struct SelfAuditReportOut {
    self_audit_id: i64,
    title: String,
    year: i32,
    state: &'static str,
    design: DesignOut,
    filter: FilterOut,
    drawn_at: String,
    ended_at: Option<String>,
    population: AuditedSumOut,
    drawn: AuditedSumOut,
    checked: AuditedSumOut,
    right: AuditedSumOut,
    wrong: AuditedSumOut,
    /// Every id of the code list `revocation_ground`.
    wrong_by_ground: BTreeMap<String, AuditedSumOut>,
    /// Wrong ÷ checked in the sample; null where nothing was checked.
    sample_error_rate: Option<f64>,
    /// Share of wrong contracts in the population; null until everything drawn is checked, and where nothing follows from the sample.
    error_rate: Option<EstimateOut>,
    /// Share of the population's amount that is wrong contracts'; null in the same cases.
    amount_error_rate: Option<EstimateOut>,
    /// The same in fen.
    estimated_wrong_amount_fen: Option<EstimatedAmountOut>,
    strata: Vec<StratumFoundOut>,
    auditors: Vec<AuditorOut>,
    /// Contracts that the completion revoked.
    revoked: i64,
    /// Contracts found wrong that had been revoked or cancelled before.
    already_ended: i64,
}

/// Contracts and their amount.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditedSumOut {
    contracts: i64,
    amount_fen: Fen,
}

/// An estimated share, 0 to 1.
#[derive(Debug, Serialize, ToSchema)]
pub struct EstimateOut {
    value: f64,
    /// Lower end of the confidence interval; null where everything was looked at, so that nothing is estimated.
    lower: Option<f64>,
    upper: Option<f64>,
    /// 0.95; null where there is no interval.
    confidence: Option<f64>,
    /// `hypergeometric_exact` or `wilson_effective_size`.
    method: Option<&'static str>,
}

/// An estimated amount, in fen.
#[derive(Debug, Serialize, ToSchema)]
pub struct EstimatedAmountOut {
    value: Fen,
    lower: Option<Fen>,
    upper: Option<Fen>,
}

/// What was found in a stratum.
#[derive(Debug, Serialize, ToSchema)]
pub struct StratumFoundOut {
    stratum: String,
    contracts: i64,
    amount_fen: Fen,
    drawn: i64,
    checked: i64,
    wrong: i64,
}

/// An auditor's work; `auditor` is null for what nobody has.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditorOut {
    auditor: Option<String>,
    assigned: i64,
    checked: i64,
    wrong: i64,
}

impl From<Filter> for FilterOut {
    fn from(f: Filter) -> Self {
        Self {
            unit: f.unit,
            contract_type: f.contract_type,
            field: f.field,
            agency: f.agency,
            amount_from_fen: f.amount_from_fen,
            amount_to_fen: f.amount_to_fen,
        }
    }
}

impl From<Design> for DesignOut {
    fn from(design: Design) -> Self {
        let kind = design.id();
        let seed = design.seed().map(str::to_owned);
        let (size, rate, by) = match design {
            Design::All => (None, None, None),
            Design::Random { size, .. } | Design::AmountWeighted { size, .. } | Design::RiskyFirst { size } => {
                (Some(size), None, None)
            }
            Design::Stratified { by, size, rate, .. } => (size, rate, Some(by.into_iter().map(|b| b.id()).collect())),
        };
        Self {
            kind,
            size,
            rate,
            seed,
            by,
        }
    }
}

impl From<Stratum> for StratumOut {
    fn from(s: Stratum) -> Self {
        Self {
            stratum: s.id,
            contracts: s.contracts,
            amount_fen: s.amount_fen,
            drawn: s.drawn,
        }
    }
}

impl From<AuditView> for SelfAuditOut {
    fn from(view: AuditView) -> Self {
        let (audit, progress) = (view.audit, view.progress);
        let made = audit.made;
        let sum = |of: fn(&Stratum) -> i64| made.strata.iter().map(of).fold(0, i64::saturating_add);
        let (mut completed, mut completion, mut abandoned) = (None, None, None);
        match audit.ended {
            Some((by, at, ending)) if ending.reason.is_some() => {
                abandoned = Some(AbandonedOut {
                    by,
                    at: at.to_string(),
                    reason: ending.reason.unwrap_or_default(),
                });
            }
            Some((by, at, ending)) => {
                completed = Some((by, at.to_string()));
                completion = Some(CompletionOut {
                    document_number: ending.document_number,
                    served_on: ending.served_on,
                    note: ending.note,
                    revoked: progress.revoked,
                    already_ended: progress.already_ended,
                });
            }
            None => {}
        }
        let (completed_by, completed_at) = completed.unzip();
        Self {
            id: audit.id,
            year: made.year,
            state: audit.state.id(),
            population: PopulationOut {
                contracts: sum(|s| s.contracts),
                amount_fen: sum(|s| s.amount_fen),
                digest: made.population_digest,
            },
            drawn: DrawnOut {
                contracts: sum(|s| s.drawn),
                digest: made.sample_digest,
            },
            progress: ProgressOut {
                open: progress.open,
                right: progress.right,
                wrong: progress.wrong,
                unassigned: progress.unassigned,
            },
            title: made.title,
            filter: made.filter.into(),
            design: made.design.into(),
            strata: made.strata.into_iter().map(StratumOut::from).collect(),
            auditors: made.auditors,
            created_by: made.created_by,
            created_at: made.created_at.to_string(),
            drawn_at: made.drawn_at.to_string(),
            completed_by,
            completed_at,
            completion,
            abandoned,
        }
    }
}

impl SelfAuditItemOut {
    /// An item of a self-audit.
    pub fn of(audit: &SelfAudit, item: Item) -> Self {
        let stratum = usize::try_from(item.drawn.stratum).ok();
        let stratum = stratum.and_then(|s| audit.made.strata.get(s));
        let finding = FindingOut::of(&item);
        Self {
            id: item.id,
            self_audit_id: audit.id,
            contract_id: item.drawn.contract_id,
            registration_number: item.registration_number,
            project_name: item.project_name,
            revision: item.drawn.revision,
            amount_fen: item.drawn.amount_fen,
            stratum: stratum.map(|s| s.id.clone()).unwrap_or_default(),
            assigned_to: item.drawn.assigned_to,
            state: item.state.id(),
            outcome: item.outcome,
            finding,
        }
    }
}

impl FindingOut {
    /// The finding about an item, where there is one.
    pub fn of(item: &Item) -> Option<Self> {
        let f: Finding = item.finding.clone()?;
        Some(Self {
            id: f.id,
            item_id: item.id,
            contract_id: item.drawn.contract_id,
            verdict: f.verdict.id(),
            ground: f.ground,
            note: f.note,
            document_number: f.document_number,
            served_on: f.served_on,
            found_by: f.found_by,
            found_at: f.found_at.to_string(),
        })
    }
}

impl From<Counted> for AuditedSumOut {
    fn from(c: Counted) -> Self {
        Self {
            contracts: c.contracts,
            amount_fen: c.amount_fen,
        }
    }
}

impl From<Estimate> for EstimateOut {
    fn from(e: Estimate) -> Self {
        Self {
            value: e.value,
            lower: e.interval.map(|(low, _)| low),
            upper: e.interval.map(|(_, high)| high),
            confidence: e.interval.map(|_| 0.95),
            method: e.method,
        }
    }
}

impl SelfAuditReportOut {
    /// The report of a self-audit of this key.
    pub fn of(id: i64, heading: Heading, report: Report) -> Self {
        let by_ground = report.wrong_by_ground.into_iter();
        Self {
            self_audit_id: id,
            title: heading.title,
            year: heading.year,
            state: heading.state.id(),
            design: heading.design.into(),
            filter: heading.filter.into(),
            drawn_at: heading.drawn_at.to_string(),
            ended_at: heading.ended_at.map(|at| at.to_string()),
            population: report.population.into(),
            drawn: report.drawn.into(),
            checked: report.checked.into(),
            right: report.right.into(),
            wrong: report.wrong.into(),
            wrong_by_ground: by_ground.map(|(id, counted)| (id, counted.into())).collect(),
            sample_error_rate: report.sample_error_rate,
            error_rate: report.error_rate.map(EstimateOut::from),
            amount_error_rate: report.amount_error_rate.map(EstimateOut::from),
            estimated_wrong_amount_fen: report.estimated_wrong_amount.map(|e| EstimatedAmountOut {
                value: e.value_fen,
                lower: e.interval_fen.map(|(low, _)| low),
                upper: e.interval_fen.map(|(_, high)| high),
            }),
            strata: report
                .strata
                .into_iter()
                .map(|s| StratumFoundOut {
                    stratum: s.stratum.id,
                    contracts: s.stratum.contracts,
                    amount_fen: s.stratum.amount_fen,
                    drawn: s.stratum.drawn,
                    checked: s.checked,
                    wrong: s.wrong,
                })
                .collect(),
            auditors: report
                .auditors
                .into_iter()
                .map(|a| AuditorOut {
                    auditor: a.auditor,
                    assigned: a.assigned,
                    checked: a.checked,
                    wrong: a.wrong,
                })
                .collect(),
            revoked: heading.revoked,
            already_ended: heading.already_ended,
        }
    }
}
