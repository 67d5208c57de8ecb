//! A contract as callers send it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::json::{Document, typed},
    domain::{
        contract::{Content, HOME_COUNTRY, Party},
        error::FieldError,
        money::Fen,
        time::Date,
    },
    http::merge_patch::merge,
};

/// One side of a contract.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PartyIn {
    /// Full legal name.
    name: Option<String>,
    /// Unified social credit code (GB 32100-2015).
    #[schema(example = "91650102LAB931P57H")]
    uscc: Option<String>,
    /// Code list `party_kind`.
    #[schema(example = "enterprise")]
    kind: Option<String>,
    /// GB/T 2260, six digits.
    #[schema(example = "659001")]
    region: Option<String>,
    /// ISO 3166-1 alpha-3; CHN where absent.
    #[schema(example = "CHN")]
    country: Option<String>,
    address: Option<String>,
    legal_representative: Option<String>,
    contact: Option<String>,
    phone: Option<String>,
}

/// The buyer: a party, and the Corps unit it belongs to.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct BuyerIn {
    /// Full legal name.
    name: Option<String>,
    /// Unified social credit code (GB 32100-2015).
    uscc: Option<String>,
    /// Code list `party_kind`.
    kind: Option<String>,
    /// GB/T 2260, six digits.
    region: Option<String>,
    /// ISO 3166-1 alpha-3; CHN where absent.
    country: Option<String>,
    address: Option<String>,
    legal_representative: Option<String>,
    contact: Option<String>,
    phone: Option<String>,
    /// Code list `unit`; null for a buyer outside the Corps.
    unit: Option<String>,
}

/// What callers may write of a contract. Absent fields stay as they are, null clears (RFC 7396).
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ContractIn {
    /// 2–200 characters.
    project_name: Option<String>,
    /// Code list `type`.
    #[serde(rename = "type")]
    #[schema(example = "development")]
    contract_type: Option<String>,
    /// Code list `subtype`.
    #[schema(example = "dev_commissioned")]
    subtype: Option<String>,
    /// Reporting unit: code list `unit`.
    #[schema(example = "div_08")]
    unit: Option<String>,
    /// Null: nothing is known of it yet.
    #[schema(value_type = Option<PartyIn>)]
    seller: PartyIn,
    /// Null: nothing is known of it yet.
    #[schema(value_type = Option<BuyerIn>)]
    buyer: BuyerIn,
    /// Papers received at the agency; the day of submission where absent.
    received_on: Option<Date>,
    signed_on: Option<Date>,
    begins_on: Option<Date>,
    ends_on: Option<Date>,
    /// 合同成交额, fen.
    amount_fen: Option<Fen>,
    /// 技术交易额, fen.
    technology_amount_fen: Option<Fen>,
    /// 非技术性费用, fen.
    non_technology_amount_fen: Option<Fen>,
    /// Code list `field`.
    field: Option<String>,
    /// Code list `plan_source`.
    plan_source: Option<String>,
    plan_name: Option<String>,
    plan_number: Option<String>,
    /// Code list `ip_kind`.
    ip_kind: Option<String>,
    /// Code list `objective`.
    objective: Option<String>,
    /// Code list `payment_mode`.
    payment_mode: Option<String>,
    /// Code list `cross_border`.
    cross_border: Option<String>,
    related_party: Option<bool>,
    /// At least 30 characters.
    summary: Option<String>,
}

impl Document for ContractIn {}

/// A merge patch as it came: the fields that the caller named.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct ContractPatch(pub serde_json::Map<String, Value>);

impl Document for ContractPatch {
    // What is wrong inside, arrays too, is told when the patch is applied.
    const AS_IT_CAME: bool = true;
}

/// Applies a merge patch to a content, by way of the form in which callers see it.
///
/// # Errors
/// Every field that is not of its type, and every unknown one.
pub fn apply(patch: &Value, before: &Content) -> Result<Content, Vec<FieldError>> {
    let failed = |e: serde_json::Error| vec![FieldError::new("", "malformed", e.to_string())];
    let mut value = serde_json::to_value(ContractIn::from(before.clone())).map_err(failed)?;
    merge(&mut value, patch);
    typed::<ContractIn>(value).map(Content::from)
}

impl From<Party> for PartyIn {
    fn from(p: Party) -> Self {
        Self {
            name: p.name,
            uscc: p.uscc,
            kind: p.kind,
            region: p.region,
            country: Some(p.country),
            address: p.address,
            legal_representative: p.legal_representative,
            contact: p.contact,
            phone: p.phone,
        }
    }
}

impl From<PartyIn> for Party {
    fn from(p: PartyIn) -> Self {
        Self {
            name: p.name,
            uscc: p.uscc,
            kind: p.kind,
            region: p.region,
            country: p.country.unwrap_or_else(|| HOME_COUNTRY.to_owned()),
            address: p.address,
            legal_representative: p.legal_representative,
            contact: p.contact,
            phone: p.phone,
        }
    }
}

impl BuyerIn {
    fn new(party: Party, unit: Option<String>) -> Self {
        let p = PartyIn::from(party);
        Self {
            name: p.name,
            uscc: p.uscc,
            kind: p.kind,
            region: p.region,
            country: p.country,
            address: p.address,
            legal_representative: p.legal_representative,
            contact: p.contact,
            phone: p.phone,
            unit,
        }
    }

    fn into_parts(self) -> (Party, Option<String>) {
        let party = PartyIn {
            name: self.name,
            uscc: self.uscc,
            kind: self.kind,
            region: self.region,
            country: self.country,
            address: self.address,
            legal_representative: self.legal_representative,
            contact: self.contact,
            phone: self.phone,
        };
        (party.into(), self.unit)
    }
}

impl From<Content> for ContractIn {
    fn from(c: Content) -> Self {
        Self {
            project_name: c.project_name,
            contract_type: c.contract_type,
            subtype: c.subtype,
            unit: c.unit,
            seller: c.seller.into(),
            buyer: BuyerIn::new(c.buyer, c.buyer_unit),
            received_on: c.received_on,
            signed_on: c.signed_on,
            begins_on: c.begins_on,
            ends_on: c.ends_on,
            amount_fen: c.amount_fen,
            technology_amount_fen: c.technology_amount_fen,
            non_technology_amount_fen: c.non_technology_amount_fen,
            field: c.field,
            plan_source: c.plan_source,
            plan_name: c.plan_name,
            plan_number: c.plan_number,
            ip_kind: c.ip_kind,
            objective: c.objective,
            payment_mode: c.payment_mode,
            cross_border: c.cross_border,
            related_party: c.related_party,
            summary: c.summary,
        }
    }
}

impl From<ContractIn> for Content {
    fn from(c: ContractIn) -> Self {
        let (buyer, buyer_unit) = c.buyer.into_parts();
        Self {
            project_name: c.project_name,
            contract_type: c.contract_type,
            subtype: c.subtype,
            unit: c.unit,
            seller: c.seller.into(),
            buyer,
            buyer_unit,
            received_on: c.received_on,
            signed_on: c.signed_on,
            begins_on: c.begins_on,
            ends_on: c.ends_on,
            amount_fen: c.amount_fen,
            technology_amount_fen: c.technology_amount_fen,
            non_technology_amount_fen: c.non_technology_amount_fen,
            field: c.field,
            plan_source: c.plan_source,
            plan_name: c.plan_name,
            plan_number: c.plan_number,
            ip_kind: c.ip_kind,
            objective: c.objective,
            payment_mode: c.payment_mode,
            cross_border: c.cross_border,
            related_party: c.related_party,
            summary: c.summary,
        }
    }
}
