//! Reads the sample register far enough to count it. Only for tests: the real way in is `intake`.

use std::sync::LazyLock;

use crate::{
    config::embedded_catalogue,
    domain::{
        catalogue::Catalogue,
        code_list::ListName,
        interchange::{ActivityRow, FollowUpRow},
        money::{Fen, parse_yuan},
        registrar::{History, Period},
        time::{Date, Moment, parse_date},
        workflow::State,
    },
    statistics::*,
};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| embedded_catalogue().unwrap());

pub fn catalogue() -> Catalogue {
    CATALOGUE.clone()
}

/// One contract that was ever confirmed.
pub struct Known {
    pub standing: Standing,
    pub ended: Option<Ending>,
    pub expert: bool,
}

pub struct Sample {
    pub contracts: Vec<Known>,
    /// Experts concluded on these, which were refused at submission.
    pub refused_with_experts: Vec<Moment>,
    pub registrars: Vec<History>,
    pub follow_up: Vec<FollowUpRow>,
    pub activities: Vec<ActivityRow>,
    pub references: Vec<ReferenceFigure>,
}

type Rows = Vec<std::collections::HashMap<String, String>>;

fn rows(text: &str) -> Rows {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

fn fen(text: &str) -> Fen {
    if text.is_empty() { 0 } else { parse_yuan(text).unwrap() }
}

fn whole(text: &str) -> i64 {
    if text.is_empty() { 0 } else { text.parse().unwrap() }
}

impl Sample {
    pub fn read() -> Self {
        let coder = Coder::new(&CATALOGUE);
        let id = |list, label: &str| CATALOGUE.list(list).by_label(label).map(|item| item.id.as_str());
        let yes = |text: &str| text == "是";
        let mut sample = Self {
            contracts: Vec::new(),
            refused_with_experts: Vec::new(),
            registrars: Vec::new(),
            follow_up: Vec::new(),
            activities: Vec::new(),
            references: Vec::new(),
        };
        for file in [
            include_str!("../../../config/demo/contracts-2021.csv"),
            include_str!("../../../config/demo/contracts-2022.csv"),
            include_str!("../../../config/demo/contracts-2023.csv"),
            include_str!("../../../config/demo/contracts-2024.csv"),
            include_str!("../../../config/demo/contracts-2025.csv"),
        ] {
            for row in rows(file) {
                if row["状态"] == "不予登记" && yes(&row["专家论证"]) {
                    sample
                        .refused_with_experts
                        .push(Moment::parse(&row["提交时间"]).unwrap());
                }
                if !matches!(row["状态"].as_str(), "已确认" | "已撤销" | "已注销") {
                    continue;
                }
                let flow = match (&*row["买方所属兵团单位"], &*row["买方国别"], &row["买方行政区划"])
                {
                    ("", "CHN", region) if region.starts_with("65") => "local_xinjiang",
                    ("", ..) => "outside_xinjiang",
                    _ => "within_xpcc",
                };
                let standing = Standing {
                    first_confirmed_at: Moment::parse(&row["审核确认时间"]).unwrap(),
                    amount_fen: fen(&row["合同成交额（元）"]),
                    technology_amount_fen: fen(&row["技术交易额（元）"]),
                    unit: coder.unit(id(ListName::Unit, &row["归属单位"])),
                    contract_type: coder.contract_type(id(ListName::Type, &row["合同类别"])),
                    plan_source: coder.plan_source(id(ListName::PlanSource, &row["计划来源"])),
                    seller_kind: coder.seller_kind(id(ListName::PartyKind, &row["卖方性质"])),
                    field: coder.field(id(ListName::Field, &row["技术领域"])),
                    flow: coder.flow(Some(flow)),
                    cross_border: coder.cross_border(id(ListName::CrossBorder, &row["进出口"])),
                };
                let ended = (row["状态"] != "已确认").then(|| Ending {
                    contract: i64::try_from(sample.contracts.len()).unwrap(),
                    at: Moment::parse(&row["撤销或注销时间"]).unwrap(),
                    state: if row["状态"] == "已撤销" {
                        State::Revoked
                    } else {
                        State::Cancelled
                    },
                    ground: id(ListName::RevocationGround, &row["撤销或注销原因"]).map(Into::into),
                    amount_fen: standing.amount_fen,
                });
                sample.contracts.push(Known {
                    standing,
                    ended,
                    expert: yes(&row["专家论证"]),
                });
            }
        }
        for row in rows(include_str!("../../../config/demo/registrars.csv")) {
            let date = |column: &str| parse_date(&row[column]).unwrap();
            sample.registrars.push(History {
                periods: vec![Period {
                    from_on: date("发证日期"),
                    until_on: Some(date("有效期至")),
                }],
                suspensions: Vec::new(),
            });
        }
        for row in rows(include_str!("../../../config/demo/follow-up-2021-2024.csv")) {
            assert_eq!(row["调查年度"], "2025");
            sample.follow_up.push(FollowUpRow {
                registration_number: row["登记编号"].clone(),
                survey_year: 2025,
                tax_relevant: yes(&row["是否涉税"]),
                fulfilled: yes(&row["是否履行"]),
                due_fen: fen(&row["应到账额（元）"]),
                received_fen: fen(&row["实到账额（元）"]),
                entitled: yes(&row["应享税收优惠"]),
                enjoyed: yes(&row["实享税收优惠"]),
                vat_exempted_fen: fen(&row["增值税免税额（元）"]),
                income_tax_reduced_fen: fen(&row["企业所得税减免额（元）"]),
                reward_due: yes(&row["奖酬金应发"]),
                reward_issued: yes(&row["奖酬金实发"]),
                net_income_fen: Some(fen(&row["净收益额（元）"])),
                reward_paid_fen: fen(&row["实发奖酬金（元）"]),
                persons: whole(&row["享受奖励人次"]),
            });
        }
        for row in rows(include_str!("../../../config/demo/activities-2025.csv")) {
            sample.activities.push(ActivityRow {
                name: row["名称"].clone(),
                unit: None,
                kind: id(ListName::ActivityKind, &row["种类"]).unwrap().into(),
                held_on: parse_date(&row["日期"]).unwrap(),
                events: Some(whole(&row["场次"])),
                participants: Some(whole(&row["人次"])),
                participants_xpcc: Some(whole(&row["其中兵团系统人次"])),
                items: Some(whole(&row["项数"])),
            });
        }
        for row in rows(include_str!("../../../config/demo/reference-figures.csv")) {
            sample.references.push(ReferenceFigure {
                kind: if row["指标"] == "成交额" {
                    ReferenceKind::Amount
                } else {
                    ReferenceKind::AmountTarget
                },
                year: row["年度"].parse().unwrap(),
                amount_fen: fen(&row["数值（元）"]),
            });
        }
        sample
    }

    /// Registrars whose certificate is valid on a day.
    pub fn certified_on(&self, day: &str) -> i64 {
        let day: Date = parse_date(day).unwrap();
        let valid = self
            .registrars
            .iter()
            .filter(|r| r.periods.iter().any(|p| p.contains(day)));
        i64::try_from(valid.count()).unwrap()
    }
}

pub fn ask(year: i32, as_of: &str, until: Option<&str>) -> Question {
    Question::new(
        year,
        Moment::parse(as_of).unwrap(),
        until.map(|day| parse_date(day).unwrap()),
    )
    .unwrap()
}

/// What a store would select and hand in.
pub fn figures(sample: &Sample, question: &Question) -> AnnualFigures {
    let coder = Coder::new(&CATALOGUE);
    let mut accumulator = Accumulator::new(&coder, question);
    for (key, contract) in (0_i64..).zip(&sample.contracts) {
        let confirmed = contract.standing.first_confirmed_at;
        let ended = contract
            .ended
            .as_ref()
            .is_some_and(|ending| ending.at <= question.as_of());
        if confirmed <= question.as_of() && !ended {
            accumulator.add_standing(&contract.standing);
        }
        if contract.expert {
            accumulator.add_expert_conclusion(Event {
                contract: key,
                at: confirmed,
            });
        }
        if let Some(ending) = &contract.ended {
            accumulator.add_ending(ending);
        }
    }
    for (key, at) in (1_000_000_i64..).zip(&sample.refused_with_experts) {
        accumulator.add_expert_conclusion(Event { contract: key, at: *at });
    }
    sample
        .registrars
        .iter()
        .for_each(|history| accumulator.add_registrar(history));
    sample.follow_up.iter().for_each(|row| accumulator.add_follow_up(row));
    sample
        .activities
        .iter()
        .for_each(|activity| accumulator.add_activity(activity));
    sample
        .references
        .iter()
        .for_each(|figure| accumulator.add_reference(*figure));
    accumulator.finish(LedgerHead {
        sequence: 7,
        hash: "abc".into(),
    })
}
