//! The smaller kinds of file: registrar certificates, follow-up, activities, reference figures. Ids of follow-up indicators
//! and activities are those of the annual report's sections on them.

use serde::{Deserialize, Serialize};

use super::column::{Column, Form, columns};
use crate::domain::{code_list::ListName, money::Fen, time::Date};

/// A registrar's certificate (登记员证书).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrarRow {
    /// 证书编号, unique.
    pub certificate_number: String,
    /// 姓名.
    pub name: String,
    /// 登记机构, by name.
    pub agency_name: String,
    /// 机构代码, six digits.
    pub agency_code: Option<String>,
    /// 发证日期.
    pub issued_on: Date,
    /// 有效期至, the last day included; none: without end.
    pub valid_until: Option<Date>,
    /// 最近继续教育日期.
    pub last_training_on: Option<Date>,
}

columns! {
    /// Columns of [`RegistrarRow`].
    RegistrarColumn, REGISTRAR_COLUMNS {
        CertificateNumber: Column::required("证书编号", Form::Identifier, "DJY6620250001", "登记员证书编号，不可重复"),
        Name: Column::required("姓名", Form::Text, "登记员（样例）", ""),
        AgencyName: Column::required("登记机构", Form::Text, "一师技术合同登记站", "尚不存在的机构在导入时建立"),
        AgencyCode: Column::base("机构代码", Form::Identifier, "660001", "六位数字"),
        IssuedOn: Column::required("发证日期", Form::Date, "2025-03-13", ""),
        ValidUntil: Column::base("有效期至", Form::Date, "2028-12-31", "当日仍有效"),
        LastTrainingOn: Column::base("最近继续教育日期", Form::Date, "2025-10-02", ""),
    }
}

/// One contract of the yearly survey (履约、税收优惠、奖酬金).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUpRow {
    /// 登记编号 of the surveyed contract.
    pub registration_number: String,
    /// 调查年度.
    pub survey_year: i32,
    /// 是否涉税.
    pub tax_relevant: bool,
    /// 是否履行.
    pub fulfilled: bool,
    /// 应到账额, in fen; zero where the survey says nothing.
    pub due_fen: Fen,
    /// 实到账额, in fen; zero where the survey says nothing.
    pub received_fen: Fen,
    /// 应享税收优惠.
    pub entitled: bool,
    /// 实享税收优惠.
    pub enjoyed: bool,
    /// 增值税免税额, in fen.
    pub vat_exempted_fen: Fen,
    /// 企业所得税减免额, in fen.
    pub income_tax_reduced_fen: Fen,
    /// 应发奖酬金.
    pub reward_due: bool,
    /// 已发奖酬金.
    pub reward_issued: bool,
    /// 净收益额, in fen; none where not surveyed.
    pub net_income_fen: Option<Fen>,
    /// 实发奖酬金, in fen.
    pub reward_paid_fen: Fen,
    /// 受奖励人次.
    pub persons: i64,
}

columns! {
    /// Columns of [`FollowUpRow`].
    FollowUpColumn, FOLLOW_UP_COLUMNS {
        RegistrationNumber: Column::required("登记编号", Form::Identifier, "2021660001000001", "请将单元格设为“文本”格式"),
        SurveyYear: Column::required("调查年度", Form::Year, "2025", "四位年份"),
        TaxRelevant: Column::required("是否涉税", Form::YesNo, "是", ""),
        Fulfilled: Column::required("是否履行", Form::YesNo, "是", ""),
        Due: Column::base("应到账额（元）", Form::Amount, "314000", "空为 0").or(&["应到账额"]),
        Received: Column::base("实到账额（元）", Form::Amount, "152400", "空为 0").or(&["实到账额"]),
        Entitled: Column::required("应享税收优惠", Form::YesNo, "是", ""),
        Enjoyed: Column::required("实享税收优惠", Form::YesNo, "否", ""),
        VatExempted: Column::base("增值税免税额（元）", Form::Amount, "0", "空为 0").or(&["增值税免税额"]),
        IncomeTaxReduced: Column::base("企业所得税减免额（元）", Form::Amount, "0", "空为 0").or(&["企业所得税减免额"]),
        RewardDue: Column::required("应发奖酬金", Form::YesNo, "否", "").or(&["奖酬金应发"]),
        RewardIssued: Column::required("已发奖酬金", Form::YesNo, "否", "").or(&["奖酬金实发"]),
        NetIncome: Column::base("净收益额（元）", Form::Amount, "", "未调查的留空").or(&["净收益额"]),
        RewardPaid: Column::base("实发奖酬金（元）", Form::Amount, "0", "空为 0").or(&["实发奖酬金"]),
        Persons: Column::base("受奖励人次", Form::Count, "0", "空为 0").or(&["享受奖励人次"]),
    }
}

/// A training, a guidance visit, a matchmaking event, a count of technology managers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityRow {
    /// Id of the code list `activity_kind`.
    pub kind: String,
    /// 日期.
    pub held_on: Date,
    /// 名称.
    pub name: String,
    /// 师市院校: id of the code list `unit`.
    pub unit: Option<String>,
    /// 场次.
    pub events: Option<i64>,
    /// 人次.
    pub participants: Option<i64>,
    /// 其中兵团系统人次.
    pub participants_xpcc: Option<i64>,
    /// 项数.
    pub items: Option<i64>,
}

columns! {
    /// Columns of [`ActivityRow`].
    ActivityColumn, ACTIVITY_COLUMNS {
        Kind: Column::required("种类", Form::Code(ListName::ActivityKind), "政策宣讲", ""),
        HeldOn: Column::required("日期", Form::Date, "2025-03-12", "决定计入哪一年"),
        Name: Column::required("名称", Form::Text, "成果转化政策宣讲", ""),
        Unit: Column::base("师市院校", Form::Code(ListName::Unit), "兵直及其他", ""),
        Events: Column::base("场次", Form::Count, "1", ""),
        Participants: Column::base("人次", Form::Count, "820", ""),
        ParticipantsXpcc: Column::base("其中兵团系统人次", Form::Count, "820", ""),
        Items: Column::base("项数", Form::Count, "", "成果项数或证书数"),
    }
}

/// A figure that the register itself cannot give: a year's total from before the system, a plan target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceRow {
    /// One of the ids of [`REFERENCE_KINDS`].
    pub kind: String,
    /// 年度.
    pub year: i32,
    /// 数值, in fen.
    pub fen: Fen,
    /// 说明.
    pub note: Option<String>,
}

/// Kinds of reference figure: id and label.
pub const REFERENCE_KINDS: [(&str, &str); 2] = [("amount", "成交额"), ("amount_target", "成交额规划目标")];

columns! {
    /// Columns of [`ReferenceRow`].
    ReferenceColumn, REFERENCE_COLUMNS {
        Kind: Column::required("指标", Form::ReferenceKind, "成交额", ""),
        Year: Column::required("年度", Form::Year, "2020", "四位年份"),
        Fen: Column::required("数值（元）", Form::Amount, "321000000.00", "以元计").or(&["数值"]),
        Note: Column::base("说明", Form::Text, "系统启用前的年度总额", ""),
    }
}
