//! Every template as its reader sees it, against a reviewed file.

use std::{fmt::Write as _, path::PathBuf};

use super::*;
use crate::domain::time::parse_date;

fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

fn item(pointer: &str, detail: &str) -> ReturnItem {
    ReturnItem {
        pointer: Some(pointer.into()),
        attachment: None,
        detail: detail.into(),
    }
}

/// After a change that is meant: `UPDATE_SNAPSHOTS=1 cargo test --lib mail::message`, and read the difference.
#[test]
fn the_texts_are_the_reviewed_ones() {
    let project = "棉田残膜回收装备研制";
    let number = "2026660008500001";
    let items = [
        item("/amount_fen", "与合同文本不符"),
        item("/seller/uscc", "缺统一社会信用代码"),
    ];
    let many: Vec<ReturnItem> = (1..=25).map(|n| item("/summary", &format!("第 {n} 处"))).collect();
    let invited = |held_on, chair, contracts| Notice::ExpertInvited {
        title: "2026 年第 3 次论证",
        held_on,
        chair,
        contracts,
    };
    let expiring = |days| Notice::CertificateExpiring {
        number: "DJY6620190044",
        valid_until: day("2028-06-30"),
        days,
    };
    let decided = |approved, reason| Notice::ChangeDecided {
        project,
        change: "注销",
        approved,
        reason,
    };
    let notices = [
        Notice::Returned {
            project,
            reason: "金额有误",
            items: &items,
        },
        Notice::Returned {
            project,
            reason: "逐项核对",
            items: &many,
        },
        Notice::Confirmed { project, number },
        Notice::Refused {
            project,
            reason: "价款约定不明：无付款期限",
        },
        Notice::Revoked {
            project,
            number,
            document: "兵科撤〔2026〕1号",
            reason: "重复登记",
        },
        Notice::Reinstated {
            project,
            number,
            reason: "撤销决定被纠正",
        },
        Notice::Reopened {
            project,
            reason: "补充了证明材料",
        },
        Notice::TakenOver {
            project,
            reason: "原审核员休假",
        },
        Notice::HandedOver {
            project,
            reason: "原审核员休假",
        },
        Notice::Released { project },
        Notice::Overdue {
            project,
            due_on: day("2026-06-30"),
        },
        Notice::DueSoon {
            project,
            due_on: day("2026-06-30"),
            days: 3,
        },
        Notice::UnclaimedDue,
        invited(Some(day("2026-07-15")), true, 4),
        invited(None, false, 0),
        Notice::VotingAgain {
            title: "2026 年第 3 次论证",
            project,
            round: 2,
        },
        expiring(30),
        expiring(0),
        Notice::CertificatesExpiring { count: 3 },
        Notice::CertificateSuspended {
            number: "DJY6620190044",
            from_on: day("2026-06-15"),
            reason: "年度培训学时不足",
        },
        decided(true, None),
        decided(false, Some("证明材料不全")),
        Notice::AuditAssigned {
            title: "2025 年度自查",
            items: 12,
        },
        Notice::ImportAwaits {
            file: "台账2025.xlsx",
            count: 3,
        },
        Notice::ImportDecided {
            file: "台账2025.xlsx",
            approved: true,
            reason: None,
        },
        Notice::ImportDecided {
            file: "台账2025.xlsx",
            approved: false,
            reason: Some("金额与合同文本不符"),
        },
        Notice::AccountAdded {
            account: "张三（zhangsan）",
            roles: "审核员、登记员",
            by: "administrator",
        },
        Notice::RolesGiven {
            account: "张三（zhangsan）",
            roles: "审核员",
            by: "administrator",
        },
        Notice::CertificateIssued {
            number: "DJY6620260001",
            name: "张三",
            by: "administrator",
        },
        Notice::CertificatesImported {
            file: "登记员.csv",
            count: 12,
            by: "cli:root",
        },
    ];
    let mut found = String::new();
    for notice in &notices {
        let _ = write!(
            found,
            "== {} ==\n{}\n--\n{}\n",
            notice.kind(),
            notice.subject(),
            notice.body()
        );
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots/messages.txt");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&path).unwrap());
}

#[test]
fn a_subject_names_nothing_and_a_text_is_bounded() {
    let long = "长".repeat(5000);
    let items: Vec<ReturnItem> = (0..100).map(|_| item("/summary", &long)).collect();
    let notice = Notice::Returned {
        project: "某项目\u{0}\r\nBcc: a@example.com",
        reason: &long,
        items: &items,
    };
    assert!(!notice.subject().contains("某项目") && !notice.subject().contains('\n'));
    let body = notice.body();
    assert!(body.chars().count() < (ITEMS + 2) * (LONGEST + 50), "{}", body.len());
    assert!(!body.contains(['\0', '\r']));
    assert!(body.contains("共 100 项"));
}
