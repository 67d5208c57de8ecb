//! What each figure means: its name, its definition in words, its formula, where the rule comes from, and in what it is counted.
//! One table; a test holds that every figure has a row and is of the row's kind.

use super::{coder::Section, value::UnitKind};
use crate::domain::{catalogue::Catalogue, code_list::ListName};

use UnitKind::{Count, Fen, Rate, Ratio, Year};

/// A figure told in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Chinese name: 八师合同成交额.
    pub name: String,
    /// What it is, in a sentence.
    pub meaning: String,
    /// How it is computed.
    pub formula: String,
    /// Table or chapter of the published report of 2025, or the rule, that it comes from.
    pub source: String,
    /// What kind of number it is.
    pub unit: UnitKind,
    /// What it is shown in: 项, 万元, %, 人次; empty for plain numbers.
    pub shown_in: &'static str,
}

/// Pattern of names (`*`: one segment, whose label replaces `{}`), name, meaning, formula, source, kind, shown in.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    UnitKind,
    &'static str,
);

/// What all counted contracts have in common; told once, at the total.
const COUNTED: &str = "统计年度内（北京时间）首次审核确认、在统计时点有效的技术合同，取统计时点有效的版本";

/// The report whose tables and chapters the sources name; a source that begins with 《 stands for itself.
const REPORT: &str = "《2025 年兵团技术市场统计年报》";

/// Where figures come from that the published report does not have.
const RECORDS: &str = "《2025 年兵团技术市场统计年报》未列，由登记记录得出";

#[rustfmt::skip] // one figure a line
const ROWS: &[Row] = &[
    ("total.contracts", "认定登记合同项数", COUNTED, "计数", "一（一）", Count, "项"),
    ("total.amount", "合同成交总金额", "所计合同的合同成交额之和", "Σ合同成交额", "一（一）", Fen, "万元"),
    ("total.technology_amount", "技术交易总金额", "所计合同经核定的技术交易额之和；历史资料未载明的按零计", "Σ技术交易额", "《技术合同认定规则》：核定技术交易额", Fen, "万元"),
    ("total.previous_contracts", "上年合同项数", "上年同期、同一统计时点口径的合同项数；登记册首年之前的无", "计数（上年）", "一（一）", Count, "项"),
    ("total.previous_amount", "上年合同成交总金额", "上年同期、同一统计时点口径的合同成交额之和；登记册首年之前的无", "Σ合同成交额（上年）", "一（一）", Fen, "万元"),
    ("total.growth", "合同成交总金额同比增速", "成交额与上年同期相比的增长，按精确合计计算；上年为零时无", "本年÷上年−1", "表1", Rate, "%"),
    ("series.*.contracts", "{}年合同项数", "该年首次审核确认、在统计时点有效的合同；登记册首年之前的无", "计数", "表1", Count, "项"),
    ("series.*.amount", "{}年合同成交额", "该年所计合同的合同成交额之和；登记册首年之前的取参考数，无参考数的无", "Σ合同成交额", "表1", Fen, "万元"),
    ("series.*.growth", "{}年成交额同比增速", "与前一年相比；序列首年无", "该年÷前一年−1", "表1", Rate, "%"),
    ("series.*.plan_funded_contracts", "{}年计划内合同项数", "计划来源属于各级财政计划的合同", "计数", "四（二）", Count, "项"),
    ("series.*.plan_funded_amount", "{}年计划内成交额", "计划来源属于各级财政计划的合同的成交额", "Σ合同成交额", "表4", Fen, "万元"),
    ("series.*.outside_plan_contracts", "{}年计划外合同项数", "计划来源为计划外的合同", "计数", "四（二）", Count, "项"),
    ("series.*.outside_plan_amount", "{}年计划外成交额", "计划来源为计划外的合同的成交额", "Σ合同成交额", "表4", Fen, "万元"),
    ("series.*.plan_funded_share", "{}年计划内成交额占比", "计划内成交额占该年成交总额的比重", "计划内÷合计", "表4", Rate, "%"),
    ("series.*.outside_plan_share", "{}年计划外成交额占比", "计划外成交额占该年成交总额的比重", "计划外÷合计", "表4", Rate, "%"),
    ("series.*.south_amount", "{}年南疆成交额", "归属单位属南疆（一师、二师、三师、十四师、塔里木大学）的合同的成交额", "Σ合同成交额", "二（二）2", Fen, "万元"),
    ("series.*.south_share", "{}年南疆成交额占比", "南疆成交额占该年成交总额的比重", "南疆÷合计", "二（二）2", Rate, "%"),
    ("units.*.rank", "{}成交额排名", "在十四个师中按本年成交额从大到小的名次，相同者名次相同；其余单位不排名", "1＋成交额更大的师数", "表2", Count, ""),
    ("plan.*.share_change", "{}成交额占比变化", "本年占比与上年同期占比之差，以百分点表示", "本年占比−上年占比", "四（一）", Rate, "个百分点"),
    ("regions.north_to_south", "北疆与南疆成交额之比", "北疆成交额是南疆的多少倍", "北疆÷南疆", "二（二）1", Ratio, ""),
    ("regions.previous_north_to_south", "上年北疆与南疆成交额之比", "上年同期北疆成交额是南疆的多少倍", "北疆÷南疆（上年）", "二（二）1", Ratio, ""),
    ("bands.*.contracts", "{}合同项数", "单项合同成交额在该范围内的合同", "计数", "八、表5", Count, "项"),
    ("bands.*.amount", "{}合同成交额", "单项合同成交额在该范围内的合同的成交额", "Σ合同成交额", "八、表5", Fen, "万元"),
    ("bands.*.share", "{}成交额占比", "该范围的成交额占成交总额的比重", "范围内÷合计", "八、表5", Rate, "%"),
    ("bands.*.count_share", "{}份数占比", "该范围的合同项数占总项数的比重", "范围内÷合计", "八、表5", Rate, "%"),
    ("large.contracts", "大额合同项数", "单项合同成交额达到大额标准的合同（2025 年统计年报：500 万元以上，含本数）", "计数", "八", Count, "项"),
    ("large.amount", "大额合同成交额", "大额合同的成交额之和", "Σ合同成交额", "八", Fen, "万元"),
    ("large.share", "大额合同成交额占比", "大额合同成交额占成交总额的比重", "大额÷合计", "八", Rate, "%"),
    ("imports.contracts", "技术进口合同项数", "进出口为进口的合同", "计数", "八", Count, "项"),
    ("imports.amount", "技术进口合同成交额", "技术进口合同的成交额之和", "Σ合同成交额", "八", Fen, "万元"),
    ("imports.by_type.*.contracts", "技术进口（{}）合同项数", "该类别的技术进口合同", "计数", "八", Count, "项"),
    ("imports.by_type.*.amount", "技术进口（{}）合同成交额", "该类别的技术进口合同的成交额", "Σ合同成交额", "八", Fen, "万元"),
    ("highlights.units_over_100m", "成交额超亿元的单位数", "本年成交额超过一亿元的归属单位", "计数", "二（一）", Count, "家"),
    ("highlights.two_largest_types_share", "成交额最大的两类合同占比", "成交额最大的两类合同的成交额合计占成交总额的比重", "（第一＋第二）÷合计", "三", Rate, "%"),
    ("highlights.large_from", "大额合同标准", "单项合同成交额达到此数的为大额合同（config/statistics.toml）", "", "八", Fen, "万元"),
    ("period.from", "五年规划首年", "统计年度所在五年规划的首年", "", "一（二）", Year, "年"),
    ("period.to", "五年规划末年", "统计年度所在五年规划的末年", "", "一（二）", Year, "年"),
    ("period.last_year", "规划期统计末年", "规划期累计到哪一年：统计年度与规划末年中较早者", "min(统计年度, 规划末年)", "一（二）", Year, "年"),
    ("period.base_year", "规划基期年", "规划期增长以此年为基期", "", "一（二）", Year, "年"),
    ("period.plan_funded_contracts", "规划期计划内合同项数", "规划首年至统计末年累计的计划内合同", "计数", "四（二）", Count, "项"),
    ("period.outside_plan_contracts", "规划期计划外合同项数", "规划首年至统计末年累计的计划外合同", "计数", "四（二）", Count, "项"),
    ("period.plan_funded_amount", "规划期计划内成交额", "规划首年至统计末年累计的计划内成交额", "Σ合同成交额", "四（二）", Fen, "万元"),
    ("period.outside_plan_amount", "规划期计划外成交额", "规划首年至统计末年累计的计划外成交额", "Σ合同成交额", "四（二）", Fen, "万元"),
    ("period.plan_funded_share", "规划期计划内成交额占比", "计划内成交额占规划期累计成交额的比重", "计划内÷合计", "四（二）", Rate, "%"),
    ("period.outside_plan_share", "规划期计划外成交额占比", "计划外成交额占规划期累计成交额的比重", "计划外÷合计", "四（二）", Rate, "%"),
    ("period.average_growth", "规划期成交额年均增长率", "统计末年相对基期年的年均增长；基期数取登记册，登记册无该年的取参考数", "(末年÷基期)^(1÷相隔年数)−1", "一（二）", Rate, "%"),
    ("period.multiple_of_base", "统计末年成交额为基期的倍数", "统计末年成交额是基期年的多少倍", "末年÷基期", "一（二）", Ratio, "倍"),
    ("period.multiple_of_target", "统计末年成交额为规划目标的倍数", "统计末年成交额是规划末年目标的多少倍", "末年÷规划目标", "一（二）", Ratio, "倍"),
    ("expert_reviews.contracts", "专家论证合同项数", "统计年度内形成专家论证结论的合同；历史资料以审核确认（不予登记的以提交）时刻为准", "计数", "概述", Count, "项"),
    ("revocations.contracts", "撤销登记合同项数", "统计年度内撤销登记的合同，不论何年确认、其后是否恢复", "计数", "概述", Count, "项"),
    ("revocations.amount", "撤销登记合同成交额", "统计年度内撤销登记的合同的成交额", "Σ合同成交额", "概述", Fen, "万元"),
    ("revocations.by_ground.*.contracts", "撤销登记（{}）合同项数", "统计年度内以此事由撤销登记的合同", "计数", "概述", Count, "项"),
    ("revocations.by_ground.*.amount", "撤销登记（{}）合同成交额", "统计年度内以此事由撤销登记的合同的成交额", "Σ合同成交额", "概述", Fen, "万元"),
    ("reinstatements.contracts", "恢复登记合同项数", "统计年度内恢复登记的合同", "计数", "《2025 年兵团技术市场统计年报》未列，与撤销登记相对应", Count, "项"),
    ("registrars.certified", "持证登记员人数", "统计时点（不晚于年末）证书有效的登记员，首日、末日均计", "计数", "概述", Count, "人"),
    ("registrars.newly_certified", "新增持证登记员人数", "统计年度内、统计时点前发证的登记员", "计数", "概述", Count, "人"),
    ("follow_up.fulfilment_rate", "涉税技术合同履行率", "本年度跟踪调查中，已履行的涉税合同占涉税合同的比重（按项数）", "已履行÷涉税", "概述", Rate, "%"),
    ("follow_up.collection_rate", "综合到账率", "本年度跟踪调查中，实到账额占应到账额的比重", "实到账额÷应到账额", "概述", Rate, "%"),
    ("follow_up.benefit_take_up", "税收优惠实际享受率", "本年度跟踪调查中，应享项目中实际享受的占应享项目数的比重；不应享而实享的不计入分子", "应享且实享项目数÷应享项目数", "概述", Rate, "%"),
    ("follow_up.vat_exempted", "增值税免税额", "本年度跟踪调查所载增值税免税额之和", "Σ增值税免税额", "概述", Fen, "万元"),
    ("follow_up.income_tax_reduced", "企业所得税减免额", "本年度跟踪调查所载企业所得税减免额之和", "Σ企业所得税减免额", "概述", Fen, "万元"),
    ("follow_up.tax_relief", "合计减免税额", "增值税免税额与企业所得税减免额之和，先求和后取舍", "增值税免税＋企业所得税减免", "概述", Fen, "万元"),
    ("follow_up.reward_issue_rate", "奖酬金实发率", "本年度跟踪调查中，应发项目中实际发放的占应发项目数的比重；不应发而实发的不计入分子", "应发且实发项目数÷应发项目数", "概述", Rate, "%"),
    ("follow_up.reward_paid", "实际发放奖酬金", "本年度跟踪调查所载实发奖酬金之和", "Σ实发奖酬金", "概述", Fen, "万元"),
    ("follow_up.reward_rate", "奖酬金综合发放率", "本年度跟踪调查中，实发奖酬金占净收益额的比重", "实发额÷净收益额", "概述", Rate, "%"),
    ("follow_up.persons_rewarded", "享受奖励人次", "本年度跟踪调查所载享受奖励人次之和", "Σ人次", "概述", Count, "人次"),
    ("activities.technology_managers.junior", "取得技术经理人初级证书人数", "统计年度内取得初级证书的人数", "Σ项数", "概述", Count, "人"),
    ("activities.technology_managers.intermediate", "取得技术经理人中级证书人数", "统计年度内取得中级证书的人数", "Σ项数", "概述", Count, "人"),
    ("activities.technology_managers.senior", "备案高级技术经理人人数", "统计年度内备案的高级技术经理人", "Σ项数", "概述", Count, "人"),
    ("activities.technology_managers.trained_to_date", "累计培养技术经理人", "截至统计时点（不晚于年末）历次技术经理人培训人次与往年培养人数之和", "Σ培训人次＋往年培养", "概述", Count, "人"),
    ("activities.technology_managers.trained_to_date_xpcc", "累计培养技术经理人中的兵团系统人数", "累计培养技术经理人中属兵团系统的", "Σ其中兵团系统人次", "概述", Count, "人"),
    ("activities.*.events", "{}场次", "统计年度内举办的场次", "Σ场次", "概述", Count, "场"),
    ("activities.*.participants", "{}人次", "统计年度内参加的人次", "Σ人次", "概述", Count, "人次"),
    ("technology.amount", "技术交易总金额", "所计合同经核定的技术交易额之和；历史资料未载明的按零计", "Σ技术交易额", RECORDS, Fen, "万元"),
    ("technology.share", "技术交易额占成交额比重", "所计合同的技术交易额占其合同成交额的比重", "Σ技术交易额÷Σ合同成交额", RECORDS, Rate, "%"),
    ("technology.previous_share", "上年技术交易额占成交额比重", "上年同期所计合同的技术交易额占其合同成交额的比重", "Σ技术交易额÷Σ合同成交额（上年）", RECORDS, Rate, "%"),
    ("contract_amounts.median", "合同成交额中位数", "所计合同按成交额从小到大居中者；项数为偶数的取居中两项的平均数；无合同时无", "中位数", RECORDS, Fen, "万元"),
    ("contract_amounts.mean", "单项合同平均成交额", "成交总额除以合同项数；无合同时无", "Σ合同成交额÷项数", RECORDS, Fen, "万元"),
    ("concentration.top_10_share", "前十项合同成交额占比", "成交额最大的十项合同（不足十项的取全部）占成交总额的比重", "前十项÷合计", RECORDS, Rate, "%"),
    ("concentration.top_tenth_share", "前一成合同成交额占比", "成交额最大的一成合同（项数÷10，进一取整）占成交总额的比重", "前一成÷合计", RECORDS, Rate, "%"),
    ("concentration.largest_unit_share", "成交额最大单位占比", "成交额最大的归属单位占成交总额的比重", "最大单位÷合计", RECORDS, Rate, "%"),
    ("decisions.median_days", "受理至认定天数中位数", "所计合同自提交之日至审核确认之日的日历天数居中者；未载明提交时间的不计", "中位数（确认日−提交日）", RECORDS, Ratio, "天"),
    ("decisions.mean_days", "受理至认定平均天数", "所计合同自提交之日至审核确认之日的平均日历天数；未载明提交时间的不计", "Σ（确认日−提交日）÷项数", RECORDS, Ratio, "天"),
    ("decisions.in_time_share", "按期办结率", "所计合同中，审核确认之日不晚于办理期限的占载明期限者的比重", "按期÷载明期限", RECORDS, Rate, "%"),
    ("decisions.returned", "退回补正合同项数", "所计合同与本期不予登记的合同中，曾被退回补正的；历史资料中退回补正后未再办理的，以提交时刻为准计入，有未载明提交时间的则无", "计数", RECORDS, Count, "项"),
    ("decisions.return_rate", "退回率", "曾被退回补正的合同占所计合同、本期不予登记合同与历史资料中退回补正后未再办理的合同的比重", "曾退回÷（所计＋不予登记＋退回后未再办理）", RECORDS, Rate, "%"),
    ("decisions.refused", "不予登记合同项数", "本期作出不予登记决定且未重新受理的合同；历史资料以提交时刻为准，有未载明提交时间的则无", "计数", RECORDS, Count, "项"),
    ("decisions.refusal_rate", "不予登记率", "不予登记合同占所计合同与不予登记合同的比重", "不予登记÷（所计＋不予登记）", RECORDS, Rate, "%"),
    ("decisions.revocation_rate", "撤销率", "本期撤销登记的合同（不论何年确认）与所计合同之比，以两者之和为分母", "撤销÷（所计＋撤销）", RECORDS, Rate, "%"),
    ("self_audits.drawn", "自查抽取合同项数", "对本年度合同、在统计时点前完成的自查所抽取的合同", "计数", RECORDS, Count, "项"),
    ("self_audits.checked", "自查已查合同项数", "上述抽取的合同中已作出检查结论的", "计数", RECORDS, Count, "项"),
    ("self_audits.wrong", "自查有误合同项数", "上述抽取的合同中查明有误的", "计数", RECORDS, Count, "项"),
    ("self_audits.error_rate", "自查差错率", "有误合同占已查合同的比重（样本比例，未按抽样设计加权）", "有误÷已查", RECORDS, Rate, "%"),
    ("activities.*.items", "{}项数", "统计年度内的成果项数", "Σ项数", "概述", Count, "项"),
];

/// Measures of a section's item; in the meaning, `{by}` is the section's dimension.
#[rustfmt::skip] // one figure a line
const SPLIT: &[Row] = &[
    ("*.contracts", "{}合同项数", "{by}为“{}”的合同", "计数", "", Count, "项"),
    ("*.amount", "{}合同成交额", "{by}为“{}”的合同的成交额之和", "Σ合同成交额", "", Fen, "万元"),
    ("*.technology_amount", "{}技术交易额", "{by}为“{}”的合同的技术交易额之和", "Σ技术交易额", "", Fen, "万元"),
    ("*.share", "{}成交额占比", "{by}为“{}”的成交额占成交总额的比重，按精确合计计算", "分项÷合计", "", Rate, "%"),
    ("*.count_share", "{}份数占比", "{by}为“{}”的合同项数占总项数的比重", "分项÷合计", "", Rate, "%"),
    ("*.previous_contracts", "{}上年合同项数", "{by}为“{}”的上年同期合同", "计数（上年）", "", Count, "项"),
    ("*.previous_amount", "{}上年合同成交额", "{by}为“{}”的上年同期成交额之和", "Σ合同成交额（上年）", "", Fen, "万元"),
    ("*.growth", "{}成交额同比增速", "{by}为“{}”的成交额与上年同期相比的增长；上年为零时无", "本年÷上年−1", "", Rate, "%"),
];

/// How the items of a section are called (`{}`: the label), the section's dimension in words, its place in the published report.
const fn dimension(section: Section) -> (&'static str, &'static str, &'static str) {
    match section {
        Section::Units => ("{}", "归属单位", "表2"),
        Section::Regions => ("{}", "归属单位所在地区", "二（二）1"),
        Section::Types => ("{}", "合同类别", "表3"),
        Section::Plan => ("{}", "任务来源", "四（一）"),
        Section::Flows => (
            "流向{}",
            "技术流向（买方属兵团单位的为兵团内，其余在新疆的为地方，其他为疆外）",
            "五",
        ),
        Section::Sellers => ("{}卖方", "卖方类别", "六"),
        Section::Fields => ("{}领域", "技术领域", "七"),
        Section::Sizes => ("{}", "单项合同成交额规模（含下限、不含上限）", "表5"),
    }
}

/// Labels of keys that are no codes of a list.
const LABELS: [(&str, &str); 5] = [
    ("under_100k", "10 万元以下"),
    ("under_1m", "百万元以下"),
    ("from_1m", "百万元以上"),
    ("under_10m", "千万元以下"),
    ("guidance_visits", "登记辅导"),
];

/// The Chinese label of the variable segment of a figure's name.
fn label<'a>(catalogue: &'a Catalogue, figure: &str, segment: &'a str) -> &'a str {
    let head = figure.split('.').next().unwrap_or_default();
    let list = match head {
        "revocations" => Some(ListName::RevocationGround),
        "imports" => Some(ListName::Type),
        "activities" => Some(ListName::ActivityKind),
        _ => Section::ALL
            .into_iter()
            .find(|section| section.key() == head)
            .map(Section::list),
    };
    let fixed = || LABELS.iter().find(|(key, _)| *key == segment).map(|(_, label)| *label);
    list.and_then(|list| catalogue.list(list).label(segment))
        .or_else(fixed)
        .unwrap_or(segment)
}

/// The segment that `*` stands for where the name fits the pattern (empty where the pattern has no `*`).
fn fit<'n>(pattern: &str, name: &'n str) -> Option<&'n str> {
    let mut star = "";
    let (mut expected, mut found) = (pattern.split('.'), name.split('.'));
    loop {
        match (expected.next(), found.next()) {
            (None, None) => return Some(star),
            (Some("*"), Some(segment)) => star = segment,
            (Some(e), Some(f)) if e == f => {}
            _ => return None,
        }
    }
}

/// The definition of a figure by its name; `None` where no such figure exists.
pub fn definition(catalogue: &Catalogue, figure: &str) -> Option<Definition> {
    if let Some((row, star)) = ROWS.iter().find_map(|row| Some((row, fit(row.0, figure)?))) {
        let label = label(catalogue, figure, star);
        return Some(told(row, label, row.2.replace("{}", label), row.4));
    }
    let (head, rest) = figure.split_once('.')?;
    let section = Section::ALL.into_iter().find(|section| section.key() == head)?;
    let (row, star) = SPLIT.iter().find_map(|row| Some((row, fit(row.0, rest)?)))?;
    let label = catalogue.list(section.list()).label(star)?;
    let (called, by, source) = dimension(section);
    let meaning = row.2.replace("{by}", by).replace("{}", label);
    Some(told(row, &called.replace("{}", label), meaning, source))
}

fn told(row: &Row, label: &str, meaning: String, source: &str) -> Definition {
    let (_, name, _, formula, _, unit, shown_in) = *row;
    Definition {
        name: name.replace("{}", label),
        meaning,
        formula: formula.to_owned(),
        source: if source.starts_with('《') {
            source.to_owned()
        } else {
            format!("{REPORT}{source}")
        },
        unit,
        shown_in,
    }
}
