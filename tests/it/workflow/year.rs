//! A year of the sample's size lived through over REST: contracts entered, submitted, claimed, returned, confirmed, refused, looked at
//! by experts, amended, cancelled, reinstated, audited and revoked. A little model beside it knows what is in force and for how much,
//! by what was asked for alone; the figures at each month's end are those of the model, and asked for later as of that moment they are
//! the same to the last figure. SQLite lives through the whole of it, PostgreSQL through a tenth.

use std::{collections::BTreeMap, thread};

use dengji::domain::account::Role;
use serde_json::{Value, json};

use super::experts::{EXPERTS, experts, path, vote};
use crate::support::{App, Backend, Client, Person, attach_text, complete_contract};

/// How much happens.
#[derive(Clone, Copy)]
struct Size {
    /// Contracts that are confirmed in the year; those that are refused or withdrawn come on top.
    confirmed: usize,
    /// Contracts on which experts conclude.
    reviewed: usize,
    /// Contracts that the self-audit looks at.
    audited: usize,
    /// Contracts that it finds wrong.
    revoked: usize,
}

/// The numbers of the sample's year 2025.
const SAMPLE: Size = Size {
    confirmed: 1134,
    reviewed: 19,
    audited: 200,
    revoked: 18,
};

/// A tenth of it: what takes the embedded store a minute takes a server, which waits for the disk at every act, three.
const TENTH: Size = Size {
    confirmed: 113,
    reviewed: 2,
    audited: 100,
    revoked: 2,
};

/// Registrars: user name, agency, certificate, and which reviewer decides on what they hand in (one reviewer for each agency).
const REGISTRARS: [(&str, &str, &str, usize); 5] = [
    ("registrar", "660008", "DJY6620190044", 0),
    ("colleague", "660008", "DJY6620190008", 0),
    ("other-registrar", "660001", "DJY6620220001", 1),
    ("registrar-15", "660015", "DJY6620210015", 2),
    ("registrar-16", "660016", "DJY6620200016", 1),
];

const REVIEWERS: [&str; 3] = ["reviewer", "reviewer2", "reviewer3"];

const UNITS: [&str; 18] = [
    "div_01",
    "div_02",
    "div_03",
    "div_04",
    "div_05",
    "div_06",
    "div_07",
    "div_08",
    "div_09",
    "div_10",
    "div_11",
    "div_12",
    "div_13",
    "div_14",
    "academy",
    "shihezi_univ",
    "tarim_univ",
    "direct_other",
];

/// Type, subtype, intellectual property.
const TYPES: [[&str; 3]; 5] = [
    ["development", "dev_commissioned", "technical_secret"],
    ["transfer", "tr_patent_right", "invention"],
    ["consulting", "consulting", "none"],
    ["service", "sv_general", "none"],
    ["licence", "li_software_copyright", "software_copyright"],
];

const TOPICS: [&str; 9] = [
    "棉花滴灌水肥一体化",
    "红枣病虫害绿色防控",
    "奶牛精准饲喂",
    "盐碱地改良",
    "番茄制品保鲜",
    "智慧灌区监测平台",
    "玉米籽粒直收装备",
    "葡萄冷链物流",
    "煤化工废水回用",
];

const GROUNDS: [&str; 5] = [
    "duplicate",
    "wrong_category",
    "not_technology_contract",
    "evidence_unverifiable",
    "fraud",
];

/// What becomes of a contract until it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Confirmed as entered.
    Plain,
    /// Submitted at the month's middle, decided in the next month.
    Late,
    /// Returned once, and handed in for another amount.
    Returned,
    /// Confirmed as a service, whatever it was entered as.
    Retyped,
    /// Confirmed for a smaller technology amount.
    Reduced,
    Refused,
    Withdrawn,
    /// Referred to experts, who vote so.
    Experts(&'static str),
}

impl Fate {
    fn is_confirmed(self) -> bool {
        !matches!(self, Self::Refused | Self::Withdrawn | Self::Experts("not_recognise"))
    }
}

/// Where a contract stands in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Not confirmed, or never to be.
    Outside,
    InForce,
    Cancelled,
    /// Revoked, on this ground.
    Revoked(&'static str),
}

/// A contract of the year: its plan, the contract as last answered, and what the model knows of it.
struct Entry {
    n: u32,
    month: u32,
    fate: Fate,
    contract: Value,
    unit: &'static str,
    kind: &'static str,
    amount: i64,
    technology: i64,
    standing: Standing,
    reviewed: bool,
    amended: bool,
    reinstated: bool,
}

impl Entry {
    fn new(n: u32, fate: Fate) -> Self {
        let technology = 5_000_000 + i64::from(n * 7919 % 997) * 300_001;
        Self {
            n,
            month: 0,
            fate,
            contract: Value::Null,
            unit: UNITS[n as usize * 5 % UNITS.len()],
            kind: TYPES[(n / 18 + n) as usize % TYPES.len()][0],
            amount: technology + i64::from(n % 7) * 1_000_003,
            technology,
            standing: Standing::Outside,
            reviewed: false,
            amended: false,
            reinstated: false,
        }
    }

    fn is_in_force(&self) -> bool {
        self.standing == Standing::InForce
    }

    fn is_revoked(&self) -> bool {
        matches!(self.standing, Standing::Revoked(_))
    }

    fn registrar(&self) -> usize {
        self.n as usize % REGISTRARS.len()
    }

    /// Who decides on it.
    fn reviewer(&self) -> usize {
        REGISTRARS[self.registrar()].3
    }

    /// Who decides on its changes.
    fn second(&self) -> usize {
        (self.reviewer() + 1) % REVIEWERS.len()
    }

    fn state(&self) -> &str {
        self.contract["state"].as_str().unwrap_or("")
    }

    fn document(&self) -> Value {
        let [kind, subtype, ip_kind] = *TYPES.iter().find(|t| t[0] == self.kind).unwrap();
        let mut document = complete_contract(self.n);
        let own = json!({
            "project_name": format!("{}（{}）", TOPICS[self.n as usize % TOPICS.len()], self.n),
            "type": kind, "subtype": subtype, "ip_kind": ip_kind, "unit": self.unit,
            "signed_on": format!("2026-{:02}-01", self.month), "begins_on": format!("2026-{:02}-01", self.month),
            "amount_fen": self.amount, "technology_amount_fen": self.technology,
            "non_technology_amount_fen": self.amount - self.technology,
        });
        document
            .as_object_mut()
            .unwrap()
            .extend(own.as_object().unwrap().clone());
        document
    }

    fn act(&mut self, client: &Client, action: &str, body: &Value) {
        self.contract = client.act(&self.contract, action, body);
    }

    fn read(&mut self, client: &Client) {
        self.contract = client.get(&format!("/contracts/{}", self.contract["id"])).expect(200);
    }

    /// Confirms it for what the model says.
    fn confirm(&mut self, client: &Client) {
        let mut body = json!({"verified_type": self.kind, "verified_technology_amount_fen": self.technology});
        if self.contract["type"] != self.kind {
            body["verified_subtype"] = json!(TYPES.iter().find(|t| t[0] == self.kind).unwrap()[1]);
        }
        self.act(client, "confirm", &body);
        self.standing = Standing::InForce;
    }

    /// Decides on it, claimed, for the first time.
    fn decide(&mut self, client: &Client) {
        match self.fate {
            Fate::Plain | Fate::Late => self.confirm(client),
            Fate::Retyped => {
                self.kind = "service";
                self.confirm(client);
            }
            Fate::Reduced => {
                self.technology -= 1_234_567;
                self.confirm(client);
            }
            Fate::Returned => {
                let items = json!([{"pointer": "/amount_fen", "detail": "与合同文本不符"}]);
                self.act(client, "return", &json!({"reason": "金额有误", "items": items}));
            }
            Fate::Refused => self.act(client, "refuse", &json!({"reasons": ["price_unclear"]})),
            Fate::Experts(_) => self.act(client, "refer", &json!({"reason": "创新性存疑"})),
            Fate::Withdrawn => panic!("withdrawn contracts are not claimed"),
        }
    }

    /// The change asked for in the middle of a month, and whether it is granted.
    fn change(&self, month: u32) -> Option<(Value, bool)> {
        if !self.is_in_force() || self.reinstated {
            return None;
        }
        let in_month = |after: u32| month == (self.month + after).min(12);
        let amend = |changes: Value| json!({"kind": "amend", "reason": "补充协议", "changes": changes});
        let larger = || {
            amend(json!({"amount_fen": self.amount + 7_000_001, "technology_amount_fen": self.technology + 7_000_001}))
        };
        if self.n % 53 == 11 && in_month(2) {
            Some((
                json!({"kind": "cancel", "ground": "rescinded", "reason": "双方协议解除"}),
                true,
            ))
        } else if self.n % 23 == 7 && in_month(1) {
            Some((larger(), true))
        } else if self.n % 61 == 8 && in_month(1) {
            Some((
                amend(json!({"unit": if self.unit == "div_02" { "div_03" } else { "div_02" }})),
                true,
            ))
        } else if self.n % 97 == 13 && in_month(1) {
            Some((larger(), false))
        } else {
            None
        }
    }

    /// What a granted change makes of it, in the model.
    fn changed(&mut self, change: &Value) {
        let changes = &change["changes"];
        if change["kind"] == "cancel" {
            self.standing = Standing::Cancelled;
        } else {
            self.amended = true;
        }
        if let Some(amount) = changes["amount_fen"].as_i64() {
            self.technology += amount - self.amount;
            self.amount = amount;
        }
        if let Some(unit) = changes["unit"].as_str() {
            self.unit = UNITS.into_iter().find(|u| *u == unit).unwrap();
        }
    }
}

/// The year's contracts, each in its month.
fn plan(size: Size) -> Vec<Entry> {
    let every = size.confirmed / size.reviewed;
    let (mut year, mut confirmed, mut reviewed) = (Vec::new(), 0, 0);
    for n in 1.. {
        if confirmed == size.confirmed {
            break;
        }
        let fate = if n as usize % every == 5 && reviewed < size.reviewed {
            reviewed += 1;
            Fate::Experts(match reviewed % 9 {
                2 => "recognise_with_changes",
                5 => "not_recognise",
                _ => "recognise",
            })
        } else {
            match n % 37 {
                3 => Fate::Refused,
                9 => Fate::Withdrawn,
                14 | 15 => Fate::Returned,
                20 => Fate::Retyped,
                26 | 27 => Fate::Reduced,
                31 => Fate::Late,
                _ => Fate::Plain,
            }
        };
        confirmed += usize::from(fate.is_confirmed());
        year.push(Entry::new(n, fate));
    }
    assert_eq!(reviewed, size.reviewed);
    let all = year.len();
    for (entry, index) in year.iter_mut().zip(0..) {
        entry.month = u32::try_from(index * 12_usize / all).unwrap() + 1;
    }
    year
}

/// Lets each of some people work through the contracts that `whose` gives them, all people at the same time.
fn at_desks(year: &mut [Entry], whose: impl Fn(&Entry) -> Option<usize>, work: impl Fn(usize, &mut Entry) + Sync) {
    let mut piles: BTreeMap<usize, Vec<&mut Entry>> = BTreeMap::new();
    for entry in year {
        if let Some(desk) = whose(entry) {
            piles.entry(desk).or_default().push(entry);
        }
    }
    thread::scope(|scope| {
        for (desk, pile) in piles {
            let work = &work;
            scope.spawn(move || pile.into_iter().for_each(|entry| work(desk, entry)));
        }
    });
}

/// Who is at work; sessions end between two of their days.
struct Staff {
    registrars: Vec<Client>,
    reviewers: Vec<Client>,
}

impl Staff {
    fn of_the_day(app: &App, day: &str) -> Self {
        app.set_time(&format!("{day}T10:00:00+08:00"));
        Self {
            registrars: REGISTRARS.iter().map(|r| app.log_in(r.0)).collect(),
            reviewers: REVIEWERS.iter().map(|name| app.log_in(name)).collect(),
        }
    }
}

fn hire(app: &App) {
    app.person(Person::Registrar);
    for (name, agency, certificate, _) in &REGISTRARS[1..] {
        app.add_user(name, &[Role::Registrar], Some(agency), Some(certificate));
    }
    for name in REVIEWERS {
        app.add_user(name, &[Role::Reviewer], None, None);
    }
    app.person(Person::Statistician);
    experts(app);
}

/// The month's contracts come in and are decided on.
fn beginning(app: &App, year: &mut [Entry], month: u32) {
    let staff = Staff::of_the_day(app, &format!("2026-{month:02}-05"));
    let of_month = |e: &Entry| (e.month == month).then(|| e.registrar());
    at_desks(year, of_month, |desk, entry| {
        let client = staff.registrars[desk].without_papers();
        entry.contract = client.post("/contracts", &entry.document()).expect(201);
        entry.contract["version"] = json!(attach_text(&client, &entry.contract));
        if entry.fate != Fate::Late {
            entry.act(&client, "submit", &json!({}));
        }
        if entry.fate == Fate::Withdrawn {
            entry.act(&client, "withdraw", &json!({"reason": "申请人撤回"}));
        }
    });
    app.pass_seconds(60);
    // Those that were late last month, too.
    let submitted = |e: &Entry| (e.state() == "submitted").then(|| e.reviewer());
    at_desks(year, submitted, |desk, entry| {
        entry.act(&staff.reviewers[desk], "claim", &json!({}));
        entry.decide(&staff.reviewers[desk]);
    });
}

/// What was returned or is late is handed in, changes are asked for and decided on, experts meet.
fn middle(app: &App, year: &mut [Entry], month: u32) {
    let day = format!("2026-{month:02}-12");
    let staff = Staff::of_the_day(app, &day);
    let pending = |e: &Entry| ["returned", "draft"].contains(&e.state()).then(|| e.registrar());
    at_desks(year, pending, |desk, entry| {
        let client = &staff.registrars[desk];
        if entry.state() == "returned" {
            entry.amount += 500_000;
            entry.technology += 500_000;
            let patch = json!({"amount_fen": entry.amount, "technology_amount_fen": entry.technology});
            let at = format!("/contracts/{}", entry.contract["id"]);
            let edited = client.patch_at(&at, entry.contract["version"].as_i64().unwrap(), &patch);
            entry.contract = edited.expect(200);
        }
        entry.act(client, "submit", &json!({}));
    });
    app.pass_seconds(60);
    let again =
        |e: &Entry| (e.state() == "submitted" && (e.fate == Fate::Returned || month == 12)).then(|| e.reviewer());
    at_desks(year, again, |desk, entry| {
        entry.act(&staff.reviewers[desk], "claim", &json!({}));
        entry.confirm(&staff.reviewers[desk]);
    });
    app.pass_seconds(60);
    let changing = |e: &Entry| e.change(month).map(|_| e.second());
    at_desks(year, changing, |desk, entry| {
        let (change, granted) = entry.change(month).unwrap();
        let at = format!("/contracts/{}/change-requests", entry.contract["id"]);
        let version = entry.contract["version"].as_i64().unwrap();
        let request = staff.registrars[entry.registrar()]
            .post_at(&at, version, &change)
            .expect(201);
        let (decision, body) = if granted {
            ("approve", json!({}))
        } else {
            ("refuse", json!({"reason": "证据不足"}))
        };
        let decided = format!("/change-requests/{}/{decision}", request["id"]);
        staff.reviewers[desk].post(&decided, &body).expect(200);
        if granted {
            entry.changed(&change);
        }
        entry.read(&staff.reviewers[desk]);
    });
    if month % 3 == 0 {
        app.pass_seconds(60);
        meet(app, &staff, year, &day);
    }
    if month == 11 {
        app.pass_seconds(60);
        let entry = year
            .iter_mut()
            .find(|e| e.standing == Standing::Cancelled)
            .expect("something was cancelled");
        let body = json!({"reason": "行政复议撤销原决定", "document_number": "兵复决〔2026〕1号"});
        let reviewer = entry.reviewer();
        entry.act(&staff.reviewers[reviewer], "reinstate", &body);
        (entry.standing, entry.reinstated) = (Standing::InForce, true);
    }
}

/// A panel concludes on all that wait for experts, and their reviewers follow it.
fn meet(app: &App, staff: &Staff, year: &mut [Entry], day: &str) {
    let mut waiting: Vec<&mut Entry> = year.iter_mut().filter(|e| e.state() == "expert_review").collect();
    if waiting.is_empty() {
        return;
    }
    let keys: Vec<&Value> = waiting.iter().map(|e| &e.contract["id"]).collect();
    let body = json!({"title": format!("{day} 论证"), "held_on": day, "chair": "e1", "experts": EXPERTS[..4], "contracts": keys});
    let panel = staff.reviewers[0].post("/expert-reviews", &body).expect(201);
    let experts: Vec<Client> = EXPERTS[..4].iter().map(|name| app.log_in(name)).collect();
    for entry in &mut waiting {
        let Fate::Experts(opinion) = entry.fate else {
            panic!("{:?} before experts", entry.fate)
        };
        if opinion == "recognise_with_changes" {
            entry.technology -= 2_000_000;
        }
        // The fourth dissents.
        for expert in &experts[..3] {
            if opinion == "recognise_with_changes" {
                let body = json!({"contract_id": entry.contract["id"], "vote": opinion, "text": "核减",
                    "technology_amount_fen": entry.technology});
                expert.post(&path(&panel, "/opinions"), &body).expect(201);
            } else {
                vote(expert, &panel, &entry.contract, opinion);
            }
        }
        let other = if opinion == "recognise" {
            "not_recognise"
        } else {
            "recognise"
        };
        vote(&experts[3], &panel, &entry.contract, other);
        let body = json!({"contract_id": entry.contract["id"], "reason": "多数意见", "conclusion": opinion});
        experts[0].post(&path(&panel, "/conclude"), &body).expect(200);
        entry.reviewed = true;
        let client = &staff.reviewers[entry.reviewer()];
        entry.read(client);
        if opinion == "not_recognise" {
            entry.act(client, "refuse", &json!({"reasons": ["subject_unclear"]}));
        } else {
            entry.confirm(client);
        }
    }
    assert_eq!(staff.reviewers[0].get(&path(&panel, "")).expect(200)["state"], "closed");
}

/// The self-audit over the year, which revokes exactly as many as it is to.
fn audit(app: &App, year: &mut [Entry], size: Size) {
    let staff = Staff::of_the_day(app, "2026-12-28");
    let body = json!({"title": "2026 年度自查", "year": 2026, "auditors": REVIEWERS,
        "design": {"kind": "stratified", "by": ["unit", "type"], "size": size.audited, "seed": "2026"}});
    let audit = staff.reviewers[0].post("/self-audits", &body).expect(201);
    let in_force = year.iter().filter(|e| e.is_in_force());
    assert_eq!(audit["population"]["contracts"], in_force.clone().count());
    assert_eq!(
        audit["population"]["amount_fen"],
        in_force.map(|e| e.amount).sum::<i64>()
    );
    let at = format!("/self-audits/{}", audit["id"]);
    let mut items: Vec<Value> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = staff.reviewers[0]
            .get(&format!("{at}/items?limit=100{cursor}"))
            .expect(200);
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(items.len(), size.audited);
    app.pass_seconds(60);

    // Spread over the strata, the grounds in turn.
    let wrong = |index: usize| {
        let nth = index * size.revoked / items.len();
        (index == 0 || nth > (index - 1) * size.revoked / items.len()).then(|| GROUNDS[nth % GROUNDS.len()])
    };
    thread::scope(|scope| {
        for (name, client) in REVIEWERS.iter().zip(&staff.reviewers) {
            let (items, at) = (&items, &at);
            scope.spawn(move || {
                for (index, item) in items.iter().enumerate().filter(|(_, i)| i["assigned_to"] == **name) {
                    let mut body = json!({"item_id": item["id"], "verdict": "right"});
                    if let Some(ground) = wrong(index) {
                        body = json!({"item_id": item["id"], "verdict": "wrong", "ground": ground, "note": "核对原件"});
                    }
                    client.post(&format!("{at}/findings"), &body).expect(201);
                }
            });
        }
    });
    app.pass_seconds(60);
    let body = json!({"document_number": "兵科撤〔2026〕9号", "served_on": "2026-12-29"});
    let done = staff.reviewers[0].post(&format!("{at}/complete"), &body).expect(200);
    assert_eq!(done["completion"]["revoked"], size.revoked, "{done}");
    for (item, index) in items.iter().zip(0..) {
        let entry = year
            .iter_mut()
            .find(|e| e.contract["id"] == item["contract_id"])
            .unwrap();
        assert!(entry.is_in_force(), "{item}");
        if let Some(ground) = wrong(index) {
            entry.standing = Standing::Revoked(ground);
        }
    }
    assert_eq!(year.iter().filter(|e| e.is_revoked()).count(), size.revoked);
}

/// The annual figures, as of a moment or now.
fn figures(app: &App, as_of: Option<&str>) -> Value {
    let query = as_of
        .map(|at| format!("?as_of={}", at.replace('+', "%2B")))
        .unwrap_or_default();
    let client = app.person(Person::Statistician);
    let mut figures = client.get(&format!("/statistics/annual/2026{query}")).expect(200);
    // Where the ledger stood tells of the reading and not of what was counted.
    figures
        .as_object_mut()
        .unwrap()
        .remove("ledger")
        .expect("where the ledger stood");
    figures
}

/// Contracts, amount and technology amount.
type Sums = [i64; 3];

fn sums<'a>(entries: impl Iterator<Item = &'a Entry>) -> Sums {
    entries.fold([0; 3], |[n, a, t], e| [n + 1, a + e.amount, t + e.technology])
}

/// Compares figures with the model.
fn compare(figures: &Value, year: &[Entry], when: &str) {
    let told = |pointer: &str| -> Sums {
        ["contracts", "amount_fen", "technology_amount_fen"].map(|name| {
            let figure = figures.pointer(&format!("{pointer}/{name}"));
            figure
                .and_then(Value::as_i64)
                .unwrap_or_else(|| panic!("{pointer}/{name}: {figure:?}"))
        })
    };
    let in_force = || year.iter().filter(|e| e.is_in_force());
    assert_eq!(told("/total"), sums(in_force()), "total, {when}");
    for unit in UNITS {
        assert_eq!(
            told(&format!("/units/{unit}")),
            sums(in_force().filter(|e| e.unit == unit)),
            "{unit}, {when}"
        );
    }
    for [kind, ..] in TYPES {
        assert_eq!(
            told(&format!("/types/{kind}")),
            sums(in_force().filter(|e| e.kind == kind)),
            "{kind}, {when}"
        );
    }
    let count = |section: &str| figures[section]["contracts"].as_i64().unwrap();
    let number = |of: fn(&Entry) -> bool| i64::try_from(year.iter().filter(|e| of(e)).count()).unwrap();
    assert_eq!(count("expert_reviews"), number(|e| e.reviewed), "{when}");
    assert_eq!(count("reinstatements"), number(|e| e.reinstated), "{when}");
    assert_eq!(count("revocations"), number(Entry::is_revoked), "{when}");
    for ground in GROUNDS {
        let [contracts, amount, _] = sums(year.iter().filter(|e| e.standing == Standing::Revoked(ground)));
        let told = &figures["revocations"]["by_ground"][ground];
        assert_eq!(
            told,
            &json!({"contracts": contracts, "amount_fen": amount}),
            "{ground}, {when}"
        );
    }
}

/// The paths at which two values differ.
fn differences(one: &Value, other: &Value, path: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            for (key, value) in a {
                differences(value, &b[key], &format!("{path}/{key}"), found);
            }
        }
        _ if one == other => {}
        _ => found.push(format!("{path}: {one} then, {other} now")),
    }
}

fn live(backend: Backend, size: Size) {
    let app = &App::start_at(backend, "2026-01-01T09:00:00+08:00");
    hire(app);
    let mut year = plan(size);
    let mut readings: Vec<Value> = Vec::new();
    let mut read = |year: &[Entry], when: &str| {
        app.set_time(when);
        let reading = figures(app, None);
        compare(&reading, year, when);
        readings.push(reading);
    };
    for (month, last) in (1..).zip([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        beginning(app, &mut year, month);
        middle(app, &mut year, month);
        if month == 12 {
            read(&year, "2026-12-27T23:59:59.999999+08:00");
            audit(app, &mut year, size);
        }
        read(&year, &format!("2026-{month:02}-{last}T23:59:59.999999+08:00"));
    }
    let reached = |of: fn(&Entry) -> bool| year.iter().filter(|e| of(e)).count();
    assert_eq!(
        reached(|e| e.contract["registration_number"].is_string()),
        size.confirmed
    );
    assert_eq!(reached(|e| e.reviewed), size.reviewed);
    assert_eq!(reached(Entry::is_revoked), size.revoked);
    assert_eq!(reached(|e| e.reinstated), 1);
    for (what, entries) in [
        ("cancelled", reached(|e| e.standing == Standing::Cancelled)),
        ("amended", reached(|e| e.amended)),
        ("returned", reached(|e| e.fate == Fate::Returned)),
        ("refused", reached(|e| e.state() == "refused")),
        ("late", reached(|e| e.fate == Fate::Late)),
    ] {
        assert!(entries > 0, "nothing was {what}");
    }
    for (entry, expected) in year.iter().map(|e| (e, e.fate.is_confirmed())) {
        let state = entry.state();
        assert!(
            expected || ["refused", "withdrawn"].contains(&state),
            "{}: {:?} is {state}",
            entry.n,
            entry.fate
        );
    }

    app.set_time("2027-02-01T09:00:00+08:00");
    for then in &readings {
        let at = then["as_of"].as_str().unwrap();
        let mut found = Vec::new();
        differences(then, &figures(app, Some(at)), "", &mut found);
        assert!(found.is_empty(), "as of {at}: {found:#?}");
    }
    let verified = app.person(Person::Auditor).get("/ledger/verification").expect(200);
    assert_eq!(verified["valid"], true, "{verified}");
}

mod a_year_is_counted_right_then_and_later {
    use super::*;

    #[test]
    fn sqlite() {
        live(Backend::Sqlite, SAMPLE);
    }

    #[test]
    fn postgres() {
        live(Backend::Postgres, TENTH);
    }
}
