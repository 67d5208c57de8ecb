//! A submission's look for duplicates and split contracts over a million registered ones.
//!
//! The register is skewed as registers are: four hundred sellers of which few have most contracts, a vocabulary of names in which the
//! same words come again and again, a third of the amounts round. It is inserted straight into the tables of a migrated store;
//! then contracts of the same kind are entered and submitted through the use case, one in ten of them a near duplicate.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use chrono::{Days, NaiveDate};
use dengji::{
    domain::{
        account::{Actor, Certificate, Role},
        attachment::{Attachment, MediaType},
        contract::{Content, Party},
        ledger::canonical,
        likeness::Profile,
        time::Moment,
    },
    storage::attachments,
    usecases::{
        Context, Error,
        contracts::{Answer, Command, ContractView, create, read, submit},
    },
};
use rusqlite::{Connection, params};

use crate::{
    Failure,
    generate::{Random, credit_code},
    number,
    place::Place,
    report::{Report, ms},
};

const STORE: &str = "likeness.sqlite";

const TOPICS: [&str; 24] = [
    "棉田残膜",
    "滴灌水肥",
    "盐碱治理",
    "设施农业",
    "果蔬保鲜",
    "畜禽养殖",
    "棉花育种",
    "农机装备",
    "遥感监测",
    "农情预测",
    "水处理",
    "固废利用",
    "光伏储能",
    "新材料",
    "硅基材料",
    "聚合物",
    "食品加工",
    "生物制剂",
    "节水灌溉",
    "葡萄栽培",
    "红枣加工",
    "智慧水利",
    "土壤改良",
    "物联网",
];
const THINGS: [&str; 14] = [
    "回收",
    "调控",
    "关键",
    "高效",
    "智能",
    "一体化",
    "绿色",
    "综合",
    "精准",
    "快速",
    "连续",
    "协同",
    "数字化",
    "低温",
];
const KINDS: [&str; 12] = [
    "装备研制",
    "系统开发",
    "新工艺研究",
    "平台建设",
    "技术服务",
    "技术培训",
    "可行性论证",
    "技术评估",
    "检测分析技术服务",
    "品种选育",
    "联合研发",
    "示范推广技术服务",
];
const ROUND_YUAN: [i64; 12] = [
    10_000, 20_000, 30_000, 50_000, 80_000, 100_000, 150_000, 200_000, 300_000, 500_000, 1_000_000, 2_000_000,
];

/// Contracts that are registered.
pub fn registered() -> usize {
    number("BENCH_LIKENESS", 1_000_000)
}

/// Contracts that are submitted.
fn submissions() -> usize {
    number("BENCH_SUBMISSIONS", 1_200)
}

fn pick<'a, T>(random: &mut Random, from: &'a [T]) -> Result<&'a T, Failure> {
    let at = usize::try_from(random.below(u64::try_from(from.len())?))?;
    from.get(at).ok_or_else(|| "nothing to pick from".into())
}

/// Small numbers often, large ones seldom: the product of two even draws.
fn skewed(random: &mut Random, below: u64) -> u64 {
    random.below(below) * random.below(below) / below
}

fn party(code: &str, number: u64, name: &str) -> Party {
    Party {
        name: Some(format!("{name}（{number}）有限公司")),
        uscc: Some(credit_code(code, number)),
        kind: Some("enterprise".to_owned()),
        region: Some("659001".to_owned()),
        address: Some(format!("{name}路{number}号")),
        legal_representative: Some(format!("{name}甲{number}")),
        contact: Some(format!("{name}乙{number}")),
        phone: Some(format!("0993-{:07}", 2_000_000 + number)),
        ..Party::default()
    }
}

/// A contract of the register; `first` and the days after it are when it was signed.
fn content(random: &mut Random, first: NaiveDate, days: u64) -> Result<Content, Failure> {
    let mut name = format!(
        "{}{}{}",
        pick(random, &TOPICS)?,
        pick(random, &THINGS)?,
        pick(random, &KINDS)?
    );
    if random.below(3) == 0 {
        name = format!("{name}（第{}期）", 1 + random.below(9));
    }
    let yuan = if random.below(10) < 3 {
        *pick(random, &ROUND_YUAN)?
    } else {
        // From 1,000 yuan to some ten million, evenly on a scale of powers.
        let power = i64::try_from(random.below(4))?;
        10_i64.pow(u32::try_from(power)? + 3) + i64::try_from(random.below(9_000))? * 10_i64.pow(u32::try_from(power)?)
    };
    let signed_on = first
        .checked_add_days(Days::new(random.below(days)))
        .ok_or("a day out of range")?;
    Ok(Content {
        project_name: Some(name),
        contract_type: Some("development".to_owned()),
        subtype: Some("dev_commissioned".to_owned()),
        unit: Some("div_08".to_owned()),
        seller: party("91659001", skewed(random, 400), "卖方"),
        buyer: party("91659002", skewed(random, 20_000), "买方"),
        buyer_unit: Some("div_01".to_owned()),
        received_on: Some(signed_on),
        signed_on: Some(signed_on),
        begins_on: Some(signed_on),
        ends_on: signed_on.checked_add_days(Days::new(2000)),
        amount_fen: Some(yuan * 100),
        technology_amount_fen: Some(yuan * 100),
        non_technology_amount_fen: Some(0),
        field: Some("agriculture".to_owned()),
        plan_source: Some("outside_plan".to_owned()),
        ip_kind: Some("technical_secret".to_owned()),
        objective: Some("agriculture".to_owned()),
        payment_mode: Some("instalment".to_owned()),
        cross_border: Some("domestic".to_owned()),
        related_party: Some(false),
        summary: Some(
            "乙方为甲方研制适应棉田的残膜回收装备，完成样机设计、试制和田间试验，并交付全部技术资料。".to_owned(),
        ),
        ..Content::default()
    })
}

fn day(text: &str) -> Result<NaiveDate, Failure> {
    Ok(text.parse()?)
}

/// Fills the store; five years of contracts. Answers some of them, to be nearly repeated.
fn fill(connection: &mut Connection, random: &mut Random) -> Result<Vec<Content>, Failure> {
    let mut samples = Vec::new();
    let transaction = connection.transaction()?;
    {
        let mut contract = transaction.prepare(
            "INSERT INTO contracts (id, version, revision, state, registration_number, agency_id, created_at, submitted_at,
                confirmed_at, confirmed_year, type, unit, field, amount_fen, search_text, row_digest)
             VALUES (?, 1, 1, 'confirmed', ?, 1, 0, ?, ?, ?, 'development', 'div_08', 'agriculture', ?, ?, ?)",
        )?;
        let mut revision = transaction.prepare("INSERT INTO contract_revisions VALUES (?, 1, 0, 'bench', ?)")?;
        let mut likeness = transaction.prepare("INSERT INTO contract_likeness VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
        for id in 1..=i64::try_from(registered())? {
            let content = content(random, day("2021-01-01")?, 1826)?;
            let profile = Profile::of(&content).ok_or("a contract without profile")?;
            let at = profile
                .signed_on
                .and_hms_opt(4, 0, 0)
                .ok_or("noon")?
                .and_utc()
                .timestamp_micros();
            let year = profile.signed_on.format("%Y").to_string();
            contract.execute(params![
                id,
                format!("{year}660008{id:06}"),
                at,
                at,
                year.parse::<i64>()?,
                profile.amount_fen,
                content.project_name,
                format!("{id:064x}"),
            ])?;
            revision.execute(params![id, canonical(&content)?])?;
            likeness.execute(params![
                id,
                profile.name.text(),
                profile.name.sketch().to_stored(),
                profile.seller,
                profile.buyer,
                profile.pair,
                profile.signed_on.to_string(),
                profile.amount_fen
            ])?;
            if random.below(500) == 0 {
                samples.push(content);
            }
        }
    }
    transaction.commit()?;
    Ok(samples)
}

fn command(actor: &Actor, version: Option<i64>) -> Command<ContractView> {
    Command {
        actor: actor.clone(),
        session_id: None,
        version,
        once: None,
    }
}

fn view(answer: Answer<ContractView>) -> Result<ContractView, Failure> {
    match answer {
        Answer::Done(view) => Ok(view),
        Answer::Repeated(_) => Err("nothing carries a key".into()),
    }
}

/// What came of the submissions.
#[derive(Default)]
struct Outcome {
    checks: Vec<Duration>,
    submissions: Vec<Duration>,
    refused: usize,
    alike: usize,
    split: usize,
}

async fn submit_all(ctx: &Context, actor: &Actor, contents: Vec<Content>) -> Result<Outcome, Failure> {
    let reasons: BTreeMap<String, String> = ["A01", "A02", "A05", "A12"]
        .map(|id| (id.to_owned(), "已核对".to_owned()))
        .into();
    let input = submit::SubmitInput {
        reasons,
        answers: Vec::new(),
    };
    let mut outcome = Outcome::default();
    for content in contents {
        let patch = Box::new(move |_: &Content| Ok(content.clone()));
        let draft = view(create::create(ctx, command(actor, None), patch).await.map_err(said)?)?;
        let id = draft.contract.id;
        // Beside the workflow: a transaction of the store would want an entry.
        ctx.store.with_connection(|db| attachments::insert(db, &text_of(id)))?;
        let started = Instant::now();
        let read = read::read(ctx, actor.clone(), id).await.map_err(said)?;
        outcome.checks.push(started.elapsed());
        outcome.alike += usize::from(read.checks.iter().any(|c| matches!(c.id, "A01" | "A02")));
        outcome.split += usize::from(read.checks.iter().any(|c| c.id == "A05"));
        let started = Instant::now();
        let done = submit::submit(ctx, command(actor, Some(1)), id, Ok(input.clone())).await;
        outcome.submissions.push(started.elapsed());
        match done {
            Ok(_) => {}
            // A look-alike under the very name: the same contract.
            Err(Error::Invalid(errors)) if errors.iter().all(|e| e.code == "A01") => outcome.refused += 1,
            Err(error) => return Err(said(error)),
        }
    }
    Ok(outcome)
}

/// What is said of a contract's text; the file itself nobody reads here.
fn text_of(contract_id: i64) -> Attachment {
    Attachment {
        id: 0,
        contract_id,
        kind: "contract_text".to_owned(),
        file_name: "合同文本.pdf".to_owned(),
        media_type: MediaType::Pdf,
        size: 1,
        sha256: format!("{contract_id:064x}"),
        added_by: "bench".to_owned(),
        added_at: Moment::from_micros(0),
    }
}

fn said(error: Error) -> Failure {
    format!("{error}: {error:?}").into()
}

/// Median, 95 % and greatest of some times.
pub fn spread(mut times: Vec<Duration>) -> Result<(Duration, Duration, Duration), Failure> {
    times.sort_unstable();
    let at = |share: usize| {
        times
            .get((times.len() * share / 100).min(times.len().saturating_sub(1)))
            .copied()
    };
    at(50)
        .zip(at(95))
        .zip(times.last().copied())
        .map(|((median, most), greatest)| (median, most, greatest))
        .ok_or_else(|| "nothing was timed".into())
}

/// A store with the contracts that are registered; some of them, to be nearly repeated.
pub fn filled(place: &Place, store: &str, random: &mut Random) -> Result<Vec<Content>, Failure> {
    place.prepared(store)?;
    // Filling is not measured: no journal, and a cache that holds the indexes. The program turns the journal on again.
    let mut connection = Connection::open(place.file(store))?;
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1500000;")?;
    fill(&mut connection, random)
}

pub fn run(place: &Place, report: &mut Report) -> Result<(), Failure> {
    let mut random = Random(2026);
    let samples = filled(place, STORE, &mut random)?;
    let mut contents = Vec::new();
    for count in 0..submissions() {
        contents.push(if count % 10 == 0 {
            let mut near = pick(&mut random, &samples)?.clone();
            near.signed_on = near
                .signed_on
                .and_then(|day| day.checked_sub_days(Days::new(random.below(30))));
            near
        } else {
            content(&mut random, day("2025-01-01")?, 365)?
        });
    }
    let ctx = place.context(STORE)?;
    let actor = Actor {
        username: "bench".to_owned(),
        roles: vec![Role::Registrar],
        agency_id: Some(1),
        certificate: Some(Certificate::new("bench".to_owned(), day("2020-01-01")?, None)),
    };
    let outcome = place.runtime.block_on(submit_all(&ctx, &actor, contents))?;
    let found = format!(
        "{} of {} have look-alikes, {} are the same contract, {} may be split",
        outcome.alike,
        submissions(),
        outcome.refused,
        outcome.split
    );
    for (what, times) in [
        ("a contract read with its duplicate and split checks", outcome.checks),
        ("a submission with them, durable", outcome.submissions),
    ] {
        let (median, most, greatest) = spread(times)?;
        report.holds(
            &format!("{what}, {} registered", registered()),
            format!(
                "median {}, 95 % {}, greatest {} ({found})",
                ms(median),
                ms(most),
                ms(greatest)
            ),
            "95 % ≤ 20 ms",
            most <= Duration::from_millis(20),
        );
    }
    place.remove(STORE);
    Ok(())
}
