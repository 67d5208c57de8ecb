//! The contracts as the model has them: who may do what, where it leads, what it leaves.

use std::collections::{BTreeMap, BTreeSet};

use dengji::{
    domain::{account::Actor, workflow::Action},
    usecases::Error,
};

use super::panels::{Ballot, NOT_RECOGNISE, RECOGNISE, RECOGNISE_WITH_CHANGES};
use crate::support::desk::{Input, NON_TECHNOLOGY};

/// What an act must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    NotFound,
    Forbidden,
    VersionMissing,
    Stale,
    WrongState,
    Invalid,
}

/// A person: what the program is handed, and what the model goes by.
pub struct Someone {
    pub actor: Actor,
    pub registers: bool,
    pub reviews: bool,
    pub certified: bool,
    pub audits: bool,
    /// Sits on panels.
    pub advises: bool,
    /// May be handed contracts of a self-audit: the account is a reviewer's, whatever this person is now.
    pub checks: bool,
    /// Code of the agency; none is empty.
    pub agency: &'static str,
}

/// A contract as the model has it; `gone` once it was discarded.
#[derive(Debug, Clone)]
pub struct Model {
    pub id: i64,
    pub agency: &'static str,
    pub state: &'static str,
    pub version: i64,
    pub acts: usize,
    pub entered_by: String,
    pub submitted_by: Option<String>,
    pub claimed_by: Option<String>,
    pub confirmed_by: Option<String>,
    pub refused_by: Option<String>,
    pub ended_by: Option<String>,
    /// Number (made of an amount) and day of the last report.
    pub reported: Option<(i64, String)>,
    /// A change was asked for and nobody decided; approvals are not drawn here.
    pub asked: bool,
    pub confirmed_in: i32,
    pub complete: bool,
    pub technology: i64,
    pub total: i64,
    /// Who did something with it, but as an expert.
    pub workers: BTreeSet<String>,
    /// By key of a panel that has or had it: who sits there and does not stay out.
    pub seats: BTreeMap<i64, BTreeSet<String>>,
    /// What experts concluded on this submission.
    pub conclusion: Option<Ballot>,
}

impl Model {
    pub fn sees(&self, who: &Someone) -> bool {
        who.audits
            || (who.registers && who.agency == self.agency)
            || (who.reviews && self.state != "draft")
            || (who.advises && self.seated(&who.actor.username))
    }

    /// Whether someone sits on a panel that has or had it.
    pub fn seated(&self, username: &str) -> bool {
        self.seats.values().any(|of_panel| of_panel.contains(username))
    }

    /// Whether a reviewer had to do with it, or the own agency did.
    pub fn own(&self, who: &Someone) -> bool {
        let me = Some(&who.actor.username);
        me == Some(&self.entered_by) || me == self.submitted_by.as_ref() || who.agency == self.agency
    }

    /// Whether the person may do this, whatever the state.
    pub fn may(&self, who: &Someone, action: Action) -> bool {
        let me = Some(&who.actor.username);
        let registers = who.registers && who.agency == self.agency;
        let reviews = who.reviews && !self.own(who);
        let unclaimed_or_mine = self.claimed_by.is_none() || self.claimed_by.as_ref() == me;
        match action.id() {
            "edit" | "discard" | "withdraw" | "amend" | "cancel" => registers,
            "submit" => registers && who.certified,
            "claim" => reviews && !self.seated(&who.actor.username),
            "release" | "return" | "refer" | "recall" | "confirm" | "refuse" => reviews && unclaimed_or_mine,
            "reassign" => reviews && self.claimed_by.as_ref() != me && !self.seated(&who.actor.username),
            "revoke" => reviews && self.confirmed_by.as_ref() != me,
            "reinstate" => reviews && self.ended_by.as_ref() != me,
            "reopen" => reviews && self.refused_by.as_ref() != me,
            "report" => registers || who.reviews,
            _ => false,
        }
    }

    pub fn leads_to(&self, action: Action) -> Option<&'static str> {
        match (self.state, action.id()) {
            ("draft", "edit") => Some("draft"),
            ("returned", "edit") => Some("returned"),
            ("draft", "discard") => Some("gone"),
            ("draft" | "returned", "submit") => Some("submitted"),
            ("submitted" | "returned", "withdraw") => Some("withdrawn"),
            ("submitted", "claim") => Some("under_review"),
            ("under_review", "release") => Some("submitted"),
            ("under_review", "reassign") => Some("under_review"),
            ("under_review", "return") => Some("returned"),
            ("under_review", "refer") => Some("expert_review"),
            ("expert_review", "recall") => Some("under_review"),
            ("under_review", "confirm") => Some("confirmed"),
            ("under_review", "refuse") => Some("refused"),
            ("confirmed", "amend" | "cancel") => (!self.asked).then_some("confirmed"),
            ("confirmed", "report") => Some("confirmed"),
            ("confirmed", "revoke") => Some("revoked"),
            ("revoked", "reinstate") => Some("confirmed"),
            ("refused", "reopen") => Some("submitted"),
            _ => None,
        }
    }

    pub fn expect(&self, who: &Someone, action: Action, version: Option<i64>, input: Input) -> Outcome {
        if self.state == "gone" || !self.sees(who) {
            return Outcome::NotFound;
        }
        if !self.may(who, action) {
            return Outcome::Forbidden;
        }
        let Some(version) = version else {
            return Outcome::VersionMissing;
        };
        if version != self.version {
            let taken = action == Action::Claim && self.state == "under_review";
            return if taken { Outcome::WrongState } else { Outcome::Stale };
        }
        if self.leads_to(action).is_none() {
            return Outcome::WrongState;
        }
        let wrong = match (action.id(), input) {
            ("claim" | "release" | "discard", _) => false,
            ("submit", _) if !self.complete => true,
            ("confirm", Input::Valid(fen)) => fen > self.total || self.differs(fen),
            ("confirm", Input::Noted(fen)) => fen > self.total,
            ("refuse", Input::Valid(_)) => self.conclusion.is_some_and(|(vote, _)| vote < NOT_RECOGNISE),
            (_, input) => input == Input::Invalid,
        };
        if wrong { Outcome::Invalid } else { Outcome::Done }
    }

    /// Whether this technology amount is not what the experts concluded, so that a note is owed.
    fn differs(&self, fen: i64) -> bool {
        match self.conclusion {
            None => false,
            Some((RECOGNISE, _)) => fen != self.technology,
            Some((RECOGNISE_WITH_CHANGES, changed)) => fen != changed.unwrap_or(self.technology),
            Some(_) => true,
        }
    }

    /// What a successful act makes of the contract.
    pub fn follow(&mut self, who: &Someone, action: Action, input: Input, today: &str) {
        let year = today[..4].parse().unwrap();
        let me = Some(who.actor.username.clone());
        let state = self.leads_to(action).unwrap();
        match (action.id(), input) {
            // Nothing changes, nothing is written.
            ("edit", Input::Valid(fen) | Input::Noted(fen)) if self.complete && self.technology == fen => return,
            ("edit", Input::Valid(fen) | Input::Noted(fen)) => {
                (self.technology, self.total) = (fen, fen + NON_TECHNOLOGY);
                self.complete = true;
            }
            ("submit", _) => {
                self.submitted_by = me;
                self.conclusion = None;
            }
            ("claim" | "reassign", _) => self.claimed_by = me,
            ("release" | "return", _) => self.claimed_by = None,
            ("refuse", _) => {
                self.claimed_by = None;
                self.refused_by = me;
            }
            ("reopen", _) => {
                self.refused_by = None;
                self.conclusion = None;
            }
            ("amend" | "cancel", _) => self.asked = true,
            ("revoke", _) => {
                self.ended_by = me;
                self.asked = false;
            }
            ("reinstate", _) => self.ended_by = None,
            // The same report on the same day changes nothing.
            ("report", Input::Valid(fen) | Input::Noted(fen)) => {
                let report = Some((fen, today.to_owned()));
                if self.reported == report {
                    return;
                }
                self.reported = report;
            }
            ("confirm", Input::Valid(fen) | Input::Noted(fen)) => {
                self.claimed_by = None;
                self.confirmed_by = me;
                self.confirmed_in = year;
                self.technology = fen;
            }
            _ => {}
        }
        self.workers.insert(who.actor.username.clone());
        self.state = state;
        self.version += 1;
        self.acts += 1;
    }
}

/// What the program made of it.
pub fn outcome_of<T>(result: &Result<T, Error>) -> Outcome {
    match result {
        Ok(_) => Outcome::Done,
        Err(Error::NotFound) => Outcome::NotFound,
        Err(Error::Forbidden(_)) => Outcome::Forbidden,
        Err(Error::VersionMissing) => Outcome::VersionMissing,
        Err(Error::Stale { .. }) => Outcome::Stale,
        // A second request beside an open one; the number reported is the contract's own.
        Err(Error::WrongState(_) | Error::Conflict(_)) => Outcome::WrongState,
        Err(Error::Invalid(_)) => Outcome::Invalid,
        Err(other) => panic!("{other:?}"),
    }
}
