//! What each rule just passes by.

use super::*;

/// Id, when, what is changed: just not enough.
pub(super) const MISSES: &[(&str, Phase, Change)] = &[
    ("A01", Submission, |w| {
        alike(w, |o| {
            (o.amount_fen, o.name) = (30_000_001, Name::of("葡萄埋藤机械研究"))
        })
    }),
    ("A01", Submission, |w| {
        alike(w, |o| {
            (o.signed_on, o.name) = (day("2025-06-02"), Name::of("葡萄埋藤机械研究"))
        })
    }),
    ("A01", Submission, |w| {
        alike(w, |o| (o.same_buyer, o.name) = (false, Name::of("葡萄埋藤机械研究")))
    }),
    ("A02", Submission, |w| alike(w, |o| o.amount_fen = 30_303_031)),
    ("A02", Submission, |w| alike(w, |o| o.signed_on = day("2025-07-02"))),
    ("A02", Submission, |w| {
        alike(w, |o| {
            (o.amount_fen, o.name) = (30_000_001, Name::of("棉田残膜回收机械开发"))
        })
    }),
    ("A02", Submission, |w| {
        alike(w, |o| {
            (o.same_buyer, o.name) = (false, Name::of("棉田残膜回收装备开发2"))
        })
    }),
    ("A03", Audit, |_| {}),
    ("A04", Audit, |_| {}),
    ("A05", Submission, |w| deal(w, "2025-08-31", 4_700_000)),
    ("A05", Submission, |w| deal(w, "2025-06-02", 4_699_999)),
    ("A05", Submission, |w| deal(w, "2025-06-02", 5_000_000)),
    ("A05", Submission, |w| {
        // No ninety days hold both neighbours and the contract itself.
        deal(w, "2025-04-01", 2_400_000);
        deal(w, "2025-07-30", 2_400_000);
    }),
    ("A06", Audit, |w| {
        papers(w).required.push("authorisation".into());
        papers(w).kinds.push("authorisation".into());
    }),
    ("A07", Submission, |w| {
        patent_licence(w);
        papers(w).kinds.push("ip_proof".into());
    }),
    ("A07", Submission, |w| {
        (w.content.contract_type, w.content.subtype) = (some("transfer"), some("tr_other"));
        w.content.ip_kind = some("technical_secret");
    }),
    ("A08", Submission, |w| {
        plan_funded(w);
        papers(w).kinds.push("plan_document".into());
    }),
    ("A09", Audit, |w| {
        w.content.technology_amount_fen = Some(1);
        w.content.non_technology_amount_fen = Some(29_999_999);
    }),
    ("A11", Submission, |w| summary(w, "含传感器等设备采购。")),
    ("A11", Submission, |w| {
        all_technology(w);
        summary(w, "不含设备采购。");
    }),
    ("A11", Submission, |w| {
        all_technology(w);
        w.content.project_name = some("硅基材料采选设备研制");
    }),
    ("A12", Submission, |w| deal(w, "2025-06-02", 300)),
    ("A13", Submission, |w| {
        summary(w, "在现有机型上研制新机型，不涉及仿制。")
    }),
    ("A13", Submission, |w| {
        (w.content.contract_type, w.content.subtype) = (some("service"), some("sv_general"));
        summary(w, "仿制国外同类机型。");
    }),
    ("A14", Submission, |w| {
        patent_licence(w);
        papers(w).kinds.push("ip_proof".into());
    }),
    ("A15", Submission, |w| w.content.project_name = some("物业管理平台开发")),
    ("A15", Submission, |w| {
        w.content.project_name = some("隧道工程施工工艺研究")
    }),
    ("A15", Submission, |w| summary(w, "研究土壤检测方法，检测农药残留。")),
    ("A16", Submission, |w| {
        w.content.seller.phone = some("0991-2000001");
        w.content.buyer.phone = some("0991-2000002");
    }),
    ("A16", Audit, |w| {
        w.content.buyer.contact = w.content.seller.contact.clone();
    }),
    ("A17", Audit, |_| {}),
    ("A18", Audit, |w| {
        plan_funded(w);
        papers(w).kinds.push("plan_document".into());
        (surveyed(w).enjoyed, surveyed(w).income_tax_reduced_fen) = (false, 0);
    }),
    ("A19", Audit, |w| w.content.signed_on = w.content.received_on),
    ("A20", Audit, |w| {
        decision(w).confirmed_at = Some(at("2025-07-10T23:59:59+08:00"))
    }),
    ("A21", Audit, |w| decision(w).submitted_by = some("a")),
    ("A21", Audit, |w| {
        let d = decision(w);
        (d.certificate, d.submitted_by) = (Certified::NotNamed, None);
    }),
    ("A22", Audit, |w| w.rules.expert_review.from_fen = Some(30_000_001)),
    ("A22", Audit, |w| {
        w.rules.expert_review.from_fen = Some(30_000_000);
        decision(w).expert_reviewed = true;
    }),
    ("A23", Audit, |w| w.content.seller.kind = some("ent_llc")),
    ("A25", Audit, |w| {
        surveyed(w).received_fen = 0;
        w.today = day("2026-12-01");
    }),
    ("A25", Audit, |w| {
        surveyed(w).received_fen = 0;
        surveyed(w).due_fen = 0;
    }),
    ("A26", Audit, |w| {
        let d = decision(w);
        (d.state, d.counted) = (State::Cancelled, false);
    }),
    ("A27", Submission, |w| w.content.seller.contact = some("吴无")),
    ("A28", Audit, |w| {
        *habits(w) = SellerHabits {
            at_agency: 3,
            at_agency_fen: 50,
            agency_contracts: 10,
            agency_fen: 100,
            ..SellerHabits::default()
        }
    }),
    ("A28", Audit, |w| {
        *habits(w) = SellerHabits {
            at_agency: 3,
            at_agency_fen: 99,
            agency_contracts: 9,
            agency_fen: 100,
            ..SellerHabits::default()
        }
    }),
    ("A28", Audit, |w| {
        *habits(w) = SellerHabits {
            at_agency: 10,
            at_agency_in_december: 6,
            ..SellerHabits::default()
        }
    }),
    ("A29", Submission, |w| {
        w.content.buyer_unit = some("div_08");
        w.content.buyer.region = some("650100");
    }),
    ("A29", Submission, |w| w.content.buyer.region = some("652900")),
    ("A30", Audit, |w| {
        *habits(w) = SellerHabits {
            contracts: 19,
            uniform: true,
            ..SellerHabits::default()
        }
    }),
    ("A30", Audit, |w| {
        *habits(w) = SellerHabits {
            contracts: 99,
            uniform: false,
            ..SellerHabits::default()
        }
    }),
];
