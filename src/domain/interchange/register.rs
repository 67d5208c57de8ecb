//! A contract as a row of the register.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::text::tidy;
use crate::domain::{
    contract::{Content, Contract, Ended, HOME_COUNTRY, Refusal, Returned},
    money::Fen,
    time::Moment,
    uscc,
    workflow::State,
};

/// One contract as a row of the register says it. Two rows that mean the same are equal, however they were typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterRow {
    /// 登记编号.
    pub registration_number: Option<String>,
    /// 国家登记编号.
    pub national_number: Option<String>,
    /// 登记机构, by name.
    pub agency: Option<String>,
    /// 机构代码, six digits.
    pub agency_code: Option<String>,
    /// 登记员证书编号.
    pub registrar_certificate: Option<String>,
    /// What the parties agreed.
    pub content: Content,
    /// 状态; never `under_review` nor `expert_review`: history has no claimer, so those read as `submitted`.
    pub state: State,
    /// 提交时间.
    pub submitted_at: Option<Moment>,
    /// 审核确认时间.
    pub confirmed_at: Option<Moment>,
    /// 专家论证: concluded, see [`RegisterRow::concluded_at`].
    pub expert_reviewed: bool,
    /// Last return, where the state is `returned`.
    pub returned: Option<Returned>,
    /// Refusal, where the state is `refused`.
    pub refusal: Option<Refusal>,
    /// End, where the state is `revoked` or `cancelled`.
    pub ended: Option<Ended>,
}

impl RegisterRow {
    /// A live contract as the register's tabular form says it: what the form has no column for is left out, so that a row
    /// written and read again is equal.
    ///
    /// Left out: who claimed or decided, fields to correct of a return, the rule set, earlier revisions. 审核中 and 专家论证
    /// become 待审核; a conclusion of experts keeps that it was, not when, and only where the form implies when.
    pub fn of(contract: &Contract) -> Self {
        Self {
            registration_number: contract.registration_number.clone(),
            national_number: contract.national_number.clone(),
            agency: contract.agency.as_ref().map(|a| a.name.clone()),
            agency_code: contract.agency.as_ref().and_then(|a| a.code.clone()),
            registrar_certificate: contract.registrar_certificate.clone(),
            content: contract.content.clone(),
            state: contract.state,
            submitted_at: contract.submitted_at,
            confirmed_at: contract.confirmed_at,
            expert_reviewed: contract.expert_concluded_at.is_some(),
            returned: contract.returned.clone(),
            refusal: contract.refusal.clone(),
            ended: contract.ended.clone(),
        }
        .normalised()
    }

    /// When experts concluded, if they did: at the moment of confirmation, on a refused contract at that of submission. The form
    /// knows no other moment, so that on a contract without one it cannot say that experts concluded.
    pub fn concluded_at(&self) -> Option<Moment> {
        match self.state {
            State::Refused => self.submitted_at,
            state if state.was_confirmed() => self.confirmed_at,
            _ => None,
        }
    }

    /// The row as it would be read from a file that it was written to: texts tidied, empty ones none, the third amount
    /// filled in, and of return, refusal and end only what goes with the state and has a column.
    pub fn normalised(mut self) -> Self {
        for text in self.texts_mut() {
            tidy_option(text);
        }
        for party in [&mut self.content.seller, &mut self.content.buyer] {
            party.uscc = party.uscc.as_deref().map(uscc::normalise);
            if party.country.trim().is_empty() {
                party.country = HOME_COUNTRY.into();
            }
        }
        if matches!(self.state, State::UnderReview | State::ExpertReview) {
            self.state = State::Submitted;
        }
        let content = &mut self.content;
        if let Some(total) = content.amount_fen {
            (content.technology_amount_fen, content.non_technology_amount_fen) =
                remaining_amounts(total, content.technology_amount_fen, content.non_technology_amount_fen);
        }
        self.expert_reviewed &= self.concluded_at().is_some();
        self.returned = self
            .returned
            .filter(|_| self.state == State::Returned)
            .map(|r| Returned {
                at: r.at,
                reason: tidy(&r.reason).into_owned(),
                items: Vec::new(),
            });
        self.refusal = self
            .refusal
            .filter(|r| self.state == State::Refused && (r.at.is_some() || !r.reasons.is_empty() || r.note.is_some()))
            .map(|r| Refusal { by: None, ..r });
        let state = self.state;
        self.ended = self
            .ended
            .filter(|_| matches!(state, State::Revoked | State::Cancelled))
            .map(|e| Ended {
                state,
                by: None,
                self_audit_id: None,
                ..e
            });
        self
    }

    /// Takes over what `stored` says in a column that this row's file does not have. Of the optional columns, the code of the
    /// agency belongs to the agency and is left; the others of the form are in every file.
    pub fn keep(&mut self, column: super::RegisterColumn, stored: &Self) {
        use super::RegisterColumn as C;
        let (content, kept) = (&mut self.content, &stored.content);
        match column {
            C::NationalNumber => self.national_number.clone_from(&stored.national_number),
            C::ReceivedOn => content.received_on = kept.received_on,
            C::SellerAddress => content.seller.address.clone_from(&kept.seller.address),
            C::SellerLegalRepresentative => {
                content
                    .seller
                    .legal_representative
                    .clone_from(&kept.seller.legal_representative);
            }
            C::SellerContact => content.seller.contact.clone_from(&kept.seller.contact),
            C::SellerPhone => content.seller.phone.clone_from(&kept.seller.phone),
            C::BuyerAddress => content.buyer.address.clone_from(&kept.buyer.address),
            C::BuyerLegalRepresentative => {
                content
                    .buyer
                    .legal_representative
                    .clone_from(&kept.buyer.legal_representative);
            }
            C::BuyerContact => content.buyer.contact.clone_from(&kept.buyer.contact),
            C::BuyerPhone => content.buyer.phone.clone_from(&kept.buyer.phone),
            C::RelatedParty => content.related_party = kept.related_party,
            C::Summary => content.summary.clone_from(&kept.summary),
            C::DocumentNumber | C::ServedOn | C::EndNote => {
                if let (Some(ended), Some(kept)) = (&mut self.ended, &stored.ended) {
                    match column {
                        C::DocumentNumber => ended.document_number.clone_from(&kept.document_number),
                        C::ServedOn => ended.served_on = kept.served_on,
                        _ => ended.note.clone_from(&kept.note),
                    }
                }
            }
            C::RefusedAt | C::RefusalReasons | C::RefusalNote if self.state == State::Refused => {
                self.refusal.clone_from(&stored.refusal);
            }
            C::ReturnedAt | C::ReturnReason if self.state == State::Returned => {
                self.returned.clone_from(&stored.returned);
            }
            _ => {}
        }
    }

    fn texts_mut(&mut self) -> impl Iterator<Item = &mut Option<String>> {
        let content = &mut self.content;
        let parties = [&mut content.seller, &mut content.buyer].into_iter().flat_map(|p| {
            [
                &mut p.name,
                &mut p.uscc,
                &mut p.kind,
                &mut p.region,
                &mut p.address,
                &mut p.legal_representative,
                &mut p.contact,
                &mut p.phone,
            ]
        });
        let own = [
            &mut self.registration_number,
            &mut self.national_number,
            &mut self.agency,
            &mut self.agency_code,
            &mut self.registrar_certificate,
            &mut content.project_name,
            &mut content.contract_type,
            &mut content.subtype,
            &mut content.unit,
            &mut content.buyer_unit,
            &mut content.field,
            &mut content.plan_source,
            &mut content.plan_name,
            &mut content.plan_number,
            &mut content.ip_kind,
            &mut content.objective,
            &mut content.payment_mode,
            &mut content.cross_border,
            &mut content.summary,
        ];
        let refusal = self.refusal.iter_mut().map(|r| &mut r.note);
        let ended = self
            .ended
            .iter_mut()
            .flat_map(|e| [&mut e.ground, &mut e.document_number, &mut e.note]);
        parties.chain(own).chain(refusal).chain(ended)
    }
}

/// Tidies a text in place; an empty one becomes none.
fn tidy_option(text: &mut Option<String>) {
    if let Some(whole) = text {
        match tidy(whole) {
            t if t.is_empty() => *text = None,
            Cow::Borrowed(t) if t.len() == whole.len() => {}
            t => *text = Some(t.into_owned()),
        }
    }
}

/// Technology and non-technology amount, where one of the two is missing and follows from the total; a technology amount is
/// never guessed from the total alone.
pub fn remaining_amounts(
    total: Fen,
    technology: Option<Fen>,
    non_technology: Option<Fen>,
) -> (Option<Fen>, Option<Fen>) {
    match (technology, non_technology) {
        (Some(t), None) => (Some(t), Some(total - t)),
        (None, Some(n)) => (Some(total - n), Some(n)),
        both => both,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{contract::ReturnItem, time::Moment};

    fn contract(state: State) -> Contract {
        let at = Moment::parse("2025-06-01T10:00:00+08:00").unwrap();
        Contract {
            id: 1,
            version: 3,
            revision: 1,
            state,
            registration_number: Some("2025660003500001".into()),
            national_number: Some(" ".into()),
            content: Content {
                project_name: Some("　甲\r\n乙 ".into()),
                amount_fen: Some(500),
                technology_amount_fen: Some(300),
                ..Content::default()
            },
            agency: None,
            registrar_certificate: None,
            rule_set: None,
            entered_by: None,
            submitted_by: None,
            claimed_by: Some("r".into()),
            confirmed_by: None,
            created_at: at,
            submitted_at: Some(at),
            due_on: None,
            confirmed_at: None,
            returned: Some(Returned {
                at,
                reason: "改".into(),
                items: vec![ReturnItem {
                    pointer: Some("/amount_fen".into()),
                    attachment: None,
                    detail: "有误".into(),
                }],
            }),
            refusal: Some(Refusal {
                at: None,
                reasons: Vec::new(),
                note: None,
                by: None,
            }),
            ended: Some(Ended {
                at,
                state: State::Revoked,
                ground: None,
                document_number: None,
                served_on: None,
                note: None,
                by: Some("r".into()),
                self_audit_id: None,
            }),
            expert_concluded_at: Some(at),
            claimed_at: None,
            expert_conclusion: None,
            open_change_request: None,
            experts: Vec::new(),
        }
    }

    #[test]
    fn a_row_carries_only_what_the_form_can() {
        let row = RegisterRow::of(&contract(State::UnderReview));
        assert_eq!(row.state, State::Submitted);
        assert_eq!((&row.returned, &row.refusal, &row.ended), (&None, &None, &None));
        assert_eq!(row.content.project_name.as_deref(), Some("甲\n乙"));
        assert_eq!(row.national_number, None);
        assert_eq!(row.content.non_technology_amount_fen, Some(200));
        assert!(!row.expert_reviewed && RegisterRow::of(&contract(State::Refused)).expert_reviewed);
        assert_eq!(row.clone().normalised(), row);

        let returned = RegisterRow::of(&contract(State::Returned)).returned.unwrap();
        assert!(returned.items.is_empty() && returned.reason == "改");
        assert_eq!(RegisterRow::of(&contract(State::Refused)).refusal, None);
        assert_eq!(RegisterRow::of(&contract(State::Revoked)).ended.unwrap().by, None);
    }

    #[test]
    fn a_technology_amount_is_never_guessed() {
        assert_eq!(remaining_amounts(10, None, None), (None, None));
        assert_eq!(remaining_amounts(10, Some(7), None), (Some(7), Some(3)));
        assert_eq!(remaining_amounts(10, None, Some(7)), (Some(3), Some(7)));
        assert_eq!(remaining_amounts(10, Some(1), Some(2)), (Some(1), Some(2)));
    }
}
