//! Bodies of requests about expert panels.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::{
    api::json::Document,
    domain::{money::Fen, time::Date},
    usecases::expert_reviews::{
        close_voting::VotingInput, conclude::ConcludeInput, convene::ConveneInput, edit::EditInput,
        give_opinion::OpinionInput, recuse::RecuseInput,
    },
};

/// A panel to convene.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ConveneIn {
    /// At most 200 characters.
    title: Option<String>,
    held_on: Option<Date>,
    /// Username; one of `experts`.
    chair: Option<String>,
    /// Usernames, at most 50.
    experts: Option<Vec<String>>,
    /// Keys of contracts that wait for experts, at most 100.
    contracts: Option<Vec<i64>>,
}

impl Document for ConveneIn {
    const ARRAYS: &'static [&'static str] = &["/experts", "/contracts"];
}

impl From<ConveneIn> for ConveneInput {
    fn from(body: ConveneIn) -> Self {
        Self {
            title: body.title,
            held_on: body.held_on,
            chair: body.chair,
            experts: body.experts,
            contracts: body.contracts,
        }
    }
}

/// Tells `null` from what is absent.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Changes to a panel; what is absent stays.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ExpertReviewPatch {
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    title: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Date>)]
    held_on: Option<Option<Date>>,
    /// Username; one of the experts.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    chair: Option<Option<String>>,
    /// Usernames of all members from now on.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>)]
    experts: Option<Option<Vec<String>>>,
    /// Keys of contracts that wait for experts, to be taken in; those before the panel stay.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Vec<i64>>)]
    contracts: Option<Option<Vec<i64>>>,
}

impl Document for ExpertReviewPatch {
    const ARRAYS: &'static [&'static str] = &["/experts", "/contracts"];
}

impl From<ExpertReviewPatch> for EditInput {
    fn from(body: ExpertReviewPatch) -> Self {
        Self {
            title: body.title,
            held_on: body.held_on,
            chair: body.chair,
            experts: body.experts,
            contracts: body.contracts,
        }
    }
}

/// A recusal.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct RecuseIn {
    /// None: every open contract of the panel, and those that join it later.
    contract_id: Option<i64>,
    /// The member, where the convener records it; none: the caller.
    username: Option<String>,
    reason: Option<String>,
}

impl Document for RecuseIn {}

impl From<RecuseIn> for RecuseInput {
    fn from(body: RecuseIn) -> Self {
        Self {
            contract_id: body.contract_id,
            username: body.username,
            reason: body.reason,
        }
    }
}

/// An opinion.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct OpinionIn {
    contract_id: Option<i64>,
    /// `recognise`, `recognise_with_changes` or `not_recognise`.
    #[schema(example = "recognise")]
    vote: Option<String>,
    /// Code list `type`; this and the next two with `recognise_with_changes` alone.
    #[serde(rename = "type")]
    contract_type: Option<String>,
    /// Code list `subtype`; required when the type changes.
    subtype: Option<String>,
    /// Fen.
    technology_amount_fen: Option<Fen>,
    text: Option<String>,
}

impl Document for OpinionIn {}

impl From<OpinionIn> for OpinionInput {
    fn from(body: OpinionIn) -> Self {
        Self {
            contract_id: body.contract_id,
            vote: body.vote,
            contract_type: body.contract_type,
            subtype: body.subtype,
            technology_amount_fen: body.technology_amount_fen,
            text: body.text,
        }
    }
}

/// A contract of the panel.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct VotingIn {
    contract_id: Option<i64>,
}

impl Document for VotingIn {}

impl From<VotingIn> for VotingInput {
    fn from(body: VotingIn) -> Self {
        Self {
            contract_id: body.contract_id,
        }
    }
}

/// A conclusion to draw.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ConcludeIn {
    contract_id: Option<i64>,
    /// Where it is named, it must be what the votes give.
    #[schema(example = "recognise")]
    conclusion: Option<String>,
    reason: Option<String>,
}

impl Document for ConcludeIn {}

impl From<ConcludeIn> for ConcludeInput {
    fn from(body: ConcludeIn) -> Self {
        Self {
            contract_id: body.contract_id,
            conclusion: body.conclusion,
            reason: body.reason,
        }
    }
}
