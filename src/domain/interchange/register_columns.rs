//! The columns of the register, and what a row says in each.

use super::{
    RegisterRow,
    column::{Column, Form, columns},
};
use crate::domain::{
    code_list::ListName,
    money::Fen,
    time::{Date, Moment},
    workflow::State,
};

const REGION: &str = "国家标准 GB/T 2260 六位代码，请将单元格设为“文本”格式；境外主体留空";
const COUNTRY: &str = "ISO 3166-1 三位字母代码，空为 CHN";
const CREDIT_CODE: &str = "18 位，末位为校验码；自然人和境外主体留空";

columns! {
    /// Columns of [`RegisterRow`]: the 38 of the office's own files, then those that say what these cannot.
    RegisterColumn, REGISTER_COLUMNS {
        RegistrationNumber: Column::base("登记编号", Form::Identifier, "2025660003000001", "经审核确认的合同必填；请将单元格设为“文本”格式"),
        ProjectName: Column::required("合同名称", Form::Text, "节水灌溉新工艺研究（样例）", "").or(&["项目名称"]),
        ContractType: Column::required("合同类别", Form::Code(ListName::Type), "技术开发", ""),
        Subtype: Column::base("合同子类", Form::Code(ListName::Subtype), "委托开发", "须属于所填的合同类别"),
        Unit: Column::required("归属单位", Form::Code(ListName::Unit), "七师", "登记主体所属师市院校"),
        Agency: Column::base("登记机构", Form::Text, "七师技术合同登记站", ""),
        RegistrarCertificate: Column::base("登记员证书编号", Form::Identifier, "DJY6620170043", ""),
        SellerName: Column::required("卖方名称", Form::Text, "胡杨河植保专业合作社（样例）", "全称"),
        SellerCreditCode: Column::base("卖方统一社会信用代码", Form::CreditCode, "936590100MLW14QW1M", CREDIT_CODE),
        SellerKind: Column::required("卖方性质", Form::Code(ListName::PartyKind), "其他组织", ""),
        SellerRegion: Column::base("卖方行政区划", Form::Identifier, "659010", REGION),
        BuyerName: Column::required("买方名称", Form::Text, "昆玉畜禽养殖科技（样例）有限公司", "全称"),
        BuyerCreditCode: Column::base("买方统一社会信用代码", Form::CreditCode, "91659009UMRUT4477A", CREDIT_CODE),
        BuyerKind: Column::base("买方性质", Form::Code(ListName::PartyKind), "企业法人", ""),
        BuyerRegion: Column::base("买方行政区划", Form::Identifier, "659009", REGION),
        BuyerUnit: Column::base("买方所属兵团单位", Form::Code(ListName::Unit), "十四师", "买方不属于兵团的留空"),
        SignedOn: Column::required("签订日期", Form::Date, "2024-10-17", ""),
        BeginsOn: Column::base("合同开始日期", Form::Date, "2024-10-17", ""),
        EndsOn: Column::base("合同截止日期", Form::Date, "2025-10-17", ""),
        Amount: Column::required("合同成交额（元）", Form::Amount, "1230000.00", "以元计，最多两位小数").or(&["合同成交额"]),
        TechnologyAmount: Column::base("技术交易额（元）", Form::Amount, "789200.00", "不得大于合同成交额").or(&["技术交易额"]),
        NonTechnologyAmount: Column::base("非技术性费用（元）", Form::Amount, "440800.00", "合同成交额减技术交易额").or(&["非技术性费用"]),
        Field: Column::required("技术领域", Form::Code(ListName::Field), "农业", ""),
        PlanSource: Column::required("计划来源", Form::Code(ListName::PlanSource), "计划外", ""),
        PlanName: Column::base("计划项目名称", Form::Text, "", "计划外的留空"),
        PlanNumber: Column::base("计划项目编号", Form::Text, "", "计划外的留空"),
        IpKind: Column::base("知识产权", Form::Code(ListName::IpKind), "发明专利", ""),
        Objective: Column::base("社会经济目标", Form::Code(ListName::Objective), "农林牧渔业发展", ""),
        PaymentMode: Column::base("支付方式", Form::Code(ListName::PaymentMode), "分期支付", ""),
        CrossBorder: Column::base("进出口", Form::Code(ListName::CrossBorder), "境内", ""),
        SellerCountry: Column::base("卖方国别", Form::Code(ListName::Country), "CHN", COUNTRY),
        BuyerCountry: Column::base("买方国别", Form::Code(ListName::Country), "CHN", COUNTRY),
        SubmittedAt: Column::base("提交时间", Form::Moment, "2024-12-23T15:13:00+08:00", "无时区的按北京时间"),
        ConfirmedAt: Column::base("审核确认时间", Form::Moment, "2025-01-01T16:01:00+08:00", "经审核确认的合同必填，决定统计年度"),
        ExpertReviewed: Column::base("专家论证", Form::YesNo, "否", "是否经过专家论证，空为否"),
        State: Column::required("状态", Form::State, "已确认", "审核中、专家论证的按待审核导入"),
        EndedAt: Column::base("撤销或注销时间", Form::Moment, "", "已撤销、已注销的必填"),
        EndGround: Column::base("撤销或注销原因", Form::EndGround, "", "已撤销、已注销的填写"),
        NationalNumber: Column::optional("国家登记编号", Form::Identifier, "", "全国系统给出的编号"),
        AgencyCode: Column::optional("机构代码", Form::Identifier, "660007", "登记机构的六位数字代码"),
        ReceivedOn: Column::optional("受理日期", Form::Date, "2024-12-20", "登记机构收到材料之日"),
        SellerAddress: Column::optional("卖方地址", Form::Text, "", ""),
        SellerLegalRepresentative: Column::optional("卖方法定代表人", Form::Text, "", ""),
        SellerContact: Column::optional("卖方联系人", Form::Text, "", ""),
        SellerPhone: Column::optional("卖方电话", Form::Text, "", "请将单元格设为“文本”格式"),
        BuyerAddress: Column::optional("买方地址", Form::Text, "", ""),
        BuyerLegalRepresentative: Column::optional("买方法定代表人", Form::Text, "", ""),
        BuyerContact: Column::optional("买方联系人", Form::Text, "", ""),
        BuyerPhone: Column::optional("买方电话", Form::Text, "", "请将单元格设为“文本”格式"),
        RelatedParty: Column::optional("关联交易", Form::YesNo, "否", "买卖双方是否为关联方"),
        Summary: Column::optional("内容摘要", Form::Text, "", ""),
        DocumentNumber: Column::optional("文书号", Form::Text, "", "撤销或注销的文书号"),
        ServedOn: Column::optional("送达日期", Form::Date, "", "撤销或注销文书的送达日期"),
        EndNote: Column::optional("撤销或注销说明", Form::Text, "", ""),
        RefusedAt: Column::optional("不予登记时间", Form::Moment, "", ""),
        RefusalReasons: Column::optional("不予登记理由", Form::Codes(ListName::RefusalReason), "", "多项以分号隔开"),
        RefusalNote: Column::optional("不予登记说明", Form::Text, "", ""),
        ReturnedAt: Column::optional("退回时间", Form::Moment, "", ""),
        ReturnReason: Column::optional("退回原因", Form::Text, "", "填写时退回时间也须填写"),
    }
}

/// What a row says in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Empty,
    /// Free text, a number or a code kept as text.
    Text(&'a str),
    /// An id of a code list.
    Code(ListName, &'a str),
    /// Ids of a code list.
    Codes(ListName, &'a [String]),
    /// A state.
    State(State),
    /// 是 or 否.
    YesNo(bool),
    /// A date.
    Date(Date),
    /// A moment.
    Moment(Moment),
    /// An amount in fen.
    Amount(Fen),
}

impl<'a> Value<'a> {
    fn text(text: Option<&'a String>) -> Self {
        text.map_or(Self::Empty, |t| Self::Text(t))
    }

    fn code(name: ListName, id: Option<&'a String>) -> Self {
        id.map_or(Self::Empty, |id| Self::Code(name, id))
    }

    fn date(date: Option<Date>) -> Self {
        date.map_or(Self::Empty, Self::Date)
    }

    fn moment(at: Option<Moment>) -> Self {
        at.map_or(Self::Empty, Self::Moment)
    }

    fn amount(fen: Option<Fen>) -> Self {
        fen.map_or(Self::Empty, Self::Amount)
    }
}

impl RegisterColumn {
    /// What `row` says in this column.
    pub fn value(self, row: &RegisterRow) -> Value<'_> {
        use RegisterColumn as C;
        let content = &row.content;
        let (seller, buyer) = (&content.seller, &content.buyer);
        let (ended, refusal, returned) = (row.ended.as_ref(), row.refusal.as_ref(), row.returned.as_ref());
        match self {
            C::RegistrationNumber => Value::text(row.registration_number.as_ref()),
            C::ProjectName => Value::text(content.project_name.as_ref()),
            C::ContractType => Value::code(ListName::Type, content.contract_type.as_ref()),
            C::Subtype => Value::code(ListName::Subtype, content.subtype.as_ref()),
            C::Unit => Value::code(ListName::Unit, content.unit.as_ref()),
            C::Agency => Value::text(row.agency.as_ref()),
            C::RegistrarCertificate => Value::text(row.registrar_certificate.as_ref()),
            C::SellerName => Value::text(seller.name.as_ref()),
            C::SellerCreditCode => Value::text(seller.uscc.as_ref()),
            C::SellerKind => Value::code(ListName::PartyKind, seller.kind.as_ref()),
            C::SellerRegion => Value::text(seller.region.as_ref()),
            C::BuyerName => Value::text(buyer.name.as_ref()),
            C::BuyerCreditCode => Value::text(buyer.uscc.as_ref()),
            C::BuyerKind => Value::code(ListName::PartyKind, buyer.kind.as_ref()),
            C::BuyerRegion => Value::text(buyer.region.as_ref()),
            C::BuyerUnit => Value::code(ListName::Unit, content.buyer_unit.as_ref()),
            C::SignedOn => Value::date(content.signed_on),
            C::BeginsOn => Value::date(content.begins_on),
            C::EndsOn => Value::date(content.ends_on),
            C::Amount => Value::amount(content.amount_fen),
            C::TechnologyAmount => Value::amount(content.technology_amount_fen),
            C::NonTechnologyAmount => Value::amount(content.non_technology_amount_fen),
            C::Field => Value::code(ListName::Field, content.field.as_ref()),
            C::PlanSource => Value::code(ListName::PlanSource, content.plan_source.as_ref()),
            C::PlanName => Value::text(content.plan_name.as_ref()),
            C::PlanNumber => Value::text(content.plan_number.as_ref()),
            C::IpKind => Value::code(ListName::IpKind, content.ip_kind.as_ref()),
            C::Objective => Value::code(ListName::Objective, content.objective.as_ref()),
            C::PaymentMode => Value::code(ListName::PaymentMode, content.payment_mode.as_ref()),
            C::CrossBorder => Value::code(ListName::CrossBorder, content.cross_border.as_ref()),
            C::SellerCountry => Value::Code(ListName::Country, &seller.country),
            C::BuyerCountry => Value::Code(ListName::Country, &buyer.country),
            C::SubmittedAt => Value::moment(row.submitted_at),
            C::ConfirmedAt => Value::moment(row.confirmed_at),
            C::ExpertReviewed => Value::YesNo(row.expert_reviewed),
            C::State => Value::State(row.state),
            C::EndedAt => Value::moment(ended.map(|e| e.at)),
            C::EndGround => {
                let name = match row.state {
                    State::Cancelled => ListName::CancellationGround,
                    _ => ListName::RevocationGround,
                };
                Value::code(name, ended.and_then(|e| e.ground.as_ref()))
            }
            C::NationalNumber => Value::text(row.national_number.as_ref()),
            C::AgencyCode => Value::text(row.agency_code.as_ref()),
            C::ReceivedOn => Value::date(content.received_on),
            C::SellerAddress => Value::text(seller.address.as_ref()),
            C::SellerLegalRepresentative => Value::text(seller.legal_representative.as_ref()),
            C::SellerContact => Value::text(seller.contact.as_ref()),
            C::SellerPhone => Value::text(seller.phone.as_ref()),
            C::BuyerAddress => Value::text(buyer.address.as_ref()),
            C::BuyerLegalRepresentative => Value::text(buyer.legal_representative.as_ref()),
            C::BuyerContact => Value::text(buyer.contact.as_ref()),
            C::BuyerPhone => Value::text(buyer.phone.as_ref()),
            C::RelatedParty => content.related_party.map_or(Value::Empty, Value::YesNo),
            C::Summary => Value::text(content.summary.as_ref()),
            C::DocumentNumber => Value::text(ended.and_then(|e| e.document_number.as_ref())),
            C::ServedOn => Value::date(ended.and_then(|e| e.served_on)),
            C::EndNote => Value::text(ended.and_then(|e| e.note.as_ref())),
            C::RefusedAt => Value::moment(refusal.and_then(|r| r.at)),
            C::RefusalReasons => match refusal.map(|r| r.reasons.as_slice()) {
                None | Some([]) => Value::Empty,
                Some(reasons) => Value::Codes(ListName::RefusalReason, reasons),
            },
            C::RefusalNote => Value::text(refusal.and_then(|r| r.note.as_ref())),
            C::ReturnedAt => Value::moment(returned.map(|r| r.at)),
            C::ReturnReason => Value::text(returned.map(|r| &r.reason).filter(|r| !r.is_empty())),
        }
    }
}
