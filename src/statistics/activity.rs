//! Activities of the technology market: trainings, guidance, matchmaking, technology managers. Source: the published report's
//! overview.

use super::{annual::Figure, coder::Coder, question::Question, value::FigureValue};
use crate::domain::{code_list::ListName, interchange::ActivityRow, time::Date};

/// What one kind of activity came to.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    events: i64,
    participants: i64,
    participants_xpcc: i64,
    items: i64,
}

impl Tally {
    fn add(&mut self, activity: &ActivityRow) {
        self.events += activity.events.unwrap_or_default();
        self.participants += activity.participants.unwrap_or_default();
        self.participants_xpcc += activity.participants_xpcc.unwrap_or_default();
        self.items += activity.items.unwrap_or_default();
    }
}

/// Tallies by kind: of the span asked for, and of all time up to the closing day.
#[derive(Debug)]
pub(super) struct Activities {
    /// Of the span, by the index in the list `activity_kind`.
    year: Vec<Tally>,
    to_date: Vec<Tally>,
    first_day: Date,
    last_day: Date,
}

/// Measures of a kind that has a place of its own in the section: kind, key in the section, events, participants, items.
const PLACED: [(&str, &str, [bool; 3]); 6] = [
    ("policy_training", "policy_training", [true, true, false]),
    ("guidance_visit", "guidance_visits", [true, false, false]),
    ("results_listed", "results_listed", [false, false, true]),
    ("results_published", "results_published", [false, false, true]),
    (
        "technology_manager_training",
        "technology_manager_training",
        [true, true, false],
    ),
    ("registrar_training", "registrar_training", [true, true, false]),
];

/// Kinds that count technology managers: kind, key under `technology_managers`.
const MANAGERS: [(&str, &str); 3] = [
    ("technology_manager_junior", "junior"),
    ("technology_manager_intermediate", "intermediate"),
    ("technology_manager_senior", "senior"),
];

/// 技术经理人培训 and 技术经理人往年培养: together, all who were ever trained.
const TRAINED: [&str; 2] = ["technology_manager_training", "technology_managers_trained_before"];

impl Activities {
    pub fn new(coder: &Coder<'_>, question: &Question) -> Self {
        let kinds = coder.items(ListName::ActivityKind).len();
        Self {
            year: vec![Tally::default(); kinds],
            to_date: vec![Tally::default(); kinds],
            first_day: question.span().first_day(question.year()),
            last_day: question.closing_day(),
        }
    }

    pub fn add(&mut self, coder: &Coder<'_>, activity: &ActivityRow) {
        let kind = usize::from(coder.code(ListName::ActivityKind, Some(&activity.kind)));
        if activity.held_on > self.last_day {
            return;
        }
        if let Some(tally) = self.to_date.get_mut(kind) {
            tally.add(activity);
        }
        if self.first_day <= activity.held_on
            && let Some(tally) = self.year.get_mut(kind)
        {
            tally.add(activity);
        }
    }

    /// The section `activities`. A kind of an office's own list that has no place of its own stands under its id.
    pub fn figures(&self, coder: &Coder<'_>) -> Vec<Figure> {
        let tally = |tallies: &[Tally], kind: &str| {
            let index = usize::from(coder.code(ListName::ActivityKind, Some(kind)));
            tallies.get(index).copied().unwrap_or_default()
        };
        let mut figures = Vec::new();
        let mut put = |name: String, n: i64| {
            figures.push(Figure {
                name: format!("activities.{name}"),
                value: FigureValue::count(n),
            })
        };
        let mut place = |key: &str, tally: Tally, shown: [bool; 3]| {
            for (name, n, shown) in [
                ("events", tally.events, shown[0]),
                ("participants", tally.participants, shown[1]),
                ("items", tally.items, shown[2]),
            ] {
                if shown {
                    put(format!("{key}.{name}"), n);
                }
            }
        };
        for (kind, key, shown) in PLACED {
            place(key, tally(&self.year, kind), shown);
        }
        let placed =
            |id: &str| PLACED.iter().any(|p| p.0 == id) || MANAGERS.iter().any(|m| m.0 == id) || TRAINED.contains(&id);
        for item in coder
            .items(ListName::ActivityKind)
            .iter()
            .filter(|item| !placed(&item.id))
        {
            place(&item.id, tally(&self.year, &item.id), [true; 3]);
        }
        for (kind, key) in MANAGERS {
            put(format!("technology_managers.{key}"), tally(&self.year, kind).items);
        }
        let trained = TRAINED.map(|kind| tally(&self.to_date, kind));
        put(
            "technology_managers.trained_to_date".into(),
            trained.iter().map(|t| t.participants).sum(),
        );
        put(
            "technology_managers.trained_to_date_xpcc".into(),
            trained.iter().map(|t| t.participants_xpcc).sum(),
        );
        figures
    }
}
