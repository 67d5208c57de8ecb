//! What sentences of annual reports look like, as data: the wording of the published report of 2025 and its near relatives.
//!
//! A pattern is tidy text (no white space) with these marks:
//!
//! | mark | stands for |
//! |---|---|
//! | `<units>` | the name of one item of that section |
//! | `<units+>` | names of several, between 、 及 和 与 |
//! | `<years>` | 2021年至2025年: each of these years; also one year, or 2021、2022、2023年 |
//! | `{units.$.amount:money}` | a number that is this figure; `$` is the item named, `$+` all of them together |
//! | `{…+}` | as many numbers as items were named, in their order |
//! | `{:count}` | a number that is no figure; claims look at it |
//! | `(a\|b\|)` | one of these |
//! | `…` | anything up to the next comma; `……` anything up to the end of the sentence; both at most forty characters |
//! | `[Y]`, `[Y-1]`, `[B]` | the report's year, the year before, the year that the plan's growth is measured from |
//!
//! Numbers: `count`; `over` (3000余); `money` (with 万元 or 亿元); `percent`; `growth` (增长…%, 下降…%); `growths`, `falls` (several behind one word); `ratio`; `numeral` (两 or 2);
//! `names` (nothing is read: how many items were named).

/// What a matched pattern says beside its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// Every unit but those named grew.
    AllUnitsGrewBut,
    /// The named units, and no others, are above one hundred million yuan; the number is how many.
    UnitsAboveYi,
    /// The first unit named has the largest amount of the divisions, the others follow in their order.
    UnitsLead,
    /// South and north both grew.
    RegionsGrew,
    /// The share of the types named is at least the number.
    TypesShareAtLeast,
    /// The types named grew most, in their order.
    TypesGrewMost,
    /// Shares inside and outside plan lie between the two numbers in every year.
    PlanSharesBetween,
    /// The share outside plan rose by that many points.
    OutsidePlanPoints,
    /// The class has the most contracts.
    SizeMostContracts,
    /// The class has the largest share of the amount.
    SizeLargestShare,
    /// The field has the largest amount.
    FieldLeads,
    /// Every year of the series but the one named grew, and that one fell.
    YearsGrewBut,
}

/// Patterns whose numbers are figures.
#[rustfmt::skip] // one pattern a line
pub(super) const FIGURES: &[&str] = &[
    "认定登记技术合同{total.contracts:count}项",
    "全年……技术合同成交额{total.amount:money}，(较|比)(上年|[Y-1]年){total.growth:growth}",
    "实现技术合同成交额{total.amount:money}",
    "实现技术合同成交额{total.amount:money}，(较|比)(上年|[Y-1]年){total.growth:growth}",
    "合同成交总(金额|额){total.amount:money}",
    "(相较|较|比)[Y-1]年的{total.previous_amount:money}{total.growth:growth}",
    "新增持证登记员{registrars.newly_certified:count}人",
    "持证登记员人数(达到|达|为){registrars.certified:count}人",
    "社会化培训{activities.policy_training.events:count}场",
    "社会化培训……，培训人员{activities.policy_training.participants:over}人次",
    "赴<units+>(等|){activities.guidance_visits.events:names}开展…辅导",
    "对{expert_reviews.contracts:count}项…专家论证",
    "撤销(错误|)登记(的|)(技术|)合同{revocations.contracts:count}项",
    "推送挂牌{activities.results_listed.items:count}项成果",
    "发布成果{activities.results_published.items:count}项",
    "技术经理人培训班{activities.technology_manager_training.events:count}期，培训{activities.technology_manager_training.participants:count}人次",
    "获得初级证书{activities.technology_managers.junior:count}人",
    "中级证书{activities.technology_managers.intermediate:count}人",
    "备案的高级技术经理人{activities.technology_managers.senior:count}人",
    "累计培养技术经理人{activities.technology_managers.trained_to_date:count}人",
    "累计培养技术经理人……其中兵团系统{activities.technology_managers.trained_to_date_xpcc:count}人",
    "技术合同履行率(为|){follow_up.fulfilment_rate:percent}",
    "综合到账率…{follow_up.collection_rate:percent}",
    "税收优惠实际享受率…{follow_up.benefit_take_up:percent}",
    "增值税免税{follow_up.vat_exempted:money}",
    "企业所得税减免{follow_up.income_tax_reduced:money}",
    "合计减免税{follow_up.tax_relief:money}",
    "奖酬金实发率…{follow_up.reward_issue_rate:percent}",
    "实际发放奖酬金{follow_up.reward_paid:money}",
    "综合发放率…{follow_up.reward_rate:percent}",
    "享受奖励(人数|){follow_up.persons_rewarded:count}人次",
    "成交额年均增长(率|)(为|达|){period.average_growth:percent}",
    "规划目标的{period.multiple_of_target:ratio}倍",
    "期末数的{period.multiple_of_base:ratio}倍",
    "<units>以成交额{units.$.amount:money}居首位",
    "<units+>，成交额分别增长{units.$.growth:growths+}",
    "<regions>……成交额{regions.$.amount:money}，(较|比)(上年|[Y-1]年){regions.$.growth:growth}，占总成交额(的|){regions.$.share:percent}",
    "北疆与南疆…之比(约|)为{regions.north_to_south:ratio}：1",
    "北疆与南疆…之比……[Y-1]年(的|为|){regions.previous_north_to_south:ratio}：1",
    "<years>(期间|)南疆占…(分别为|为){series.$.south_share:ratio+}",
    "<types>……合同成交额(为|){types.$.amount:money}，占比(达到|达|为|){types.$.share:percent}",
    "<types>(类合同|合同|)成交额(同比|较上年|比上年){types.$.growth:growth}",
    "计划项目技术合同{plan.plan_funded.contracts:count}项，(合同|)成交额{plan.plan_funded.amount:money}",
    "计划项目技术合同……占总成交额(的|){plan.plan_funded.share:percent}",
    "计划外项目技术合同{plan.outside_plan.contracts:count}项，(合同|)成交额{plan.outside_plan.amount:money}",
    "计划外项目技术合同……(较|比)(上年|[Y-1]年){plan.outside_plan.growth:growth}",
    "计划外项目技术合同……占总成交额(的|){plan.outside_plan.share:percent}",
    "计划项目共认定登记{period.plan_funded_contracts:count}项，成交额{period.plan_funded_amount:money}，占总成交额(的|){period.plan_funded_share:percent}",
    "计划外项目共认定登记{period.outside_plan_contracts:count}项，成交额{period.outside_plan_amount:money}，占总成交额(的|){period.outside_plan_share:percent}",
    "流向<flows>的(合同|)共(有|){flows.$.contracts:count}项，成交额{flows.$.amount:money}，占总成交额(的|){flows.$.share:percent}",
    "流向<flows+>的分别有{flows.$.contracts:count+}，成交额分别为{flows.$.amount:money+}，占总成交额(的|){flows.$.share:percent+}",
    "<sellers>共登记合同{sellers.$.contracts:count}项，成交额{sellers.$.amount:money}，占比{sellers.$.share:percent}",
    "按<sellers+>细分，成交额分别为{sellers.$.amount:money+}，占比分别为{sellers.$.share:percent+}",
    "<fields>领域(技术|)(合同|)(项目数|项数)和成交额分别为{fields.$.contracts:count}项和{fields.$.amount:money}，占总成交额(的|){fields.$.share:percent}",
    "<fields>领域，成交额(为|){fields.$.amount:money}，占总成交额(的|){fields.$.share:percent}",
    "<fields>领域，成交额……(较|比)(上年|[Y-1]年){fields.$.growth:growth}",
    "大额技术合同{large.contracts:count}项，成交额(为|){large.amount:money}",
    "技术进口合同{imports.contracts:count}项",
    "技术进口合同……其中{imports.by_type.$.contracts:count}项为<types>",
    "{imports.by_type.$.contracts:count}项为<types>，成交额{imports.amount:money}",
    "百万元以下……份数占比(达到|达|为|){bands.under_1m.count_share:percent}",
    "千万元以下……份数占比(达到|达|为|){bands.under_10m.count_share:percent}",
    "百万元以上……占总成交额(的|){bands.from_1m.share:percent}",
    "<sizes>…份数占比(达到|达|为|){sizes.$.count_share:percent}",
    "<sizes>…合同数量最多，份数占比(达到|达|为|){sizes.$.count_share:percent}",
    "<sizes>…成交额占比最高，(达到|达|为|){sizes.$.share:percent}",
    "成交额最大的十项合同占总成交额的{concentration.top_10_share:percent}",
    "成交额最大的一成合同占总成交额的{concentration.top_tenth_share:percent}",
    "成交额最大的单位占总成交额的{concentration.largest_unit_share:percent}",
    "认定登记技术合同的成交总金额中，经核定的技术交易额为{total.technology_amount:money}，占{technology.share:percent}",
    "经核定的技术交易额……占{technology.share:percent}，(上年|上年同期)该占比为{technology.previous_share:percent}",
    "提交至审核确认的天数中位数为{decisions.median_days:ratio}天",
    "提交至审核确认的天数中位数为……，平均为{decisions.mean_days:ratio}天",
    "在办理期限内办结的占{decisions.in_time_share:percent}",
    "曾退回补正的合同{decisions.returned:count}项，退回率{decisions.return_rate:percent}",
    "不予登记的合同{decisions.refused:count}项，不予登记率{decisions.refusal_rate:percent}",
    "撤销登记合同{revocations.contracts:count}项，成交额{revocations.amount:money}，撤销率{decisions.revocation_rate:percent}",
    "恢复登记{reinstatements.contracts:count}项",
    "年度自查抽取合同{self_audits.drawn:count}项，已查{self_audits.checked:count}项",
    "查出有误合同{self_audits.wrong:count}项，差错率{self_audits.error_rate:percent}",
    "举办登记员培训{activities.registrar_training.events:count}期",
    "举办登记员培训……期，参加{activities.registrar_training.participants:count}人次",
    "当年新增持证登记员{registrars.newly_certified:count}人",
    "政策宣讲{activities.policy_training.events:count}场",
    "政策宣讲……场，听讲{activities.policy_training.participants:count}人次",
    "开展登记专项辅导{activities.guidance_visits.events:count}次",
    "推送挂牌成果{activities.results_listed.items:count}项",
    "取得初级证书{activities.technology_managers.junior:count}人",
    "备案高级技术经理人{activities.technology_managers.senior:count}人",
    "为基期{:year}年的{period.multiple_of_base:ratio}倍",
    "规划末年目标的{period.multiple_of_target:ratio}倍",
    "规划末年（{:year}年）目标的{period.multiple_of_target:ratio}倍",
    "规划末年（{:year}年）目标的{period.multiple_of_target:percent}",
    "规划目标的{period.multiple_of_target:percent}",
    "年均{period.average_growth:growth}",
    "<years>成交额(分别|)较前一年增长{series.$.growth:growths+}",
    "<years>成交额(分别|)较前一年下降{series.$.growth:falls+}",
    "<years>南疆…占比(分别为|为){series.$.south_share:ratio+}",
    "计划内项目成交额占比最低为<years>的{series.$.plan_funded_share:percent}",
    "计划内项目成交额占比最低为……，最高为<years>的{series.$.plan_funded_share:percent}",
    "各年计划内项目成交额占比均为{plan.plan_funded.share:percent}",
    "<types+>(合同|)成交额合计占总成交额(的|){types.$+.share:percent}",
    "<types+>(合同|)合计成交额占总成交额(的|){types.$+.share:percent}",
    "单项成交额<sizes>的合同数量最多，有{sizes.$.contracts:count}项，份数占比{sizes.$.count_share:percent}",
    "单项成交额<sizes>的合同成交额占比最高，为{sizes.$.share:percent}",
    "年均(复合|)(增速|增长率|增幅)(为|达|达到|约|){period.average_growth:percent}",
    "总量(已|)(是|达到|为|相当于)[B]年的{period.multiple_of_base:ratio}倍",
    "成交额(已|)(是|达到|为|相当于)[B]年的{period.multiple_of_base:ratio}倍",
    "北疆(技术合同|)成交额(约|)(是|为|达到|相当于)南疆的{regions.north_to_south:ratio}倍",
    "北疆(技术合同|)成交额(约|)(是|为|达到|相当于)南疆的……倍，(上年|[Y-1]年)(这一数字|这一倍数|该数|)(为|是){regions.previous_north_to_south:ratio}倍",
    "培训技术经理人{activities.technology_manager_training.participants:count}人次",
    "技术经理人……累计培养{activities.technology_managers.trained_to_date:count}人",
    "合同履约率(为|达|达到|){follow_up.fulfilment_rate:percent}",
    "资金到账率(为|达|达到|){follow_up.collection_rate:percent}",
    "奖酬金发放率(为|达|达到|){follow_up.reward_issue_rate:percent}",
    "(减免|免征)增值税{follow_up.vat_exempted:money}",
    "增值税……企业所得税{follow_up.income_tax_reduced:money}",
    "(减免|减征)企业所得税{follow_up.income_tax_reduced:money}",
    "税……两税(合计|共计|共)(减免|){follow_up.tax_relief:money}",
    "减免税(合计|共计|总额|额)(为|达|){follow_up.tax_relief:money}",
    "(领取|发放|兑现|获得)奖酬金{follow_up.reward_paid:money}",
    "奖酬金……(惠及|覆盖|奖励)(科研人员|){follow_up.persons_rewarded:count}人次",
    "政策宣讲……场、{activities.policy_training.participants:over}人次",
    "成果发布{activities.results_published.items:count}项",
    "成果发布……项、挂牌{activities.results_listed.items:count}项",
    "{activities.technology_managers.junior:count}人(取得|获得)初级(技术经理人|)(证书|职称)",
    "{activities.technology_managers.junior:count}人(取得|获得)初级技术经理人证书",
    "{activities.technology_managers.intermediate:count}人(取得|获得)中级(技术经理人|)(证书|职称)",
    "十万元以下合同成交额合计占总成交额的{bands.under_100k.share:percent}",
];

/// Patterns that claim something in words.
#[rustfmt::skip] // one pattern a line
pub(super) const CLAIMS: &[(&str, Claim)] = &[
    ("除<units+>(之外|以外|外)(的|，|)(其他|其余|各|)…单位…(均有所增长|均有增长|均实现增长|均增长|均有不同程度增长)", Claim::AllUnitsGrewBut),
    ("成交额超亿元的单位有{:numeral}家，(分别是|分别为|为|是)<units+>", Claim::UnitsAboveYi),
    ("<units>以成交额……居首位，<units+>次之", Claim::UnitsLead),
    ("南、北疆技术合同成交额较[Y-1]年均实现增长", Claim::RegionsGrew),
    ("<types+>(合同|)合计成交额占总成交额(的|){:percent}以上", Claim::TypesShareAtLeast),
    ("<types>(类合同|合同|)成交额同比增长……居首位，<types>(类合同|合同|)成交额同比增长……次之", Claim::TypesGrewMost),
    ("占比在{:percent}-{:percent}之间", Claim::PlanSharesBetween),
    ("计划外项目……占总成交额……占比较上年提高{:ratio}个百分点", Claim::OutsidePlanPoints),
    ("<sizes>…合同数量最多", Claim::SizeMostContracts),
    ("<sizes>…成交额占比最高", Claim::SizeLargestShare),
    ("<fields>领域……占总成交额……居首位", Claim::FieldLeads),
    ("除{:year}年…外，其余年份…增长", Claim::YearsGrewBut),
];
