//! The year's contracts: what becomes of each and when, and the model of what each counts for.

use serde_json::{Value, json};

use crate::support::{Client, complete_contract};

/// How much happens.
#[derive(Clone, Copy)]
pub struct Size {
    /// Contracts that are confirmed in the year; those that are refused or withdrawn come on top.
    pub confirmed: usize,
    /// Contracts on which experts conclude.
    pub reviewed: usize,
    /// Contracts that the self-audit looks at.
    pub audited: usize,
    /// Contracts that it finds wrong.
    pub revoked: usize,
}

/// The numbers of the sample's year 2025.
pub const SAMPLE: Size = Size {
    confirmed: 1134,
    reviewed: 19,
    audited: 200,
    revoked: 18,
};

/// A tenth of it: what takes the embedded store a minute takes a server, which waits for the disk at every act, three.
pub const TENTH: Size = Size {
    confirmed: 113,
    reviewed: 2,
    audited: 100,
    revoked: 2,
};

/// Registrars: user name, agency, certificate, and which reviewer decides on what they hand in (one reviewer for each agency).
pub const REGISTRARS: [(&str, &str, &str, usize); 5] = [
    ("registrar", "660008", "DJY6620190044", 0),
    ("colleague", "660008", "DJY6620190008", 0),
    ("other-registrar", "660001", "DJY6620220001", 1),
    ("registrar-15", "660015", "DJY6620210015", 2),
    ("registrar-16", "660016", "DJY6620200016", 1),
];

pub const REVIEWERS: [&str; 3] = ["reviewer", "reviewer2", "reviewer3"];

pub const UNITS: [&str; 18] = [
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
pub const TYPES: [[&str; 3]; 5] = [
    ["development", "dev_commissioned", "technical_secret"],
    ["transfer", "tr_patent_right", "invention"],
    ["consulting", "consulting", "none"],
    ["service", "sv_general", "none"],
    ["licence", "li_software_copyright", "software_copyright"],
];

pub const TOPICS: [&str; 9] = [
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

pub const GROUNDS: [&str; 5] = [
    "duplicate",
    "wrong_category",
    "not_technology_contract",
    "evidence_unverifiable",
    "fraud",
];

/// What becomes of a contract until it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
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
    pub fn is_confirmed(self) -> bool {
        !matches!(self, Self::Refused | Self::Withdrawn | Self::Experts("not_recognise"))
    }
}

/// Where a contract stands in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not confirmed, or never to be.
    Outside,
    InForce,
    Cancelled,
    /// Revoked, on this ground.
    Revoked(&'static str),
}

/// A contract of the year: its plan, the contract as last answered, and what the model knows of it.
pub struct Entry {
    pub n: u32,
    pub month: u32,
    pub fate: Fate,
    pub contract: Value,
    pub unit: &'static str,
    pub kind: &'static str,
    pub amount: i64,
    pub technology: i64,
    pub standing: Standing,
    pub reviewed: bool,
    pub amended: bool,
    pub reinstated: bool,
}

impl Entry {
    pub fn new(n: u32, fate: Fate) -> Self {
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

    pub fn is_in_force(&self) -> bool {
        self.standing == Standing::InForce
    }

    pub fn is_revoked(&self) -> bool {
        matches!(self.standing, Standing::Revoked(_))
    }

    pub fn registrar(&self) -> usize {
        self.n as usize % REGISTRARS.len()
    }

    /// Who decides on it.
    pub fn reviewer(&self) -> usize {
        REGISTRARS[self.registrar()].3
    }

    /// Who decides on its changes.
    pub fn second(&self) -> usize {
        (self.reviewer() + 1) % REVIEWERS.len()
    }

    pub fn state(&self) -> &str {
        self.contract["state"].as_str().unwrap_or("")
    }

    pub fn document(&self) -> Value {
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

    pub fn act(&mut self, client: &Client, action: &str, body: &Value) {
        self.contract = client.act(&self.contract, action, body);
    }

    pub fn read(&mut self, client: &Client) {
        self.contract = client.get(&format!("/contracts/{}", self.contract["id"])).expect(200);
    }

    /// Confirms it for what the model says.
    pub fn confirm(&mut self, client: &Client) {
        let mut body = json!({"verified_type": self.kind, "verified_technology_amount_fen": self.technology});
        if self.contract["type"] != self.kind {
            body["verified_subtype"] = json!(TYPES.iter().find(|t| t[0] == self.kind).unwrap()[1]);
        }
        self.act(client, "confirm", &body);
        self.standing = Standing::InForce;
    }

    /// Decides on it, claimed, for the first time.
    pub fn decide(&mut self, client: &Client) {
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
    pub fn change(&self, month: u32) -> Option<(Value, bool)> {
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
    pub fn changed(&mut self, change: &Value) {
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
pub fn plan(size: Size) -> Vec<Entry> {
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
