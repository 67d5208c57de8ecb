//! What a panel's conclusion means for the reviewer who confirms: binding where the rule set demands experts, to be answered in
//! writing where it does not.

use crate::domain::{
    contract::{Conclusion, Content, Contract, ExpertConclusion},
    error::FieldError,
    rules::ExpertReviewRule,
};

/// What the reviewer owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Duty {
    /// Nothing: the decision agrees with the conclusion, or there is none and none is needed.
    Nothing,
    /// A note that says why the decision differs.
    Note,
    /// These values must be those of the conclusion.
    Values(Vec<FieldError>),
    /// Nothing can be confirmed: told in Chinese.
    Stop(&'static str),
}

/// Whether a positive conclusion is required: the contract amount (合同成交额, fen) is the rule set's own limit or more.
pub fn is_required(rule: &ExpertReviewRule, content: &Content) -> bool {
    let amount = content.amount_fen.unwrap_or(0);
    rule.from_fen.is_some_and(|from| from <= amount)
}

/// What a reviewer owes who confirms `verified`, entered as `entered`, after `conclusion` on this submission. What the experts
/// changed is binding where they are required; what they left as entered the reviewer may still change, saying why.
pub fn on_confirm(
    rule: &ExpertReviewRule,
    conclusion: Option<&ExpertConclusion>,
    entered: &Content,
    verified: &Content,
) -> Duty {
    let required = is_required(rule, entered);
    let Some(concluded) = conclusion else {
        return if required {
            Duty::Stop("该合同金额达到须经专家论证的标准，尚无本次提交的肯定性论证结论，不能确认；请先提请专家论证。")
        } else {
            Duty::Nothing
        };
    };
    if concluded.conclusion == Conclusion::NotRecognise {
        return if required {
            Duty::Stop("该合同须经专家论证，专家结论为不予认定，不能确认。")
        } else {
            Duty::Note
        };
    }
    let fields = [
        (
            "/verified_type",
            concluded.contract_type.is_some(),
            concluded.contract_type.as_ref().or(entered.contract_type.as_ref()) == verified.contract_type.as_ref(),
        ),
        (
            "/verified_subtype",
            concluded.subtype.is_some(),
            concluded.subtype.as_ref().or(entered.subtype.as_ref()) == verified.subtype.as_ref(),
        ),
        (
            "/verified_technology_amount_fen",
            concluded.technology_amount_fen.is_some(),
            concluded.technology_amount_fen.or(entered.technology_amount_fen) == verified.technology_amount_fen,
        ),
    ];
    let binding: Vec<FieldError> = fields
        .iter()
        .filter(|(_, changed, agrees)| required && *changed && !agrees)
        .map(|(pointer, ..)| {
            FieldError::new(
                *pointer,
                "differs_from_experts",
                "该合同须经专家论证，核定值应与专家结论一致。",
            )
        })
        .collect();
    if !binding.is_empty() {
        Duty::Values(binding)
    } else if fields.iter().all(|(.., agrees)| *agrees) {
        Duty::Nothing
    } else {
        Duty::Note
    }
}

/// Whether a contract cannot be confirmed as experts have, or have not, concluded on this submission.
pub fn stops(rule: &ExpertReviewRule, contract: &Contract) -> bool {
    let content = &contract.content;
    let duty = on_confirm(rule, contract.expert_conclusion.as_ref(), content, content);
    matches!(duty, Duty::Stop(_))
}

/// Whether a reviewer who refuses goes against what experts concluded on this submission, and so owes a note.
pub fn refusal_owes_note(conclusion: Option<&ExpertConclusion>) -> bool {
    conclusion.is_some_and(|c| c.conclusion != Conclusion::NotRecognise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Moment;

    fn content(contract_type: &str, technology: i64) -> Content {
        Content {
            contract_type: Some(contract_type.to_owned()),
            subtype: Some(format!("{contract_type}_x")),
            amount_fen: Some(1000),
            technology_amount_fen: Some(technology),
            ..Content::default()
        }
    }

    fn said(conclusion: Conclusion, technology: Option<i64>) -> ExpertConclusion {
        ExpertConclusion {
            expert_review_id: 1,
            at: Moment::from_micros(0),
            conclusion,
            contract_type: None,
            subtype: None,
            technology_amount_fen: technology,
        }
    }

    #[test]
    fn duties() {
        let rule = |from_fen| ExpertReviewRule {
            at_least_votes: 3,
            share: (2, 3),
            from_fen,
        };
        let pointers = |duty: Duty| match duty {
            Duty::Values(errors) => errors.iter().map(|e| e.pointer.clone()).collect::<Vec<_>>().join(" "),
            Duty::Stop(_) => "stop".to_owned(),
            Duty::Note => "note".to_owned(),
            Duty::Nothing => String::new(),
        };
        let entered = content("development", 800);
        let changed = said(Conclusion::RecogniseWithChanges, Some(500));
        let negative = said(Conclusion::NotRecognise, None);
        let positive = said(Conclusion::Recognise, None);
        for (from_fen, conclusion, kind, technology, expected) in [
            (None, None, "development", 1, ""),
            (Some(1001), None, "development", 1, ""),
            (Some(1000), None, "development", 800, "stop"),
            (Some(1000), Some(&negative), "development", 800, "stop"),
            (None, Some(&negative), "development", 800, "note"),
            (Some(1000), Some(&positive), "development", 800, ""),
            (Some(1000), Some(&positive), "development", 700, "note"),
            (Some(1000), Some(&changed), "development", 500, ""),
            (
                Some(1000),
                Some(&changed),
                "development",
                800,
                "/verified_technology_amount_fen",
            ),
            (Some(1000), Some(&changed), "service", 500, "note"),
            (None, Some(&changed), "development", 800, "note"),
            (None, Some(&changed), "development", 500, ""),
        ] {
            let duty = on_confirm(&rule(from_fen), conclusion, &entered, &content(kind, technology));
            assert_eq!(
                pointers(duty),
                expected,
                "{from_fen:?} {conclusion:?} {kind} {technology}"
            );
        }
        assert!(refusal_owes_note(Some(&positive)) && refusal_owes_note(Some(&changed)));
        assert!(!refusal_owes_note(Some(&negative)) && !refusal_owes_note(None));
    }
}
