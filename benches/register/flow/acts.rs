//! What the clients do.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    Failure,
    confirmations::{FORM, paper},
    generate::{Random, credit_code},
    http::{Answer, Client},
    place::Server,
};

/// The acts, in their order.
pub const ACTS: [&str; 5] = ["create", "attach", "submit", "claim", "confirm"];

/// Texts, sellers and buyers that contracts differ in.
const NAMES: u64 = 4_000;
const SELLERS: u64 = 300;
const BUYERS: u64 = 700;

/// What was measured.
pub struct Timed {
    /// From the first request to the last answer.
    pub took: Duration,
    /// Each act, by its place in [`ACTS`], and how long its answer took.
    pub waits: Vec<(usize, Duration)>,
}

impl Timed {
    /// Acts in a second.
    pub fn rate(&self) -> f64 {
        self.waits.len() as f64 / self.took.as_secs_f64()
    }

    /// The waits of one act, or of all, the shortest first.
    pub fn of(&self, act: Option<usize>) -> Vec<Duration> {
        let mut waits: Vec<Duration> = self
            .waits
            .iter()
            .filter(|(of, _)| act.is_none_or(|act| act == *of))
            .map(|(_, wait)| *wait)
            .collect();
        waits.sort_unstable();
        waits
    }
}

/// Every client takes `each` contracts through the flow, one after the other, all clients at once.
pub fn walk_all(servers: &[Server], clients: usize, each: usize) -> Result<Timed, Failure> {
    let start = Barrier::new(clients + 1);
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (client, server) in (0..clients).zip(servers.iter().cycle()) {
            let mut registrar = server.log_in("registrar")?;
            let mut reviewer = server.log_in("reviewer")?;
            let start = &start;
            threads.push(scope.spawn(move || {
                start.wait();
                let mut waits = Vec::with_capacity(each * ACTS.len());
                for count in 0..each {
                    let draft = draft(client * each + count);
                    walk(&mut registrar, &mut reviewer, &draft, &mut waits)?;
                }
                Ok::<_, Failure>(waits)
            }));
        }
        start.wait();
        let started = Instant::now();
        let mut waits = Vec::new();
        for thread in threads {
            waits.extend(thread.join().unwrap_or_else(|_| Err("a client panicked".into()))?);
        }
        Ok(Timed {
            took: started.elapsed(),
            waits,
        })
    })
}

/// One contract's way.
fn walk(
    registrar: &mut Client,
    reviewer: &mut Client,
    draft: &Draft,
    waits: &mut Vec<(usize, Duration)>,
) -> Result<(), Failure> {
    let mut timed = |act: usize, expected: u16, send: &mut dyn FnMut() -> Result<Answer, Failure>| {
        let sent = Instant::now();
        let answer = send()?;
        waits.push((act, sent.elapsed()));
        answer.json(expected)
    };
    let made = timed(0, 201, &mut || {
        registrar.send("POST", "/api/v1/contracts", None, &draft.body)
    })?;
    let id = whole(&made, "id")?;
    let path = |action: &str| format!("/api/v1/contracts/{id}/{action}");
    let version = whole(&made, "version")?;
    let attached = timed(1, 201, &mut || {
        registrar.send_as(FORM, "POST", &path("attachments"), Some(version), &draft.paper)
    })?;
    let version = whole(&attached, "contract_version")?;
    let submitted = timed(2, 200, &mut || {
        registrar.send("POST", &path("submit"), Some(version), "{}")
    })?;
    let version = whole(&submitted, "version")?;
    let claimed = timed(3, 200, &mut || {
        reviewer.send("POST", &path("claim"), Some(version), "{}")
    })?;
    let version = whole(&claimed, "version")?;
    timed(4, 200, &mut || {
        reviewer.send("POST", &path("confirm"), Some(version), &draft.verified)
    })?;
    Ok(())
}

fn whole(answer: &Value, name: &str) -> Result<i64, Failure> {
    answer
        .get(name)
        .and_then(Value::as_i64)
        .ok_or_else(|| format!("an answer without {name}").into())
}

/// A contract before it is entered.
struct Draft {
    body: String,
    paper: String,
    verified: String,
}

/// A draft that may be submitted as it is; no two are equal. The order of parties and names is the same in every run.
fn draft(count: usize) -> Draft {
    let count = count as u64;
    let mut random = Random(count);
    let (seller, buyer, name) = (random.below(SELLERS), random.below(BUYERS), random.below(NAMES));
    let technology = 500_000 + random.below(90_000_000);
    let other = random.below(5_000_000);
    let body = json!({
        "project_name": format!("{}{}（第{count}号）", SUBJECTS[(name % 20) as usize], WORKS[(name / 20 % 20) as usize]),
        "type": "development", "subtype": "dev_commissioned", "unit": "div_08",
        "seller": {"name": format!("石河子样例科技有限公司{seller}"), "uscc": credit_code("91659001", seller), "kind": "enterprise",
                   "region": "659001", "address": "石河子市样例路一号", "legal_representative": "王样例",
                   "contact": "李样例", "phone": "13900000001"},
        "buyer": {"name": format!("铁门关样例农业有限公司{buyer}"), "uscc": credit_code("91659002", 1_000 + buyer), "kind": "enterprise",
                  "region": "659006", "address": "铁门关市样例路二号", "legal_representative": "赵样例",
                  "contact": "钱样例", "phone": "13900000002", "unit": "div_02"},
        "signed_on": "2026-01-05", "begins_on": "2026-01-05", "ends_on": "2036-01-05",
        "amount_fen": technology + other, "technology_amount_fen": technology, "non_technology_amount_fen": other,
        "field": "agriculture", "plan_source": "outside_plan", "ip_kind": "invention",
        "objective": "agriculture", "payment_mode": "instalment", "cross_border": "domestic",
        "related_party": false,
        "summary": format!("研究适用于干旱区的{}，完成方案设计、样机试制、田间试验和技术培训，提交第{count}号研究报告和全套图纸。",
            SUBJECTS[(name % 20) as usize]),
    });
    let verified = json!({"verified_type": "development", "verified_technology_amount_fen": technology});
    Draft {
        body: body.to_string(),
        paper: paper(usize::try_from(count).unwrap_or_default()),
        verified: verified.to_string(),
    }
}

/// Names are made of one of each.
const SUBJECTS: [&str; 20] = [
    "节水灌溉",
    "棉花机采",
    "盐碱地改良",
    "滴灌带回收",
    "冷链保鲜",
    "番茄酱加工",
    "葡萄育种",
    "枣园管护",
    "奶牛饲喂",
    "风电并网",
    "光伏组件清洗",
    "煤层气开采",
    "固废利用",
    "污水回用",
    "农机导航",
    "病虫测报",
    "遥感估产",
    "果蔬分选",
    "织造染整",
    "矿山通风",
];
const WORKS: [&str; 20] = [
    "新工艺研究",
    "装备研制",
    "控制系统开发",
    "监测平台建设",
    "品种选育",
    "关键技术攻关",
    "试验示范",
    "模型构建",
    "传感器设计",
    "软件开发",
    "数据库构建",
    "材料配方研究",
    "工程样机试制",
    "标准方法研究",
    "质量追溯系统开发",
    "节能改造研究",
    "自动化产线设计",
    "智能决策系统开发",
    "远程诊断系统开发",
    "安全评价方法研究",
];
