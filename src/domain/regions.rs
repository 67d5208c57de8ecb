//! 行政区划 that contracts of this office name most: proposals beside a field, never a limit to what may be written. GB/T 2260;
//! provinces as a whole, the prefectures of Xinjiang, the cities of the Corps.

/// Codes and names, the nearest first.
pub const PROPOSED: &[(&str, &str)] = &[
    ("659001", "石河子市"),
    ("659002", "阿拉尔市"),
    ("659003", "图木舒克市"),
    ("659004", "五家渠市"),
    ("659005", "北屯市"),
    ("659006", "铁门关市"),
    ("659007", "双河市"),
    ("659008", "可克达拉市"),
    ("659009", "昆玉市"),
    ("659010", "胡杨河市"),
    ("659011", "新星市"),
    ("659012", "白杨市"),
    ("650100", "乌鲁木齐市"),
    ("650200", "克拉玛依市"),
    ("650400", "吐鲁番市"),
    ("650500", "哈密市"),
    ("652300", "昌吉回族自治州"),
    ("652700", "博尔塔拉蒙古自治州"),
    ("652800", "巴音郭楞蒙古自治州"),
    ("652900", "阿克苏地区"),
    ("653000", "克孜勒苏柯尔克孜自治州"),
    ("653100", "喀什地区"),
    ("653200", "和田地区"),
    ("654000", "伊犁哈萨克自治州"),
    ("654200", "塔城地区"),
    ("654300", "阿勒泰地区"),
    ("110000", "北京市"),
    ("120000", "天津市"),
    ("130000", "河北省"),
    ("140000", "山西省"),
    ("150000", "内蒙古自治区"),
    ("210000", "辽宁省"),
    ("220000", "吉林省"),
    ("230000", "黑龙江省"),
    ("310000", "上海市"),
    ("320000", "江苏省"),
    ("330000", "浙江省"),
    ("340000", "安徽省"),
    ("350000", "福建省"),
    ("360000", "江西省"),
    ("370000", "山东省"),
    ("410000", "河南省"),
    ("420000", "湖北省"),
    ("430000", "湖南省"),
    ("440000", "广东省"),
    ("450000", "广西壮族自治区"),
    ("460000", "海南省"),
    ("500000", "重庆市"),
    ("510000", "四川省"),
    ("520000", "贵州省"),
    ("530000", "云南省"),
    ("540000", "西藏自治区"),
    ("610000", "陕西省"),
    ("620000", "甘肃省"),
    ("630000", "青海省"),
    ("640000", "宁夏回族自治区"),
    ("650000", "新疆维吾尔自治区"),
    ("710000", "台湾省"),
    ("810000", "香港特别行政区"),
    ("820000", "澳门特别行政区"),
];

/// The name of a region that is proposed.
pub fn name_of(code: &str) -> Option<&'static str> {
    PROPOSED.iter().find(|(c, _)| *c == code).map(|(_, name)| *name)
}

/// The code of the region that is meant by its name, or by a part of it that no other has.
pub fn code_of(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if let Some((code, _)) = PROPOSED.iter().find(|(_, name)| *name == text) {
        return Some(code);
    }
    // One character is no name, and a code is one already.
    if text.chars().count() < 2 || text.is_ascii() {
        return None;
    }
    let mut found = PROPOSED.iter().filter(|(_, name)| name.contains(text));
    match (found.next(), found.next()) {
        (Some((code, _)), None) => Some(code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_is_a_region_where_no_other_has_it() {
        for (text, code) in [
            ("石河子市", Some("659001")),
            ("石河子", Some("659001")),
            (" 乌鲁木齐 ", Some("650100")),
            ("新疆", Some("650000")),
            ("自治区", None),
            ("石", None),
            ("", None),
            ("659001", None),
            ("某地", None),
        ] {
            assert_eq!(code_of(text), code, "{text}");
        }
    }

    #[test]
    fn every_proposal_is_a_code_of_its_own() {
        let mut codes: Vec<&str> = PROPOSED.iter().map(|(code, _)| *code).collect();
        assert!(
            codes
                .iter()
                .all(|c| c.len() == 6 && c.bytes().all(|b| b.is_ascii_digit()))
        );
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), PROPOSED.len());
        assert_eq!(name_of("659001"), Some("石河子市"));
    }
}
