//! Documents to start from.

use serde_json::{Value, json};

/// A contract with everything that a submission needs and nothing that asks for a reason; `n` tells it from others.
pub fn complete_contract(n: u32) -> Value {
    json!({
        "project_name": format!("棉田残膜回收装备研制（{n}）"),
        "type": "development",
        "subtype": "dev_commissioned",
        "unit": "div_08",
        "seller": {
            "name": format!("石河子某某科技有限公司{n}"), "uscc": credit_code("91659001", n), "kind": "enterprise",
            "region": "659001", "address": "石河子市北四路 1 号", "legal_representative": "王一",
            "contact": "李二", "phone": "0993-2012345"
        },
        "buyer": {
            "name": format!("一师某某农场{n}"), "uscc": credit_code("91659002", n), "kind": "enterprise",
            "region": "659002", "unit": "div_01", "address": "阿拉尔市南泥湾大道 2 号",
            "legal_representative": "赵三", "contact": "钱四", "phone": "0997-4612345"
        },
        "signed_on": "2025-03-01", "begins_on": "2025-03-01", "ends_on": "2027-12-31",
        "amount_fen": 120_000_000, "technology_amount_fen": 100_000_000, "non_technology_amount_fen": 20_000_000,
        "field": "agriculture", "plan_source": "outside_plan", "ip_kind": "technical_secret",
        "objective": "agriculture", "payment_mode": "instalment", "cross_border": "domestic",
        "related_party": false,
        "summary": "乙方为甲方研制适应棉田的残膜回收装备，完成样机设计、试制和田间试验，并交付全部技术资料。"
    })
}

/// A credit code with a right check character (GB 32100-2015): `prefix` of eight characters, then `n`.
pub fn credit_code(prefix: &str, n: u32) -> String {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("{prefix}MA{n:07}");
    let mut weight = 1;
    let mut sum = 0;
    for c in body.bytes() {
        sum += weight * ALPHABET.iter().position(|a| *a == c).unwrap();
        weight = weight * 3 % 31;
    }
    let check = ALPHABET[(31 - sum % 31) % 31] as char;
    format!("{body}{check}")
}
