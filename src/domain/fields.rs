//! The fields of a contract: what they are called, in which section they stand, and what they hold. Fields are known by their pointers
//! (RFC 6901) into the contract as the API shows it. Said here once: pages, messages and the ledger's words take it from here.

use super::code_list::ListName;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A line of text.
    Text,
    /// Several lines.
    Lines,
    /// An entry of a code list.
    Code(ListName),
    /// A region of GB/T 2260.
    Region,
    /// An amount in fen.
    Amount,
    /// A day.
    Day,
    /// Yes or no.
    YesNo,
}

/// A field of a contract's content.
#[derive(Debug, Clone, Copy)]
pub struct ContractField {
    /// Its pointer.
    pub pointer: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it holds.
    pub holds: Holds,
}

const fn field(pointer: &'static str, label: &'static str, holds: Holds) -> ContractField {
    ContractField { pointer, label, holds }
}

use Holds::{Amount, Code, Day, Lines, Region, Text, YesNo};

/// The sections of a contract, in the order of the register's form.
pub const SECTIONS: &[(&str, &[ContractField])] = &[
    (
        "项目",
        &[
            field("/project_name", "合同名称", Text),
            field("/type", "合同类别", Code(ListName::Type)),
            field("/subtype", "合同子类", Code(ListName::Subtype)),
            field("/unit", "归属单位", Code(ListName::Unit)),
            field("/field", "技术领域", Code(ListName::Field)),
            field("/plan_source", "计划来源", Code(ListName::PlanSource)),
            field("/plan_name", "计划项目名称", Text),
            field("/plan_number", "计划项目编号", Text),
            field("/ip_kind", "知识产权", Code(ListName::IpKind)),
            field("/objective", "社会经济目标", Code(ListName::Objective)),
            field("/cross_border", "进出口", Code(ListName::CrossBorder)),
            field("/related_party", "关联交易", YesNo),
        ],
    ),
    (
        "金额与支付",
        &[
            field("/amount_fen", "合同成交额", Amount),
            field("/technology_amount_fen", "技术交易额", Amount),
            field("/non_technology_amount_fen", "非技术性费用", Amount),
            field("/payment_mode", "支付方式", Code(ListName::PaymentMode)),
        ],
    ),
    (
        "日期",
        &[
            field("/received_on", "受理日期", Day),
            field("/signed_on", "签订日期", Day),
            field("/begins_on", "合同开始日期", Day),
            field("/ends_on", "合同截止日期", Day),
        ],
    ),
    (
        "卖方",
        &[
            field("/seller/name", "卖方名称", Text),
            field("/seller/uscc", "卖方统一社会信用代码", Text),
            field("/seller/kind", "卖方性质", Code(ListName::PartyKind)),
            field("/seller/region", "卖方行政区划", Region),
            field("/seller/country", "卖方国别", Code(ListName::Country)),
            field("/seller/address", "卖方地址", Text),
            field("/seller/legal_representative", "卖方法定代表人", Text),
            field("/seller/contact", "卖方联系人", Text),
            field("/seller/phone", "卖方电话", Text),
        ],
    ),
    (
        "买方",
        &[
            field("/buyer/name", "买方名称", Text),
            field("/buyer/uscc", "买方统一社会信用代码", Text),
            field("/buyer/kind", "买方性质", Code(ListName::PartyKind)),
            field("/buyer/region", "买方行政区划", Region),
            field("/buyer/country", "买方国别", Code(ListName::Country)),
            field("/buyer/unit", "买方所属兵团单位", Code(ListName::Unit)),
            field("/buyer/address", "买方地址", Text),
            field("/buyer/legal_representative", "买方法定代表人", Text),
            field("/buyer/contact", "买方联系人", Text),
            field("/buyer/phone", "买方电话", Text),
        ],
    ),
    ("内容摘要", &[field("/summary", "内容摘要", Lines)]),
];

/// What the ledger tells of a contract beside its content.
const STANDING: &[ContractField] = &[
    field("/registration_number", "登记编号", Text),
    field("/national_number", "国家登记编号", Text),
    field("/reported_on", "国家登记日期", Text),
    field("/registrar_certificate", "登记员证书", Text),
    field("/rule_set", "适用规则", Text),
    field("/due_on", "办理期限", Text),
    field("/claimed_by", "领取人", Text),
    field("/agency", "登记机构", Text),
    field("/state", "状态", Text),
];

/// Every field of the content.
pub fn fields() -> impl Iterator<Item = &'static ContractField> {
    SECTIONS.iter().flat_map(|(_, fields)| fields.iter())
}

/// The field of a pointer, of the content or of what the ledger tells beside it.
pub fn field_of(pointer: &str) -> Option<&'static ContractField> {
    fields().chain(STANDING).find(|f| f.pointer == pointer)
}

/// What a pointer's field is called; the whole contract where it names none.
pub fn label_of(pointer: &str) -> &'static str {
    let label = field_of(pointer).map(|f| f.label);
    label.unwrap_or_else(|| match pointer.split('/').nth(1) {
        Some("seller") => "卖方",
        Some("buyer") => "买方",
        Some("attachments") => "附件",
        _ => "合同",
    })
}
