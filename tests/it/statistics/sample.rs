//! The sample register, through the import as users run it: every figure of 2025 is what the CSV files hold.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::model::{self, Activity, Deal, Exact, Register, Surveyed, micros};
use crate::support::{App, Person, both, dengji};

/// A moment after all that happened in the sample.
pub const AFTER: &str = "2026-06-15T12:00:00+08:00";

/// The printed figures that the register contradicts, and what it gives.
const WRONG: [(&str, &str, &str); 7] = [
    ("series.2023.growth", "128", "127"),
    ("regions.previous_north_to_south", "5.6", "5.5"),
    ("bands.under_1m.count_share", "98.9", "82.2"),
    ("bands.from_1m.share", "70.6", "78.6"),
    ("period.average_growth", "35.5", "27.5"),
    ("period.plan_funded_contracts", "1829", "1785"),
    ("period.outside_plan_contracts", "1778", "1836"),
];

/// The files of the sample, by kind, in the order in which they go in.
pub const FILES: [(&str, &[&str]); 5] = [
    ("registrars", &["registrars.csv"]),
    (
        "register",
        &[
            "contracts-2021.csv",
            "contracts-2022.csv",
            "contracts-2023.csv",
            "contracts-2024.csv",
            "contracts-2025.csv",
        ],
    ),
    ("follow-up", &["follow-up-2021-2024.csv"]),
    ("activities", &["activities-2025.csv"]),
    ("reference", &["reference-figures.csv"]),
];

pub fn demo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo").join(name)
}

type Row = std::collections::HashMap<String, String>;

fn rows(name: &str) -> Vec<Row> {
    let text = std::fs::read_to_string(demo(name)).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// The id of a label by the form's description.
fn id(labels: &[(&str, &'static str)], label: &str) -> &'static str {
    let found = labels.iter().find(|(l, _)| *l == label);
    found.unwrap_or_else(|| panic!("no label {label}")).1
}

const STATES: [(&str, &str); 10] = [
    ("草稿", "draft"),
    ("已提交", "submitted"),
    ("待审核", "submitted"),
    ("审核中", "submitted"),
    ("专家论证", "submitted"),
    ("退回补正", "returned"),
    ("已撤回", "withdrawn"),
    ("已确认", "confirmed"),
    ("不予登记", "refused"),
    ("已撤销", "revoked"),
];
const UNITS: [(&str, &str); 18] = [
    ("一师", "div_01"),
    ("二师", "div_02"),
    ("三师", "div_03"),
    ("四师", "div_04"),
    ("五师", "div_05"),
    ("六师", "div_06"),
    ("七师", "div_07"),
    ("八师", "div_08"),
    ("九师", "div_09"),
    ("十师", "div_10"),
    ("十一师", "div_11"),
    ("十二师", "div_12"),
    ("十三师", "div_13"),
    ("十四师", "div_14"),
    ("新疆农垦科学院", "academy"),
    ("石河子大学", "shihezi_univ"),
    ("塔里木大学", "tarim_univ"),
    ("兵直及其他", "direct_other"),
];
const TYPES: [(&str, &str); 5] = [
    ("技术开发", "development"),
    ("技术转让", "transfer"),
    ("技术咨询", "consulting"),
    ("技术服务", "service"),
    ("技术许可", "licence"),
];
const KINDS: [(&str, &str); 8] = [
    ("企业法人", "enterprise"),
    ("境外机构", "overseas_entity"),
    ("事业法人-科研机构", "research_institute"),
    ("事业法人-高等院校", "university"),
    ("事业法人-医疗卫生", "medical"),
    ("机关法人", "government"),
    ("社团法人", "social_org"),
    ("其他组织", "other_org"),
];
const FIELDS: [(&str, &str); 11] = [
    ("电子信息", "electronic_information"),
    ("航空航天", "aerospace"),
    ("先进制造", "advanced_manufacturing"),
    ("生物、医药和医疗器械", "biomedicine_devices"),
    ("新材料及其应用", "new_materials"),
    ("新能源与高效节能", "new_energy_efficiency"),
    ("环境保护与资源综合利用", "environment_resources"),
    ("核应用", "nuclear_application"),
    ("农业", "agriculture"),
    ("现代交通", "modern_transport"),
    ("城市建设与社会发展", "urban_social_development"),
];
const PLANS: [(&str, &str); 5] = [
    ("国家科技计划", "national"),
    ("部门计划", "ministry"),
    ("兵团级计划", "provincial"),
    ("师市级计划", "prefecture"),
    ("计划外", "outside_plan"),
];
const BORDERS: [(&str, &str); 3] = [("境内", "domestic"), ("进口", "import"), ("出口", "export")];
const GROUNDS: [(&str, &str); 8] = [
    ("重复登记", "duplicate"),
    ("合同类别认定错误", "wrong_category"),
    ("不属于技术合同", "not_technology_contract"),
    ("关联交易价格不实", "related_party_price"),
    ("附件缺失无法核实", "evidence_unverifiable"),
    ("弄虚作假", "fraud"),
    ("合同被撤销或宣布无效", "void"),
    ("其他", "other"),
];

/// Yuan with at most two decimals, in fen; nothing is 0.
fn fen(yuan: &str) -> i64 {
    if yuan.is_empty() {
        return 0;
    }
    let (whole, cents) = yuan.split_once('.').unwrap_or((yuan, ""));
    assert!(cents.len() <= 2, "{yuan}");
    whole.parse::<i64>().unwrap() * 100 + format!("{cents:0<2}").parse::<i64>().unwrap()
}

fn number(text: &str) -> i64 {
    if text.is_empty() { 0 } else { text.parse().unwrap() }
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|t| !t.is_empty())
}

fn deal(row: &Row) -> Deal {
    Deal {
        state: id(&STATES, &row["状态"]),
        submitted: given(&row["提交时间"]).map(micros),
        confirmed: given(&row["审核确认时间"]).map(micros),
        ended: given(&row["撤销或注销时间"]).map(micros),
        ground: given(&row["撤销或注销原因"]).map(|label| id(&GROUNDS, label)),
        expert: row["专家论证"] == "是",
        amount: fen(&row["合同成交额（元）"]),
        technology: fen(&row["技术交易额（元）"]),
        unit: id(&UNITS, &row["归属单位"]),
        contract_type: id(&TYPES, &row["合同类别"]),
        plan_source: id(&PLANS, &row["计划来源"]),
        seller_kind: id(&KINDS, &row["卖方性质"]),
        field: id(&FIELDS, &row["技术领域"]),
        buyer_unit: given(&row["买方所属兵团单位"]).map(|label| id(&UNITS, label)),
        buyer_region: row["买方行政区划"].clone(),
        border: id(&BORDERS, &row["进出口"]),
    }
}

/// The sample as plain facts.
pub fn register() -> Register {
    let date = |text: &str| text.parse().unwrap();
    let yes = |text: &str| text == "是";
    let reference = |label: &str| {
        let of = rows("reference-figures.csv")
            .into_iter()
            .filter(move |r| r["指标"] == label);
        of.map(|r| (r["年度"].parse().unwrap(), fen(&r["数值（元）"])))
            .collect()
    };
    Register {
        deals: FILES[1]
            .1
            .iter()
            .flat_map(|name| rows(name))
            .map(|r| deal(&r))
            .collect(),
        certificates: rows("registrars.csv")
            .iter()
            .map(|r| (date(&r["发证日期"]), date(&r["有效期至"])))
            .collect(),
        surveyed: rows("follow-up-2021-2024.csv")
            .iter()
            .map(|r| Surveyed {
                year: r["调查年度"].parse().unwrap(),
                tax_relevant: yes(&r["是否涉税"]),
                fulfilled: yes(&r["是否履行"]),
                due: fen(&r["应到账额（元）"]),
                received: fen(&r["实到账额（元）"]),
                entitled: yes(&r["应享税收优惠"]),
                enjoyed: yes(&r["实享税收优惠"]),
                vat: fen(&r["增值税免税额（元）"]),
                income_tax: fen(&r["企业所得税减免额（元）"]),
                reward_due: yes(&r["奖酬金应发"]),
                reward_issued: yes(&r["奖酬金实发"]),
                net_income: fen(&r["净收益额（元）"]),
                reward_paid: fen(&r["实发奖酬金（元）"]),
                persons: number(&r["享受奖励人次"]),
            })
            .collect(),
        activities: rows("activities-2025.csv")
            .iter()
            .map(|r| Activity {
                kind: r["种类"].clone(),
                on: date(&r["日期"]),
                events: number(&r["场次"]),
                participants: number(&r["人次"]),
                participants_xpcc: number(&r["其中兵团系统人次"]),
                items: number(&r["项数"]),
            })
            .collect(),
        amounts: reference("成交额"),
        targets: reference("成交额规划目标"),
    }
}

/// Runs the program with this store; its standard output.
pub fn run(app: &App, arguments: &[&str]) -> String {
    let output = dengji(&app.url, app.folder.path()).args(arguments).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

/// The year's figures as the command line gives them.
pub fn report(app: &App, year: i32, as_of: &str) -> Value {
    let year = year.to_string();
    serde_json::from_str(&run(app, &["report", &year, "--as-of", as_of, "--format", "json"])).unwrap()
}

/// Imports the whole sample, a command for each kind.
pub fn import_whole_sample(app: &App) {
    for (kind, names) in FILES {
        let paths: Vec<String> = names.iter().map(|n| demo(n).display().to_string()).collect();
        let mut arguments = vec!["import", "--kind", kind];
        arguments.extend(paths.iter().map(String::as_str));
        run(app, &arguments);
    }
}

both! {
    fn every_figure_is_what_the_files_hold(app: &App) {
        import_whole_sample(app);
        let register = register();
        let report_2025 = report(app, 2025, AFTER);
        let expected = model::figures(&register, 2025, micros(AFTER), None);
        model::assert_same(&report_2025, &expected);

        let statistician = app.person(Person::Statistician);
        let rest = statistician.get("/statistics/annual/2025").expect(200);
        assert_eq!(model::without_frame(&rest), model::without_frame(&report_2025));
        // The commands that imported had the machine's clock: what they entered is not of the future to a server that is behind.
        assert!(rest["as_of"].as_str().unwrap() >= AFTER, "{}", rest["as_of"]);
        assert_eq!((&rest["until"], &rest["closed"]), (&Value::Null, &false.into()));

        let mut differing = Vec::new();
        let mut printed = csv::Reader::from_path(demo("published-2025.csv")).unwrap();
        let printed: Vec<csv::StringRecord> = printed.records().map(Result::unwrap).collect();
        assert_eq!(printed.len(), 240);
        for row in &printed {
            let exact = expected.get(&row[0]).unwrap_or_else(|| panic!("no figure {}", &row[0]));
            let pointer = format!("/{}{}", row[0].replace('.', "/"), if matches!(exact, Exact::Fen(_)) { "_fen" } else { "" });
            let shown = match (exact, report_2025.pointer(&pointer).unwrap()) {
                (Exact::Count(_), value) => model::rounded(Exact::Count(value.as_i64().unwrap()), &row[2], &row[1]),
                (Exact::Fen(_), value) => model::rounded(Exact::Fen(value.as_i64().unwrap()), &row[2], &row[1]),
                // Equal within 1e-12 to what the report gives; the fraction knows on which side of a tie it lies.
                (exact, _) => model::rounded(*exact, &row[2], &row[1]),
            };
            if shown != row[1] {
                differing.push((row[0].to_owned(), row[1].to_owned(), shown));
            }
        }
        differing.sort();
        let mut wrong = WRONG.map(|(figure, printed, derived)| (figure.to_owned(), printed.to_owned(), derived.to_owned()));
        wrong.sort();
        assert_eq!(differing, wrong);

        // Other years, other moments and parts of the year, by the same two ways.
        for (year, as_of, until) in [
            (2025, "2025-12-15T12:12:00+08:00", None),
            (2025, "2025-07-01T00:00:00+08:00", None),
            (2025, AFTER, Some("2025-06-30")),
            (2024, AFTER, None),
            (2024, AFTER, Some("2024-02-29")),
            (2021, AFTER, None),
            (2026, AFTER, None),
        ] {
            let day = until.map(|day| day.parse().unwrap());
            let expected = model::figures(&register, year, micros(as_of), day);
            let until = until.map(|day| format!("&until={day}")).unwrap_or_default();
            let path = format!("/statistics/annual/{year}?as_of={}{until}", as_of.replace('+', "%2B"));
            model::assert_same(&statistician.get(&path).expect(200), &expected);
        }
    }
}
