//! 概述: the year in a page, its work included: registrars, expert reviews, trainings, the survey.

use super::Chapter;
use crate::{
    report::{
        claims::{change, money, unsigned},
        model::Span,
        template::{Form, Phrase, number, words},
        view::{Item, View},
    },
    statistics::PrintedUnit,
};

/// The summary.
pub fn summary(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("summary");
    chapter.heading(1, "概述");
    chapter.say([total(view), target(view)]);
    chapter.say([registrars(view), promotion(view), reviews(view), revocations(view)]);
    chapter.say([results(view)]);
    chapter.say([managers(view), trained(view)]);
    chapter.say(follow_up(view));
    chapter
}

fn total(view: &View<'_>) -> Option<Phrase> {
    let (total, name_before) = view.compared_total();
    if !view.has_begun() {
        return Phrase::sentence([words!(view, "{span}尚未开始")]);
    }
    if total.contracts == 0 {
        let fell = (total.before > 0)
            .then(|| {
                let amount = money(view, &name_before);
                words!(view, "{before}成交额为 {amount}", amount = amount)
            })
            .flatten();
        return Phrase::sentence([words!(view, "{span}{region}未认定登记技术合同"), fell]);
    }
    Phrase::sentence([
        words!(view, "{span}{region}共认定登记技术合同 {total.contracts} 项"),
        words!(
            view,
            "实现技术合同成交额 {amount}",
            amount = money(view, "total.amount")
        ),
        change(view, &total, 0),
        record(view),
    ])
}

/// Whether the amount is the highest or the lowest of the years that the register shows without a gap.
pub fn record(view: &View<'_>) -> Option<Phrase> {
    if view.is_running() {
        return None;
    }
    let years = view.years();
    let (now, earlier) = years.split_last()?;
    let known: Vec<&Item> = earlier.iter().rev().take_while(|year| year.contracts > 0).collect();
    let first = known.last().filter(|_| known.len() > 1)?;
    let (highest, lowest) = (
        known.iter().all(|year| year.amount < now.amount),
        known.iter().all(|year| year.amount > now.amount),
    );
    let all = known.len() == earlier.len();
    match (highest, lowest, all) {
        (true, _, true) => words!(view, "为近五年最高"),
        (true, _, false) => words!(view, "为 {year} 年以来最高", year = first.label),
        (_, true, true) => words!(view, "为近五年最低"),
        (_, true, false) => words!(view, "为 {year} 年以来最低", year = first.label),
        _ => None,
    }
}

/// Against the target of the five-year plan.
fn target(view: &View<'_>) -> Option<Phrase> {
    let name = "period.multiple_of_target";
    if !view.has_begun() {
        return None;
    }
    let reached = view.value(name)?.compare_to(1)?.is_ge();
    let to = view.whole("period.to");
    let is_last = to == i64::from(view.figures.year);
    // What prints as all of it and is less is told so.
    let percent = Form {
        unit: Some(PrintedUnit::Percent),
        ..unsigned(1)
    };
    let prints_as_all = number(name, view.value(name)?, percent).is_some_and(|number| number.text == "100.0%");
    let said = match (reached, is_last) {
        (false, true) if prints_as_all => words!(view, "成交额略低于规划目标"),
        (false, false) if prints_as_all => words!(view, "成交额略低于规划末年（{period.to} 年）目标"),
        (true, true) => words!(view, "成交额为规划目标的 {period.multiple_of_target} 倍，完成规划目标"),
        (true, false) => words!(
            view,
            "成交额为规划末年（{period.to} 年）目标的 {period.multiple_of_target} 倍，提前达到规划目标"
        ),
        (false, true) if view.is_running() => {
            words!(view, "成交额相当于规划目标的 {period.multiple_of_target|percent|1}")
        }
        (false, true) => words!(
            view,
            "成交额相当于规划目标的 {period.multiple_of_target|percent|1}，未达到规划目标"
        ),
        (false, false) => words!(
            view,
            "成交额相当于规划末年（{period.to} 年）目标的 {period.multiple_of_target|percent|1}"
        ),
    };
    Phrase::sentence([said])
}

/// The clause where the count that it tells is above 0.
fn some(view: &View<'_>, figure: &str, said: Option<Phrase>) -> Option<Phrase> {
    (view.whole(figure) > 0).then_some(said).flatten()
}

/// The same of a template.
macro_rules! some {
    ($view:expr, $figure:expr, $words:literal) => {
        some($view, $figure, words!($view, $words))
    };
}

fn registrars(view: &View<'_>) -> Option<Phrase> {
    let training = "activities.registrar_training.events";
    let new = if view.whole("registrars.newly_certified") > 0 {
        words!(view, "当年新增持证登记员 {registrars.newly_certified} 人")
    } else {
        words!(view, "当年无新增持证登记员")
    };
    let certified = some!(view, "registrars.certified", "持证登记员 {registrars.certified} 人");
    let held = some(
        view,
        training,
        words!(view, "举办登记员培训 {activities.registrar_training.events} 期"),
    );
    let attended = some!(
        view,
        "activities.registrar_training.participants",
        "参加 {activities.registrar_training.participants} 人次"
    );
    let new = certified.is_some().then_some(new).flatten();
    Phrase::period([
        Phrase::sentence([held, attended]).map(without_stop),
        Phrase::sentence([certified, new]).map(without_stop),
    ])
}

/// A sentence as a clause of a longer one.
fn without_stop(sentence: Phrase) -> Phrase {
    let mut clause = Phrase::default();
    for span in sentence.spans() {
        clause.push(match span {
            Span::Text(text) => Span::Text(text.trim_end_matches('。').to_owned()),
            figure => figure,
        });
    }
    clause
}

fn promotion(view: &View<'_>) -> Option<Phrase> {
    Phrase::sentence([
        some!(
            view,
            "activities.policy_training.events",
            "组织成果转化政策宣讲 {activities.policy_training.events} 场"
        ),
        some!(
            view,
            "activities.policy_training.participants",
            "听讲 {activities.policy_training.participants} 人次"
        ),
        some!(
            view,
            "activities.guidance_visits.events",
            "赴师市开展登记专项辅导 {activities.guidance_visits.events} 次"
        ),
    ])
}

fn reviews(view: &View<'_>) -> Option<Phrase> {
    let said = some!(
        view,
        "expert_reviews.contracts",
        "对 {expert_reviews.contracts} 项合同组织了专家论证"
    );
    Phrase::sentence([said])
}

fn revocations(view: &View<'_>) -> Option<Phrase> {
    let when = if view.is_running() { "年内" } else { "全年" };
    let said = some(
        view,
        "revocations.contracts",
        words!(view, "{when}撤销登记合同 {revocations.contracts} 项", when = when),
    );
    let restored = some!(
        view,
        "reinstatements.contracts",
        "恢复登记 {reinstatements.contracts} 项"
    );
    Phrase::sentence([said, restored])
}

fn results(view: &View<'_>) -> Option<Phrase> {
    Phrase::sentence([
        some!(
            view,
            "activities.results_published.items",
            "各类成果对接活动发布成果 {activities.results_published.items} 项"
        ),
        some!(
            view,
            "activities.results_listed.items",
            "向技术交易市场推送挂牌成果 {activities.results_listed.items} 项"
        ),
    ])
}

fn managers(view: &View<'_>) -> Option<Phrase> {
    Phrase::sentence([
        some!(
            view,
            "activities.technology_manager_training.events",
            "举办技术经理人培训班 {activities.technology_manager_training.events} 期"
        ),
        some!(
            view,
            "activities.technology_manager_training.participants",
            "培训 {activities.technology_manager_training.participants} 人次"
        ),
        some!(
            view,
            "activities.technology_managers.junior",
            "取得初级证书 {activities.technology_managers.junior} 人"
        ),
        some!(
            view,
            "activities.technology_managers.intermediate",
            "取得中级证书 {activities.technology_managers.intermediate} 人"
        ),
        some!(
            view,
            "activities.technology_managers.senior",
            "备案高级技术经理人 {activities.technology_managers.senior} 人"
        ),
    ])
}

fn trained(view: &View<'_>) -> Option<Phrase> {
    Phrase::sentence([
        some!(
            view,
            "activities.technology_managers.trained_to_date",
            "累计培养技术经理人 {activities.technology_managers.trained_to_date} 人"
        ),
        some!(
            view,
            "activities.technology_managers.trained_to_date_xpcc",
            "其中{region}系统 {activities.technology_managers.trained_to_date_xpcc} 人"
        ),
    ])
}

/// What the survey of earlier contracts found; that there was none, where there was none.
fn follow_up(view: &View<'_>) -> [Option<Phrase>; 3] {
    if view.value("follow_up.persons_rewarded").is_none() {
        let none = Phrase::sentence([words!(view, "本年度无技术合同履行、税收优惠和奖酬金发放的跟踪调查数据")]);
        return [none, None, None];
    }
    [
        Phrase::sentence([
            words!(
                view,
                "据对以往年度技术合同的跟踪调查，涉税技术合同履行率为 {follow_up.fulfilment_rate|0}"
            ),
            words!(
                view,
                "综合到账率（实到账额与应到账额之比）为 {follow_up.collection_rate|0}"
            ),
            words!(
                view,
                "税收优惠实际享受率（实享项目数与应享项目数之比）为 {follow_up.benefit_take_up}"
            ),
        ]),
        Phrase::sentence([
            words!(view, "增值税免税 {follow_up.vat_exempted} 万元"),
            words!(view, "企业所得税减免 {follow_up.income_tax_reduced} 万元"),
            words!(view, "合计减免税 {follow_up.tax_relief} 万元"),
        ]),
        Phrase::sentence([
            words!(
                view,
                "成果转化奖酬金实发率（实发项目数与应发项目数之比）为 {follow_up.reward_issue_rate|0}"
            ),
            words!(view, "实际发放奖酬金 {follow_up.reward_paid} 万元"),
            words!(view, "综合发放率（实发额与净收益额之比）为 {follow_up.reward_rate|0}"),
            words!(view, "享受奖励 {follow_up.persons_rewarded} 人次"),
        ]),
    ]
}
