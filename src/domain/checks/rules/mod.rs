//! The catalogue of the self-audit's checks, A01 to A30: each a small rule with its id, severity, title and source. A rule is pure:
//! what it needs to know of other contracts, papers, people and surveys is handed in as [`Facts`], and where a fact is not known
//! the rule says nothing. Files: `alike` (A01–A05), `papers` (A06–A08), `text` (A11, A13, A15), `content` (A12, A16, A27, A29),
//! `decision` (A17, A18, A20–A22, A25, A26), `habits` (A28, A30).
//!
//! Four checks (A09, A14, A19, A23) are made by rules of form that have ids of their own ([`Run::Form`]); two (A10, A24) only a
//! person can make, with the papers in hand ([`Run::ByHand`]).

mod alike;
mod content;
mod decision;
mod facts;
mod habits;
mod papers;
mod text;

#[cfg(test)]
mod tests;

pub use facts::{Certified, Decision, Facts, Likeness, Lookalike, PairDeal, Papers, SellerHabits};

use super::{Check, Severity};
use crate::domain::{catalogue::Catalogue, contract::Content, rules::RuleSet, time::Date};

/// When a rule is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// While a contract is undecided: at submission, and whenever it is looked at before.
    Submission,
    /// Over what is registered: the self-audit.
    Audit,
}

/// What a rule must be told beside the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Content,
    /// Contracts that resemble it, or of the same parties: [`Facts::likeness`].
    Likeness,
    /// Attachments: [`Facts::papers`].
    Papers,
    /// Other contracts with its numbers: [`Facts::same_number`].
    Numbers,
    /// How it was decided: [`Facts::decision`].
    Decision,
    /// Surveys: [`Facts::follow_ups`].
    FollowUps,
    /// What else the seller registered in the year: [`Facts::seller`].
    Habits,
}

/// How a check is made.
#[derive(Clone, Copy)]
pub enum Run {
    /// By a rule of this room.
    Rule(fn(&Case<'_>, &mut Findings)),
    /// By rules of form with these ids.
    Form(&'static [&'static str]),
    /// By a person; the text says why not by the program.
    ByHand(&'static str),
}

/// One check of the catalogue.
pub struct Rule {
    /// A01 … A30.
    pub id: &'static str,
    /// The gravest that it says. At submission some say less: see the rule.
    pub severity: Severity,
    /// Chinese title.
    pub title: &'static str,
    /// What it must be told.
    pub needs: Needs,
    /// Whether it is asked at submission too, or only over what is registered.
    pub at_submission: bool,
    /// Where the demand comes from.
    pub source: &'static str,
    /// How it is made.
    pub run: Run,
}

/// What a contract is looked at with.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// What it says.
    pub content: &'a Content,
    /// Code lists.
    pub catalogue: &'a Catalogue,
    /// Its rules; none where none hold.
    pub rule_set: Option<&'a RuleSet>,
    /// Today.
    pub today: Date,
    /// When it is looked at.
    pub phase: Phase,
    /// What else is known.
    pub facts: &'a Facts,
}

/// Collects what one rule finds.
pub struct Findings {
    id: &'static str,
    found: Vec<Check>,
}

impl Findings {
    fn add(&mut self, severity: Severity, pointer: impl Into<String>, message: impl Into<String>) {
        self.found.push(Check {
            id: self.id,
            severity,
            message: message.into(),
            pointer: pointer.into(),
        });
    }
}

macro_rules! rules {
    ($($id:literal $severity:ident $needs:ident $when:ident $title:literal, $source:literal, $run:expr;)*) => {
        /// Every check, in order of id.
        pub const RULES: [Rule; 30] = [$(Rule {
            id: $id,
            severity: Severity::$severity,
            title: $title,
            needs: Needs::$needs,
            at_submission: rules!(@$when),
            source: $source,
            run: $run,
        }),*];
    };
    (@both) => { true };
    (@audit) => { false };
}

rules! {
    "A01" Error Likeness both "同一合同重复登记", "暂行办法：一份合同只能登记一次", Run::Rule(alike::exact_duplicate);
    "A02" Warning Likeness both "疑似重复登记", "自查经验：名称、金额、日期相近", Run::Rule(alike::near_duplicate);
    "A03" Error Papers both "合同文本文件相同", "自查经验：同一文件用于两项登记", Run::Rule(papers::same_file);
    "A04" Error Numbers audit "登记编号重复", "一份合同只能登记一次", Run::Rule(alike::same_number);
    "A05" Warning Likeness both "疑似拆分合同", "自查经验：大额合同拆分以规避论证", Run::Rule(alike::split);
    "A06" Error Papers both "缺少必备附件", "认定登记办法：申请材料；规则集 required_attachments", Run::Rule(papers::mandatory);
    "A07" Error Papers both "缺少知识产权证明", "认定规则：转让、许可须附权属证明", Run::Rule(papers::ip_proof);
    "A08" Error Papers both "缺少计划立项文件", "认定规则：计划内项目须附立项文件", Run::Rule(papers::plan_document);
    "A09" Error Content both "金额不符", "认定规则：成交额为技术交易额与非技术性费用之和",
        Run::Form(&["amounts_do_not_add_up", "technology_amount_not_positive"]);
    "A10" Error Papers audit "登记金额与合同文本不符", "认定登记办法：书面审查",
        Run::ByHand("须由登记员对照合同文本核对，系统不识别文本中的金额");
    "A11" Warning Content both "含设备材料采购而未扣除", "认定规则：技术交易额不含设备、材料等费用", Run::Rule(text::nothing_deducted);
    "A12" Warning Content both "金额单位可能有误", "填报经验：元与万元混淆", Run::Rule(content::unit_slip);
    "A13" Warning Content both "合同类别疑似有误", "认定规则：各类技术合同的认定条件", Run::Rule(text::wrong_category);
    "A14" Error Content both "子类与知识产权不符", "认定规则：转让、许可的标的", Run::Form(&["ip_kind_none", "ip_kind_unfit"]);
    "A15" Warning Content both "疑似非技术合同", "认定规则：不予登记的合同", Run::Rule(text::not_technology);
    "A16" Warning Content both "疑似关联交易", "自查通知：关联交易", Run::Rule(content::related_party);
    "A17" Warning FollowUps audit "关联交易享受企业所得税优惠", "财税规定：百分之百持股关联方之间的技术转让不享受优惠",
        Run::Rule(decision::related_tax);
    "A18" Warning FollowUps audit "计划内项目享受税收优惠或奖酬金", "年度统计报告：计划内项目", Run::Rule(decision::plan_benefit);
    "A19" Error Content both "签订、受理日期不符", "认定登记办法：合同成立后、有效期内申请",
        Run::Form(&["signed_after_received", "received_in_future", "applied_after_term", "dates_out_of_order"]);
    "A20" Warning Decision audit "超期办结", "认定登记办法：办理期限", Run::Rule(decision::late);
    "A21" Error Decision audit "登记员资格或回避不符", "登记员持证上岗；登记与审核分离", Run::Rule(decision::staff);
    "A22" Error Decision audit "大额合同未经专家论证", "规则集 expert_review.from_fen", Run::Rule(decision::no_experts);
    "A23" Error Content both "主体性质与信用代码不符", "GB 32100-2015",
        Run::Form(&["kind_uscc_mismatch", "kind_uscc_doubtful", "uscc_length", "uscc_alphabet", "uscc_check_character"]);
    "A24" Error Papers audit "印章与当事人名称不符", "认定登记办法：不予登记的情形",
        Run::ByHand("须由登记员对照合同原件的印章核对，系统没有印章信息");
    "A25" Warning FollowUps audit "期满未到账", "年度跟踪调查：到账率", Run::Rule(decision::unpaid);
    "A26" Error Decision audit "统计与登记状态不一致", "撤销、注销的合同不计入统计", Run::Rule(decision::counted_wrongly);
    "A27" Warning Content both "联系信息为占位内容", "填报经验", Run::Rule(content::placeholder_contact);
    "A28" Notice Habits audit "卖方集中或年末突击", "自查经验", Run::Rule(habits::concentration);
    "A29" Error Content both "买方归属与所在地矛盾", "年度统计报告：技术流向", Run::Rule(content::flow);
    "A30" Notice Habits audit "填报内容千篇一律", "填报经验：默认值未改", Run::Rule(habits::uniform);
}

/// The check that a finding's id belongs to: its own, or the one that a rule of form makes.
pub fn rule_of(id: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| rule.id == id || matches!(rule.run, Run::Form(ids) if ids.contains(&id)))
}

impl Rule {
    /// Whether it can be asked about a case: it belongs to the phase, and what it must be told is known.
    pub fn applies(&self, phase: Phase, facts: &Facts) -> bool {
        let known = match self.needs {
            Needs::Content => true,
            Needs::Likeness => facts.likeness.is_some(),
            Needs::Papers => facts.papers.is_some(),
            Needs::Numbers => facts.same_number.is_some(),
            Needs::Decision => facts.decision.is_some(),
            Needs::FollowUps => facts.follow_ups.is_some(),
            Needs::Habits => facts.seller.is_some(),
        };
        known && (phase == Phase::Audit || self.at_submission)
    }

    /// What it finds; nothing where it is no rule of this room.
    pub fn find(&self, case: &Case<'_>) -> Vec<Check> {
        let mut findings = Findings {
            id: self.id,
            found: Vec::new(),
        };
        if let Run::Rule(run) = self.run
            && self.applies(case.phase, case.facts)
        {
            run(case, &mut findings);
        }
        findings.found
    }
}

/// What all rules of this room find.
pub(super) fn all(case: &Case<'_>) -> impl Iterator<Item = Check> {
    RULES.iter().flat_map(|rule| rule.find(case))
}
