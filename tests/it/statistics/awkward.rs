//! A register that is awkward wherever it can be, in three formats: all give the figures of the second computation, whatever
//! moment or part of a year is asked for.

use std::path::PathBuf;

use chrono::NaiveDate;
use dengji::domain::interchange::Kind;

use super::model::{self, Deal, EDGES, FIELDS, GROUNDS, Register, Surveyed, TYPES, UNITS, WAN, micros};
use crate::support::{App, Cell, FileFormat, Person, Sheet, both, credit_code};

/// A moment after everything.
const AFTER: &str = "2026-06-15T12:00:00+08:00";
/// When the contract confirmed at [`CONFIRMED`] was revoked.
const ENDED: &str = "2025-08-20T09:30:00.000001+08:00";
const CONFIRMED: &str = "2025-05-06T07:08:09+08:00";

const PLANS: [(&str, &str); 5] = [
    ("national", "国家科技计划"),
    ("ministry", "部门计划"),
    ("provincial", "兵团级计划"),
    ("prefecture", "师市级计划"),
    ("outside_plan", "计划外"),
];
const KINDS: [(&str, &str); 16] = [
    ("enterprise", "企业法人"),
    ("research_institute", "事业法人-科研机构"),
    ("university", "事业法人-高等院校"),
    ("medical", "事业法人-医疗卫生"),
    ("government", "机关法人"),
    ("social_org", "社团法人"),
    ("other_org", "其他组织"),
    ("natural_person", "自然人"),
    ("overseas_entity", "境外机构"),
    ("individual_business", "个体经营"),
    ("ent_llc", "有限责任公司"),
    ("ent_state", "ent_state"),
    ("hmt_sole", "hmt_sole"),
    ("fi_equity", "fi_equity"),
    ("gov_city", "gov_city"),
    ("institution_other", "institution_other"),
];
const UNIT_LABELS: [&str; 18] = [
    "一师",
    "二师",
    "三师",
    "四师",
    "五师",
    "六师",
    "七师",
    "八师",
    "九师",
    "十师",
    "十一师",
    "十二师",
    "十三师",
    "十四师",
    "新疆农垦科学院",
    "石河子大学",
    "塔里木大学",
    "兵直及其他",
];
const TYPE_LABELS: [&str; 5] = ["技术开发", "技术转让", "技术咨询", "技术服务", "技术许可"];
const FIELD_LABELS: [&str; 11] = [
    "电子信息",
    "航空航天",
    "先进制造",
    "生物、医药和医疗器械",
    "新材料及其应用",
    "新能源与高效节能",
    "环境保护与资源综合利用",
    "核应用",
    "农业",
    "现代交通",
    "城市建设与社会发展",
];
const GROUND_LABELS: [&str; 8] = [
    "重复登记",
    "合同类别认定错误",
    "不属于技术合同",
    "关联交易价格不实",
    "附件缺失无法核实",
    "弄虚作假",
    "合同被撤销或宣布无效",
    "其他",
];
const BORDERS: [(&str, &str); 3] = [("domestic", "境内"), ("import", "进口"), ("export", "出口")];

pub const HEADERS: [&str; 38] = [
    "登记编号",
    "合同名称",
    "合同类别",
    "合同子类",
    "归属单位",
    "登记机构",
    "登记员证书编号",
    "卖方名称",
    "卖方统一社会信用代码",
    "卖方性质",
    "卖方行政区划",
    "买方名称",
    "买方统一社会信用代码",
    "买方性质",
    "买方行政区划",
    "买方所属兵团单位",
    "签订日期",
    "合同开始日期",
    "合同截止日期",
    "合同成交额（元）",
    "技术交易额（元）",
    "非技术性费用（元）",
    "技术领域",
    "计划来源",
    "计划项目名称",
    "计划项目编号",
    "知识产权",
    "社会经济目标",
    "支付方式",
    "进出口",
    "卖方国别",
    "买方国别",
    "提交时间",
    "审核确认时间",
    "专家论证",
    "状态",
    "撤销或注销时间",
    "撤销或注销原因",
];

/// A deal, and how much of it its row leaves out.
struct Entry {
    deal: Deal,
    bare: bool,
    /// The amount of which the form is told: both parts, only the first, only the second.
    parts: usize,
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.roll(items.len())]
    }
}

fn entries() -> Vec<Entry> {
    let mut dice = Dice(2025);
    let mut entries = Vec::new();
    let mut add = |dice: &mut Dice, confirmed: Option<&str>, change: &dyn Fn(&mut Deal)| {
        let amount = i64::try_from(dice.roll(9_000_000)).unwrap() * 37 + 1;
        let mut deal = Deal {
            state: "confirmed",
            submitted: confirmed.map(|at| micros(at) - 86_400_000_000),
            confirmed: confirmed.map(micros),
            ended: None,
            ground: None,
            expert: dice.roll(9) == 0,
            amount,
            technology: amount - i64::try_from(dice.roll(3)).unwrap() * (amount / 5),
            unit: UNITS[dice.roll(18)],
            contract_type: dice.of(&TYPES),
            plan_source: dice.of(&PLANS).0,
            seller_kind: dice.of(&KINDS).0,
            field: dice.of(&FIELDS),
            buyer_unit: (dice.roll(2) == 0).then(|| UNITS[dice.roll(18)]),
            buyer_region: dice.of(&["659001", "650102", "610113", "110105", ""]).to_owned(),
            border: dice.of(&BORDERS).0,
        };
        // The last division had nothing before 2025.
        if deal.unit == "div_14" && confirmed.is_some_and(|at| at < "2025-01-02") {
            deal.unit = "div_13";
        }
        change(&mut deal);
        let parts = dice.roll(3);
        entries.push(Entry {
            deal,
            bare: dice.roll(7) == 0,
            parts,
        });
    };
    // Amounts on either side of every edge, and at it.
    for (_, edge) in &EDGES[1..] {
        for beside in [-1, 0, 1] {
            add(&mut dice, Some("2025-03-04T10:00:00+08:00"), &|d| {
                d.amount = edge * WAN + beside;
                d.technology = d.amount;
            });
        }
    }
    add(&mut dice, Some("2025-03-05T10:00:00+08:00"), &|d| {
        (d.amount, d.technology) = (0, 0)
    });
    // Moments either side of the ends of the year in Beijing.
    for at in [
        "2024-12-31T23:58:00+08:00",
        "2024-12-31T23:59:59.999999+08:00",
        "2025-01-01T00:00:00+08:00",
        "2025-01-01T00:00:30+08:00",
        "2024-12-31T10:59:59-05:00",
        "2024-12-31T16:03:00Z",
        "2025-12-31T15:59:00Z",
        "2025-12-31T23:59:59.999999+08:00",
        "2025-12-31T16:00:00Z",
        "2025-12-31T11:01:00-05:00",
        "2026-01-01T00:02:00+08:00",
        "2025-06-30T23:59:59.999999+08:00",
        "2025-07-01T00:00:00+08:00",
        "2024-06-30T15:59:00Z",
        "2024-06-30T16:00:00Z",
    ] {
        for _ in 0..3 {
            add(&mut dice, Some(at), &|_| {});
        }
    }
    // Ends: in the year, in a later one, at midnight between two, at the moment of the confirmation itself.
    for (confirmed, ended, state) in [
        (CONFIRMED, ENDED, "revoked"),
        ("2024-03-01T09:00:00+08:00", "2025-02-03T10:00:00+08:00", "revoked"),
        ("2024-03-02T09:00:00+08:00", "2024-12-31T23:59:59+08:00", "revoked"),
        ("2025-04-01T09:00:00+08:00", "2026-02-01T10:00:00+08:00", "revoked"),
        ("2025-04-02T09:00:00+08:00", "2025-12-31T16:00:00Z", "revoked"),
        (
            "2025-04-03T09:00:00+08:00",
            "2025-12-31T23:59:59.999999+08:00",
            "revoked",
        ),
        ("2025-04-04T09:00:00+08:00", "2025-04-04T09:00:00+08:00", "revoked"),
        ("2025-04-05T09:00:00+08:00", "2025-09-01T10:00:00+08:00", "cancelled"),
        ("2024-04-05T09:00:00+08:00", "2025-09-02T10:00:00+08:00", "cancelled"),
        ("2025-04-06T09:00:00+08:00", "2026-03-01T10:00:00+08:00", "cancelled"),
        ("2023-04-06T09:00:00+08:00", "2026-03-01T10:00:00+08:00", "revoked"),
    ] {
        for ground in GROUNDS {
            add(&mut dice, Some(confirmed), &|d| {
                d.state = state;
                d.ended = Some(micros(ended));
                d.ground = match (state, ground) {
                    ("revoked", ground) => Some(ground),
                    (_, ground) => [Some("void"), Some("other"), None][ground.len() % 3],
                };
            });
        }
    }
    // What experts saw, and what was never confirmed.
    for (state, submitted) in [
        ("refused", "2025-12-31T23:59:00+08:00"),
        ("refused", "2025-12-31T16:00:00Z"),
        ("submitted", "2025-10-10T10:00:00+08:00"),
        ("returned", "2025-10-11T10:00:00+08:00"),
        ("withdrawn", "2025-10-12T10:00:00+08:00"),
    ] {
        for expert in [true, false] {
            add(&mut dice, None, &|d| {
                (d.state, d.expert, d.submitted) = (state, expert, Some(micros(submitted)));
            });
        }
    }
    add(&mut dice, None, &|d| (d.state, d.expert) = ("draft", false));
    // Ties: in 2023 three divisions share the second rank, and all the idle ones the last.
    for (unit, wan) in [
        ("div_04", 5),
        ("div_01", 3),
        ("div_02", 2),
        ("div_02", 1),
        ("div_03", 3),
    ] {
        add(&mut dice, Some("2023-09-09T09:09:00+08:00"), &|d| {
            (d.unit, d.amount, d.technology) = (unit, wan * WAN, wan * WAN);
        });
    }
    for n in 0..60 {
        let at = format!(
            "202{}-{:02}-{:02}T1{}:00:00+08:00",
            [1, 2, 4, 5, 6][n % 5],
            1 + n % 5,
            1 + n % 28,
            n % 10
        );
        add(&mut dice, Some(&at), &|_| {});
    }
    entries
}

/// The label of an id, or the id itself: both are understood.
fn named(ids: &[&'static str], labels: &[&'static str], id: &str, as_id: bool) -> Cell {
    let at = ids.iter().position(|i| *i == id).unwrap();
    if as_id { ids[at].into() } else { labels[at].into() }
}

fn paired(pairs: &[(&str, &'static str)], id: &str) -> Cell {
    pairs.iter().find(|(i, _)| *i == id).unwrap().1.into()
}

fn cells(n: usize, entry: &Entry) -> Vec<Cell> {
    let Entry { deal, bare, parts } = entry;
    let nothing = || Cell::from("");
    let moment = |at: Option<i64>| at.map_or_else(nothing, Cell::Moment);
    let optional = |cell: Cell| if *bare { nothing() } else { cell };
    let by_id = n % 4 == 1;
    let signed = NaiveDate::from_ymd_opt(2020, 12, 31).unwrap() - chrono::TimeDelta::days(n.try_into().unwrap());
    let overseas = deal.seller_kind == "overseas_entity";
    let no_code = overseas || matches!(deal.seller_kind, "natural_person") || n.is_multiple_of(5);
    let number = match deal.state {
        "confirmed" | "revoked" | "cancelled" if n % 50 == 7 => format!("OLD-{n}"),
        "confirmed" | "revoked" | "cancelled" => format!("20{:02}660001{n:06}", n % 30),
        _ => String::new(),
    };
    let state = match (deal.state, n % 3) {
        (state, 2) => state,
        ("confirmed", _) => "已确认",
        ("revoked", _) => "已撤销",
        ("cancelled", _) => "已注销",
        ("refused", _) => "不予登记",
        ("returned", _) => "退回补正",
        ("withdrawn", _) => "已撤回",
        ("draft", _) => "草稿",
        ("submitted", _) => ["专家论证", "审核中"][n % 2],
        other => panic!("{other:?}"),
    };
    let ground = match (deal.state, deal.ground) {
        (_, None) => nothing(),
        ("revoked", Some(ground)) => named(&GROUNDS, &GROUND_LABELS, ground, by_id),
        (_, Some(ground)) => named(&["void", "other"], &["合同被撤销或宣布无效", "其他"], ground, by_id),
    };
    let (technology, rest) = (Cell::Yuan(deal.technology), Cell::Yuan(deal.amount - deal.technology));
    let (technology, rest) = match parts {
        0 => (technology, rest),
        1 => (technology, nothing()),
        _ => (nothing(), rest),
    };
    vec![
        number.as_str().into(),
        format!("合同，“{n}”\n第二行 \"引号\"").as_str().into(),
        named(&TYPES, &TYPE_LABELS, deal.contract_type, by_id),
        nothing(),
        named(&UNITS, &UNIT_LABELS, deal.unit, by_id),
        optional("一师技术合同登记站".into()),
        optional("DJY6620220001".into()),
        format!("　卖方{n} ").as_str().into(),
        if no_code {
            nothing()
        } else {
            optional(credit_code("91659001", n.try_into().unwrap()).as_str().into())
        },
        paired(&KINDS, deal.seller_kind),
        if overseas { nothing() } else { optional("659001".into()) },
        "买方".into(),
        nothing(),
        optional("机关法人".into()),
        deal.buyer_region.as_str().into(),
        deal.buyer_unit
            .map_or_else(nothing, |unit| named(&UNITS, &UNIT_LABELS, unit, by_id)),
        Cell::Date(signed),
        optional(Cell::Date(signed)),
        optional(Cell::Date(signed + chrono::TimeDelta::days(400))),
        Cell::Yuan(deal.amount),
        technology,
        rest,
        named(&FIELDS, &FIELD_LABELS, deal.field, by_id),
        paired(&PLANS, deal.plan_source),
        nothing(),
        nothing(),
        optional("技术秘密".into()),
        optional("农林牧渔业发展".into()),
        optional("分期支付".into()),
        paired(&BORDERS, deal.border),
        if overseas { "USA".into() } else { optional("CHN".into()) },
        if deal.buyer_region.is_empty() {
            "kaz".into()
        } else {
            nothing()
        },
        moment(deal.submitted),
        moment(deal.confirmed),
        if deal.expert {
            "是".into()
        } else {
            optional("否".into())
        },
        state.into(),
        moment(deal.ended),
        ground,
    ]
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The register and its files: registrars, contracts, the survey, reference figures.
fn everything() -> (Register, [(Kind, Sheet); 4]) {
    let entries = entries();
    let contracts = Sheet {
        headers: HEADERS.to_vec(),
        rows: entries.iter().zip(1..).map(|(entry, n)| cells(n, entry)).collect(),
    };
    // Valid from the first day, to the last, for one day, without end, not yet.
    let certificates = [
        (day("2019-01-01"), Some(day("2025-12-31"))),
        (day("2025-12-31"), Some(day("2025-12-31"))),
        (day("2025-05-06"), None),
        (day("2026-01-01"), Some(day("2028-01-01"))),
        (day("2018-01-01"), Some(day("2025-05-05"))),
    ];
    let registrars = Sheet {
        headers: vec![
            "姓名",
            "证书编号",
            "登记机构",
            "机构代码",
            "发证日期",
            "有效期至",
            "最近继续教育日期",
        ],
        rows: certificates
            .iter()
            .zip(1..)
            .map(|((from, to), n)| {
                let until = to.map_or_else(|| "".into(), Cell::Date);
                vec![
                    "甲".into(),
                    format!("C-{n}").as_str().into(),
                    "一师技术合同登记站".into(),
                    "660001".into(),
                    Cell::Date(*from),
                    until,
                    "".into(),
                ]
            })
            .collect(),
    };
    let numbers: Vec<&Cell> = contracts.rows.iter().map(|row| &row[0]).take(12).collect();
    let yes = |yes: bool| Cell::from(if yes { "是" } else { "否" });
    let mut surveyed = Vec::new();
    let mut survey_rows = Vec::new();
    for (number, n) in numbers.into_iter().zip(1_i64..) {
        let line = Surveyed {
            year: if n % 3 == 0 { 2024 } else { 2025 },
            tax_relevant: n % 2 == 0,
            fulfilled: n % 4 < 2,
            due: n * 1_000_001,
            received: n * 500_003,
            entitled: n % 3 == 1,
            enjoyed: n % 6 == 1,
            vat: n * 7,
            income_tax: n * 11,
            reward_due: n > 4,
            reward_issued: n > 8,
            net_income: if n % 5 == 0 { 0 } else { n * 99 },
            reward_paid: n * 45,
            persons: n % 4,
        };
        let net_income = if n % 5 == 0 {
            "".into()
        } else {
            Cell::Yuan(line.net_income)
        };
        survey_rows.push(vec![
            number.clone(),
            line.year.to_string().as_str().into(),
            yes(line.tax_relevant),
            yes(line.fulfilled),
            Cell::Yuan(line.due),
            Cell::Yuan(line.received),
            yes(line.entitled),
            yes(line.enjoyed),
            Cell::Yuan(line.vat),
            Cell::Yuan(line.income_tax),
            yes(line.reward_due),
            yes(line.reward_issued),
            net_income,
            Cell::Yuan(line.reward_paid),
            line.persons.to_string().as_str().into(),
        ]);
        surveyed.push(line);
    }
    let survey = Sheet {
        headers: vec![
            "登记编号",
            "调查年度",
            "是否涉税",
            "是否履行",
            "应到账额（元）",
            "实到账额（元）",
            "应享税收优惠",
            "实享税收优惠",
            "增值税免税额（元）",
            "企业所得税减免额（元）",
            "奖酬金应发",
            "奖酬金实发",
            "净收益额（元）",
            "实发奖酬金（元）",
            "享受奖励人次",
        ],
        rows: survey_rows,
    };
    let reference = Sheet {
        headers: vec!["说明", "指标", "年度", "数值（元）"],
        rows: vec![
            vec!["".into(), "成交额".into(), "2020".into(), Cell::Yuan(123_456_789)],
            vec![
                "".into(),
                "成交额规划目标".into(),
                "2025".into(),
                Cell::Yuan(987_654_321),
            ],
        ],
    };
    let register = Register {
        deals: entries.into_iter().map(|entry| entry.deal).collect(),
        certificates: certificates
            .map(|(from, to)| (from, to.unwrap_or(NaiveDate::MAX)))
            .to_vec(),
        surveyed,
        activities: Vec::new(),
        amounts: [(2020, 123_456_789)].into(),
        targets: [(2025, 987_654_321)].into(),
    };
    let files = [
        (Kind::Registrars, registrars),
        (Kind::Register, contracts),
        (Kind::FollowUp, survey),
        (Kind::Reference, reference),
    ];
    (register, files)
}

fn questions() -> Vec<(i32, String, Option<&'static str>)> {
    let moment = |at: i64| chrono::DateTime::from_timestamp_micros(at).unwrap().to_rfc3339();
    let mut questions = Vec::new();
    for as_of in [
        moment(micros(AFTER)),
        // An interval contains its start and not its end.
        moment(micros(CONFIRMED)),
        moment(micros(CONFIRMED) - 1),
        moment(micros(ENDED)),
        moment(micros(ENDED) - 1),
        "2025-12-31T23:59:59.999999+08:00".to_owned(),
        "2026-01-01T00:00:00+08:00".to_owned(),
    ] {
        for year in [2023, 2024, 2025, 2026] {
            questions.push((year, as_of.clone(), None));
        }
        questions.push((2025, as_of.clone(), Some("2025-06-30")));
    }
    for until in ["2025-01-01", "2025-12-31"] {
        questions.push((2025, AFTER.to_owned(), Some(until)));
    }
    questions
}

fn import_all(app: &App, files: &[(Kind, Sheet)], format: FileFormat) -> Vec<u64> {
    let mut added = Vec::new();
    for (kind, sheet) in files {
        let path: PathBuf = sheet.write(app.folder.path(), kind.id(), format);
        let done = app
            .import(path, *kind, false)
            .unwrap_or_else(|errors| panic!("{format:?}: {errors:?}"));
        assert_eq!(done.rows, sheet.rows.len() as u64);
        assert_eq!(done.added + done.unchanged, done.rows);
        added.push(done.added);
    }
    added
}

both! {
    fn every_format_gives_the_figures_of_the_second_computation(app: &App) {
        let (register, files) = everything();
        let sizes: Vec<u64> = files.iter().map(|(_, sheet)| sheet.rows.len() as u64).collect();
        let mut answers: Vec<Vec<serde_json::Value>> = Vec::new();
        for format in FileFormat::ALL {
            let another;
            let app = if format == FileFormat::Utf8 {
                app
            } else {
                another = App::start(app.backend);
                &another
            };
            assert_eq!(import_all(app, &files, format), sizes, "{format:?}");
            let statistician = app.person(Person::Statistician);
            let mut found = Vec::new();
            for (year, as_of, until) in questions() {
                let expected = model::figures(&register, year, micros(&as_of), until.map(day));
                let part = until.map(|day| format!("&until={day}")).unwrap_or_default();
                let path = format!("/statistics/annual/{year}?as_of={}{part}", as_of.replace('+', "%2B"));
                let figures = statistician.get(&path).expect(200);
                println!("{format:?} {path}");
                model::assert_same(&figures, &expected);
                found.push(model::without_frame(&figures));
            }
            answers.push(found);
            // The other formats say the same, row for row.
            let head = app.block_on(dengji::usecases::ledger::head(&app.ctx)).unwrap();
            for other in FileFormat::ALL {
                assert_eq!(import_all(app, &files, other), [0, 0, 0, 0], "{other:?} after {format:?}");
            }
            assert_eq!(app.block_on(dengji::usecases::ledger::head(&app.ctx)).unwrap(), head);
        }
        assert!(answers.iter().all(|found| *found == answers[0]));
    }
}
