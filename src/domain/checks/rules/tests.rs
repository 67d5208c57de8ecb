//! Each check of the catalogue: what it hits, and a near miss that it must not hit. The last test walks the catalogue and misses
//! any that has none.

mod misses;

use std::collections::BTreeSet;

use misses::MISSES;

use super::{
    super::{
        Check, Severity, audit, examine,
        tests::{day, some, sound},
    },
    *,
};
use crate::{
    config::embedded_catalogue,
    domain::{interchange::FollowUpRow, likeness::Name, time::Moment, workflow::State},
};
use Phase::{Audit, Submission};
use Severity::{Error, Notice, Warning};

/// A contract and all that is known of it.
struct World {
    content: Content,
    facts: Facts,
    rules: RuleSet,
    phase: Phase,
    today: Date,
}

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

/// About this contract there is nothing to say.
fn world(phase: Phase) -> World {
    let content = sound();
    World {
        facts: Facts {
            likeness: Some(Likeness::default()),
            papers: Some(Papers {
                kinds: vec!["contract_text".into()],
                required: vec!["contract_text".into()],
                ..Papers::default()
            }),
            same_number: Some(Vec::new()),
            decision: Some(Decision {
                state: State::Confirmed,
                confirmed_at: Some(at("2025-07-10T10:00:00+08:00")),
                due_on: Some(day("2025-07-10")),
                certificate: Certified::Known("DJY1".into(), true),
                entered_by: some("a"),
                submitted_by: some("b"),
                confirmed_by: some("c"),
                expert_reviewed: false,
                counted: true,
            }),
            follow_ups: Some(vec![survey()]),
            seller: Some(SellerHabits::default()),
        },
        rules: embedded_catalogue().unwrap().rule_set("r2001").unwrap().clone(),
        phase,
        today: day("2026-12-02"),
        content,
    }
}

fn survey() -> FollowUpRow {
    FollowUpRow {
        registration_number: "2025660008000001".into(),
        survey_year: 2026,
        tax_relevant: true,
        fulfilled: true,
        due_fen: 100,
        received_fen: 1,
        entitled: true,
        enjoyed: true,
        vat_exempted_fen: 0,
        income_tax_reduced_fen: 1,
        reward_due: false,
        reward_issued: false,
        net_income_fen: None,
        reward_paid_fen: 0,
        persons: 0,
    }
}

/// A contract in every respect like the sound one.
fn twin() -> Lookalike {
    let content = sound();
    Lookalike {
        shown: "登记编号 2025660008000001".into(),
        name: Name::of(content.project_name.as_deref().unwrap()),
        same_seller: true,
        same_buyer: true,
        signed_on: content.signed_on.unwrap(),
        amount_fen: content.amount_fen.unwrap(),
    }
}

fn seen(world: &World) -> Vec<Check> {
    let catalogue = embedded_catalogue().unwrap();
    let case = Case {
        content: &world.content,
        catalogue: &catalogue,
        rule_set: Some(&world.rules),
        today: world.today,
        phase: world.phase,
        facts: &world.facts,
    };
    match world.phase {
        Submission => examine(&case),
        Audit => audit(&case),
    }
}

type Change = fn(&mut World);

fn alike(w: &mut World, change: fn(&mut Lookalike)) {
    let mut other = twin();
    change(&mut other);
    w.facts.likeness.as_mut().unwrap().alike.push(other);
}

fn deal(w: &mut World, signed_on: &str, yuan: i64) {
    w.facts.likeness.as_mut().unwrap().pair.push(PairDeal {
        signed_on: day(signed_on),
        amount_fen: yuan * 100,
    });
}

fn summary(w: &mut World, text: &str) {
    w.content.summary = Some(format!("{text}{}", "研究".repeat(15)));
}

fn all_technology(w: &mut World) {
    w.content.technology_amount_fen = w.content.amount_fen;
    w.content.non_technology_amount_fen = Some(0);
}

fn decision(w: &mut World) -> &mut Decision {
    w.facts.decision.as_mut().unwrap()
}

fn surveyed(w: &mut World) -> &mut FollowUpRow {
    &mut w.facts.follow_ups.as_mut().unwrap()[0]
}

fn papers(w: &mut World) -> &mut Papers {
    w.facts.papers.as_mut().unwrap()
}

fn habits(w: &mut World) -> &mut SellerHabits {
    w.facts.seller.as_mut().unwrap()
}

fn plan_funded(w: &mut World) {
    w.content.plan_source = some("provincial");
    (w.content.plan_name, w.content.plan_number) = (some("某某计划"), some("2025AB001"));
}

fn patent_licence(w: &mut World) {
    (w.content.contract_type, w.content.subtype) = (some("licence"), some("li_patent"));
    w.content.ip_kind = some("invention");
}

/// Id, when, what is changed in the sound contract's world, how grave the finding is.
const HITS: &[(&str, Phase, Change, Severity)] = &[
    ("A01", Submission, |w| alike(w, |_| {}), Error),
    ("A01", Audit, |w| alike(w, |_| {}), Error),
    (
        "A01",
        Submission,
        |w| alike(w, |o| o.name = Name::of("棉田残膜 回收装备开发。")),
        Error,
    ),
    (
        "A01",
        Submission,
        |w| alike(w, |o| o.name = Name::of("棉田残膜回收机械研制")),
        Warning,
    ),
    (
        "A01",
        Submission,
        |w| alike(w, |o| o.name = Name::of("葡萄埋藤机械研究")),
        Notice,
    ),
    (
        "A01",
        Submission,
        |w| alike(w, |o| o.name = Name::of("棉田残膜回收装备开发（二期）")),
        Notice,
    ),
    ("A02", Submission, |w| alike(w, |o| o.amount_fen = 30_300_000), Warning),
    ("A02", Audit, |w| alike(w, |o| o.signed_on = day("2025-07-01")), Warning),
    (
        "A02",
        Submission,
        |w| alike(w, |o| (o.same_buyer, o.signed_on) = (false, day("2025-05-02"))),
        Notice,
    ),
    (
        "A02",
        Submission,
        |w| alike(w, |o| (o.same_seller, o.same_buyer) = (false, false)),
        Notice,
    ),
    (
        "A02",
        Submission,
        |w| {
            alike(w, |o| {
                (o.amount_fen, o.name) = (30_000_001, Name::of("棉田残膜回收装备开发（2）"))
            })
        },
        Notice,
    ),
    ("A03", Submission, |w| papers(w).same_text.push("合同 7".into()), Notice),
    ("A03", Audit, |w| papers(w).same_text.push("合同 7".into()), Error),
    (
        "A04",
        Audit,
        |w| w.facts.same_number.as_mut().unwrap().push("合同 7".into()),
        Error,
    ),
    ("A05", Submission, |w| deal(w, "2025-08-30", 4_700_000), Warning),
    ("A05", Audit, |w| deal(w, "2025-03-03", 4_700_000), Warning),
    (
        "A05",
        Submission,
        |w| {
            for (on, yuan) in [
                ("2025-05-01", 1_600_000),
                ("2025-06-01", 1_600_000),
                ("2025-07-30", 1_500_000),
            ] {
                deal(w, on, yuan);
            }
        },
        Warning,
    ),
    ("A06", Submission, |w| papers(w).kinds.clear(), Error),
    ("A06", Audit, |w| papers(w).required.push("authorisation".into()), Error),
    (
        "A06",
        Submission,
        |w| papers(w).asked.push("authorisation".into()),
        Notice,
    ),
    ("A07", Submission, patent_licence, Notice),
    ("A07", Audit, patent_licence, Error),
    ("A08", Submission, plan_funded, Notice),
    (
        "A08",
        Audit,
        |w| {
            plan_funded(w);
            w.facts.follow_ups = None;
        },
        Error,
    ),
    (
        "A09",
        Submission,
        |w| w.content.non_technology_amount_fen = Some(5_000_001),
        Error,
    ),
    (
        "A09",
        Audit,
        |w| w.content.non_technology_amount_fen = Some(5_000_001),
        Error,
    ),
    (
        "A11",
        Submission,
        |w| {
            all_technology(w);
            summary(w, "含传感器等设备采购。");
        },
        Warning,
    ),
    ("A12", Submission, |w| deal(w, "2025-06-02", 30), Warning),
    (
        "A12",
        Audit,
        |w| {
            w.content.amount_fen = Some(99_999);
            w.content.technology_amount_fen = Some(99_999);
            w.content.non_technology_amount_fen = Some(0);
        },
        Warning,
    ),
    ("A13", Submission, |w| summary(w, "仿制国外同类机型。"), Warning),
    (
        "A13",
        Submission,
        |w| {
            (w.content.contract_type, w.content.subtype) = (some("service"), some("sv_general"));
            summary(w, "完成后专利权转让给买方。");
        },
        Warning,
    ),
    (
        "A13",
        Submission,
        |w| {
            (w.content.contract_type, w.content.subtype) = (some("consulting"), some("consulting"));
            summary(w, "提出方案并负责实施。");
        },
        Warning,
    ),
    (
        "A13",
        Submission,
        |w| {
            (w.content.contract_type, w.content.subtype) = (some("service"), some("sv_training"));
            summary(w, "随设备提供操作说明。");
        },
        Warning,
    ),
    (
        "A14",
        Audit,
        |w| {
            patent_licence(w);
            papers(w).kinds.push("ip_proof".into());
            w.content.ip_kind = some("technical_secret");
        },
        Error,
    ),
    (
        "A15",
        Submission,
        |w| w.content.project_name = some("某小区物业管理"),
        Warning,
    ),
    ("A15", Submission, |w| summary(w, "场地租赁一年。"), Warning),
    (
        "A16",
        Submission,
        |w| w.content.buyer.phone = w.content.seller.phone.clone(),
        Notice,
    ),
    (
        "A16",
        Audit,
        |w| w.content.buyer.legal_representative = w.content.seller.legal_representative.clone(),
        Warning,
    ),
    ("A16", Submission, |w| w.content.related_party = Some(true), Notice),
    (
        "A16",
        Submission,
        |w| {
            w.content.buyer.uscc = w.content.seller.uscc.clone();
            w.content.buyer.kind = w.content.seller.kind.clone();
        },
        Warning,
    ),
    (
        "A18",
        Audit,
        |w| {
            plan_funded(w);
            papers(w).kinds.push("plan_document".into());
        },
        Warning,
    ),
    (
        "A19",
        Submission,
        |w| w.content.signed_on = Some(day("2025-06-11")),
        Error,
    ),
    (
        "A20",
        Audit,
        |w| decision(w).confirmed_at = Some(at("2025-07-11T00:00:00+08:00")),
        Warning,
    ),
    (
        "A21",
        Audit,
        |w| decision(w).certificate = Certified::Known("DJY1".into(), false),
        Error,
    ),
    (
        "A21",
        Audit,
        |w| decision(w).certificate = Certified::Unknown("X".into()),
        Error,
    ),
    ("A21", Audit, |w| decision(w).certificate = Certified::NotNamed, Error),
    ("A21", Audit, |w| decision(w).confirmed_by = some("a"), Error),
    (
        "A22",
        Audit,
        |w| w.rules.expert_review.from_fen = Some(30_000_000),
        Error,
    ),
    ("A23", Audit, |w| w.content.seller.kind = some("university"), Error),
    ("A25", Audit, |w| surveyed(w).received_fen = 0, Warning),
    ("A26", Audit, |w| decision(w).state = State::Revoked, Error),
    ("A26", Audit, |w| decision(w).counted = false, Error),
    ("A27", Submission, |w| w.content.seller.contact = some("*"), Warning),
    (
        "A28",
        Audit,
        |w| {
            *habits(w) = SellerHabits {
                at_agency: 3,
                at_agency_fen: 51,
                agency_contracts: 10,
                agency_fen: 100,
                ..SellerHabits::default()
            }
        },
        Notice,
    ),
    (
        "A28",
        Audit,
        |w| {
            *habits(w) = SellerHabits {
                at_agency: 10,
                at_agency_in_december: 7,
                ..SellerHabits::default()
            }
        },
        Notice,
    ),
    (
        "A29",
        Audit,
        |w| {
            w.content.buyer_unit = some("div_08");
            w.content.buyer.country = "KAZ".into();
        },
        Error,
    ),
    (
        "A29",
        Submission,
        |w| {
            w.content.buyer_unit = some("div_08");
            w.content.buyer.region = some("110000");
        },
        Notice,
    ),
    ("A29", Submission, |w| w.content.buyer.region = some("659001"), Notice),
    (
        "A30",
        Audit,
        |w| {
            *habits(w) = SellerHabits {
                contracts: 20,
                uniform: true,
                ..SellerHabits::default()
            }
        },
        Notice,
    ),
];

/// Hit together with A16, which a declared relation is, too.
const TAX: Change = |w| w.content.related_party = Some(true);

fn changed(phase: Phase, change: Change) -> World {
    let mut world = world(phase);
    change(&mut world);
    world
}

#[test]
fn each_hits() {
    for (id, phase, change, severity) in HITS {
        let found = seen(&changed(*phase, *change));
        let told: Vec<_> = found
            .iter()
            .map(|c| (rule_of(c.id).map(|r| r.id), c.severity))
            .collect();
        assert_eq!(told, [(Some(*id), *severity)], "{id}: {found:?}");
        assert!(found.iter().all(|c| !c.message.is_empty()));
    }
    let taxed = seen(&changed(Audit, TAX));
    assert_eq!(
        taxed.iter().map(|c| (c.id, c.severity)).collect::<Vec<_>>(),
        [("A16", Warning), ("A17", Warning)]
    );
}

#[test]
fn each_passes_by_near_misses() {
    for (id, phase, change) in MISSES {
        assert_eq!(seen(&changed(*phase, *change)), [], "{id}");
    }
    let untaxed = changed(Audit, |w| {
        TAX(w);
        surveyed(w).income_tax_reduced_fen = 0;
    });
    assert!(seen(&untaxed).iter().all(|c| c.id == "A16"));
}

#[test]
fn a_rule_says_nothing_of_what_nobody_looked_at() {
    for (_, phase, change, _) in HITS {
        let mut world = changed(*phase, *change);
        world.facts = Facts::default();
        for check in seen(&world) {
            let rule = rule_of(check.id).unwrap();
            assert_eq!(rule.needs, Needs::Content, "{check:?}");
        }
    }
}

#[test]
fn the_catalogue_is_whole() {
    let ids: Vec<String> = RULES.iter().map(|r| r.id.to_owned()).collect();
    assert_eq!(ids, (1..=30).map(|n| format!("A{n:02}")).collect::<Vec<_>>());
    let tried = |ids: &BTreeSet<&str>, rule: &Rule| ids.contains(rule.id) || matches!(rule.run, Run::ByHand(_));
    let hits: BTreeSet<&str> = HITS.iter().map(|h| h.0).chain(["A17"]).collect();
    let misses: BTreeSet<&str> = MISSES.iter().map(|m| m.0).collect();
    for rule in &RULES {
        assert!(tried(&hits, rule), "{} has no hit", rule.id);
        assert!(tried(&misses, rule), "{} has no near miss", rule.id);
        let gravest = HITS.iter().filter(|h| h.0 == rule.id).map(|h| h.3).min();
        assert_eq!(gravest.unwrap_or(rule.severity), rule.severity, "{}", rule.id);
        assert!(!rule.title.is_empty() && !rule.source.is_empty());
    }
}
