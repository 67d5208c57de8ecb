//! A technology contract: what the parties agreed (the content) and where its registration stands.

use serde::{Deserialize, Serialize};

use super::{
    money::Fen,
    time::{Date, Moment},
    workflow::State,
};

/// One side of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Party {
    /// Full legal name, as on the seal.
    pub name: Option<String>,
    /// Unified social credit code (GB 32100-2015), 18 characters; none for natural persons and foreign parties.
    pub uscc: Option<String>,
    /// Id of the code list `party_kind`.
    pub kind: Option<String>,
    /// GB/T 2260, six digits; none for foreign parties.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-3.
    pub country: String,
    /// Postal address.
    pub address: Option<String>,
    /// Legal representative.
    pub legal_representative: Option<String>,
    /// Person to ask.
    pub contact: Option<String>,
    /// That person's telephone number.
    pub phone: Option<String>,
}

/// The country of a party that names none: China, ISO 3166-1 alpha-3.
pub const HOME_COUNTRY: &str = "CHN";

impl Default for Party {
    fn default() -> Self {
        Self {
            name: None,
            uscc: None,
            kind: None,
            region: None,
            country: HOME_COUNTRY.into(),
            address: None,
            legal_representative: None,
            contact: None,
            phone: None,
        }
    }
}

impl Party {
    /// Whether the party has its seat outside the Chinese mainland's registers, so that credit code and region may be missing.
    pub fn is_foreign(&self) -> bool {
        self.country != HOME_COUNTRY
    }
}

/// What is registered of a contract: the part that a registrar types and a revision keeps whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Content {
    /// 合同名称 (项目名称), 2–200 characters.
    pub project_name: Option<String>,
    /// 合同类别: code list `type`.
    #[serde(rename = "type")]
    pub contract_type: Option<String>,
    /// 合同子类: code list `subtype`.
    pub subtype: Option<String>,
    /// 归属单位, the registrant's reporting unit: code list `unit`.
    pub unit: Option<String>,
    /// 卖方, the technology provider.
    pub seller: Party,
    /// 买方.
    pub buyer: Party,
    /// 买方所属兵团单位, where the buyer belongs to the Corps: code list `unit`.
    pub buyer_unit: Option<String>,
    /// 受理日期: papers received at the agency.
    pub received_on: Option<Date>,
    /// 签订日期.
    pub signed_on: Option<Date>,
    /// 合同开始日期.
    pub begins_on: Option<Date>,
    /// 合同截止日期.
    pub ends_on: Option<Date>,
    /// 合同成交额, in fen.
    pub amount_fen: Option<Fen>,
    /// 技术交易额, in fen.
    pub technology_amount_fen: Option<Fen>,
    /// 非技术性费用, in fen: total − technology.
    pub non_technology_amount_fen: Option<Fen>,
    /// 技术领域: code list `field`.
    pub field: Option<String>,
    /// 计划来源: code list `plan_source`.
    pub plan_source: Option<String>,
    /// 计划项目名称.
    pub plan_name: Option<String>,
    /// 计划项目编号.
    pub plan_number: Option<String>,
    /// 知识产权: code list `ip_kind`.
    pub ip_kind: Option<String>,
    /// 社会经济目标: code list `objective`.
    pub objective: Option<String>,
    /// 支付方式: code list `payment_mode`.
    pub payment_mode: Option<String>,
    /// 进出口: code list `cross_border`.
    pub cross_border: Option<String>,
    /// 关联交易: whether the parties are related.
    pub related_party: Option<bool>,
    /// 内容摘要, at least 30 characters.
    pub summary: Option<String>,
}

/// 退回补正: what a reviewer asked to be corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// When.
    pub at: Moment,
    /// Why, in the reviewer's words.
    pub reason: String,
    /// Which fields.
    pub items: Vec<ReturnItem>,
}

/// One thing to correct: a field, a paper, or neither.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnItem {
    /// RFC 6901 pointer into the contract, where it is about a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Code list `attachment_kind`, where it is about a paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<String>,
    /// What is wrong with it.
    pub detail: String,
}

/// 不予登记.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// When; unknown for history that does not say.
    pub at: Option<Moment>,
    /// Ids of the code list `refusal_reason`.
    pub reasons: Vec<String>,
    /// Free text.
    pub note: Option<String>,
    /// Username of who refused; none for imported history.
    #[serde(default)]
    pub by: Option<String>,
}

/// How a confirmed registration ended: 撤销 by the authority or 注销 on request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// From when the contract is no longer counted.
    pub at: Moment,
    /// `revoked` or `cancelled`.
    pub state: State,
    /// Id of the code list `revocation_ground` or `cancellation_ground`; unknown for history that does not say.
    pub ground: Option<String>,
    /// 文书号.
    pub document_number: Option<String>,
    /// 送达日期.
    pub served_on: Option<Date>,
    /// Free text.
    pub note: Option<String>,
    /// Username of who ended it; none for imported history. Of what a self-audit revoked: who found it wrong.
    pub by: Option<String>,
    /// Key of the self-audit that it came from. Left out where there is none: rows of the register are known by their digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_audit_id: Option<i64>,
}

/// What an expert panel says of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// 同意认定: as entered.
    Recognise,
    /// 调整后认定: with another type or technology amount.
    RecogniseWithChanges,
    /// 不予认定.
    NotRecognise,
}

/// 专家论证结论: on one submission; a new submission starts without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpertConclusion {
    /// Key of the panel's session.
    pub expert_review_id: i64,
    /// When it was concluded.
    pub at: Moment,
    /// What was concluded.
    pub conclusion: Conclusion,
    /// Code list `type`, where the experts changed it.
    pub contract_type: Option<String>,
    /// Code list `subtype`, where they changed it.
    pub subtype: Option<String>,
    /// 技术交易额 in fen, where they changed it.
    pub technology_amount_fen: Option<Fen>,
}

/// A registration agency (登记机构).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// Key in the store.
    pub id: i64,
    /// Six digits; none while only history names the agency.
    pub code: Option<String>,
    /// Its name, unique.
    pub name: String,
}

/// A contract and where its registration stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Key in the store, never given twice.
    pub id: i64,
    /// Rises with every write.
    pub version: i64,
    /// Rises with the confirmed content; 1 is the content as entered.
    pub revision: i64,
    /// Where it stands in the workflow.
    pub state: State,
    /// 登记编号, this register's own: 16 digits.
    pub registration_number: Option<String>,
    /// The number that the national system gave.
    pub national_number: Option<String>,
    /// What the parties agreed.
    pub content: Content,
    /// Where it is registered; none for history that does not say.
    pub agency: Option<Agency>,
    /// Certificate number of the registrar who submitted (or entered) it.
    pub registrar_certificate: Option<String>,
    /// Id of the rule set of its first acceptance.
    pub rule_set: Option<String>,
    /// Username of who entered it; none for imported history.
    pub entered_by: Option<String>,
    /// Username of who submitted it last.
    pub submitted_by: Option<String>,
    /// Username of the reviewer who works on it.
    pub claimed_by: Option<String>,
    /// Username of who confirmed it.
    pub confirmed_by: Option<String>,
    /// When it was entered here.
    pub created_at: Moment,
    /// Last submission.
    pub submitted_at: Option<Moment>,
    /// Last day for a decision, by the rule set.
    pub due_on: Option<Date>,
    /// First confirmation: decides the statistical year.
    pub confirmed_at: Option<Moment>,
    /// The last return, until the next submission.
    pub returned: Option<Returned>,
    /// Set while refused.
    pub refusal: Option<Refusal>,
    /// Set while revoked or cancelled.
    pub ended: Option<Ended>,
    /// 专家论证: when experts concluded on it.
    pub expert_concluded_at: Option<Moment>,
    /// Since when the reviewer has had it in hand.
    pub claimed_at: Option<Moment>,
    /// What experts concluded on the current submission.
    pub expert_conclusion: Option<ExpertConclusion>,
    /// Key of the one change request that is not decided.
    pub open_change_request: Option<i64>,
    /// Usernames of the experts who sit on a panel that has or had it before it, without those who stay out of it. Kept with the
    /// panels, not with the contract.
    pub experts: Vec<String>,
}

impl Conclusion {
    /// Every conclusion.
    pub const ALL: [Self; 3] = [Self::Recognise, Self::RecogniseWithChanges, Self::NotRecognise];

    /// The id, as in JSON and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Recognise => "recognise",
            Self::RecogniseWithChanges => "recognise_with_changes",
            Self::NotRecognise => "not_recognise",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Recognise => "同意认定",
            Self::RecogniseWithChanges => "调整后认定",
            Self::NotRecognise => "不予认定",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.id() == id)
    }
}

impl Content {
    /// 技术交易流向, id of the code list `flow`: a buyer of the Corps is `within_xpcc`; else a buyer whose region begins with 65
    /// (GB/T 2260: Xinjiang) is `local_xinjiang`; else, buyers abroad included, `outside_xinjiang` (report, section 五).
    pub fn flow(&self) -> &'static str {
        let in_xinjiang = || self.buyer.region.as_deref().is_some_and(|r| r.starts_with("65"));
        if self.buyer_unit.is_some() {
            "within_xpcc"
        } else if in_xinjiang() {
            "local_xinjiang"
        } else {
            "outside_xinjiang"
        }
    }
}
