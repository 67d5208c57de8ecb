//! What entering and editing a contract refuse: malformed values, unknown codes, values that contradict one another. What is
//! absent is no error here.

use chrono::Datelike as _;

use super::text::{TextField, contact_texts, contract_texts, name_text, parties, party_label, shown};
use crate::domain::{
    catalogue::Catalogue,
    code_list::ListName,
    contract::{Content, Party},
    error::FieldError,
    identity_number,
    money::{Fen, MAX_FEN, format_yuan},
    text,
    time::Date,
    uscc::{self, UsccError},
};

/// First two digits of the codes of GB/T 2260: provinces, autonomous regions, municipalities, Taiwan, Hong Kong, Macao.
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
];

/// Years that a date may lie in: the Technology Contract Law is of 1987.
pub const YEARS: std::ops::RangeInclusive<i32> = 1987..=2200;

/// Makes of a content what the register keeps: white space around texts is cut off, what is not seen in them goes, credit codes are normalised, region and
/// country in half-width upper case. An empty text stays one (and is an error to [`well_formed`]).
pub fn tidy(content: &mut Content) {
    let texts = [
        &mut content.project_name,
        &mut content.plan_name,
        &mut content.plan_number,
        &mut content.summary,
    ];
    for text in texts {
        trim(text);
    }
    for party in [&mut content.seller, &mut content.buyer] {
        let Party {
            name,
            uscc,
            region,
            country,
            address,
            legal_representative,
            contact,
            phone,
            kind: _,
        } = party;
        for text in [name, address, legal_representative, contact, phone] {
            trim(text);
        }
        for code in [uscc, region].into_iter().flatten() {
            *code = uscc::normalise(code);
        }
        *country = uscc::normalise(country);
    }
}

fn trim(typed: &mut Option<String>) {
    if let Some(value) = typed {
        let cleaned = text::clean(value);
        if cleaned.trim().len() != value.len() {
            *value = cleaned.trim().to_owned();
        }
    }
}

/// What `create` and `edit` refuse: every error, by pointer. Pure; allocates nothing for a content without errors.
pub fn well_formed(content: &Content, catalogue: &Catalogue) -> Vec<FieldError> {
    let mut errors = Vec::new();
    texts(content, &mut errors);
    codes(content, catalogue, &mut errors);
    for (base, party) in parties(content) {
        region(base, party, &mut errors);
        credit_code(base, party, &mut errors);
    }
    date_ranges(content, &mut errors);
    amounts(content, &mut errors);
    errors.sort_by(|a, b| (&a.pointer, a.code).cmp(&(&b.pointer, b.code)));
    errors
}

fn texts(content: &Content, errors: &mut Vec<FieldError>) {
    for field in contract_texts(content) {
        one_text(&field, errors);
    }
    for (base, party) in parties(content) {
        one_text(&name_text(base, party), errors);
        for field in contact_texts(base, party) {
            one_text(&field, errors);
        }
    }
}

fn one_text(field: &TextField<'_>, errors: &mut Vec<FieldError>) {
    let Some(value) = field.value else { return };
    if value.trim().is_empty() {
        let detail = format!("{}不能是空白，没有内容时请留空（null）", field.full_label());
        return errors.push(FieldError::new(field.pointer(), "blank", detail));
    }
    // A text of n bytes has at most n characters: most need no counting.
    if value.len() > field.max && value.chars().count() > field.max {
        let (label, length, max) = (field.full_label(), value.chars().count(), field.max);
        let detail = format!("{label}“{}”有 {length} 个字符，最多 {max} 个", shown(value));
        errors.push(FieldError::new(field.pointer(), "too_long", detail));
    }
    if let Some(unfit) = text::unfit(value, field.lines) {
        let detail = format!("{}{}", field.full_label(), unfit.detail());
        errors.push(FieldError::new(field.pointer(), unfit.code(), detail));
    }
}

fn codes(content: &Content, catalogue: &Catalogue, errors: &mut Vec<FieldError>) {
    use ListName as L;
    let (seller, buyer) = (&content.seller, &content.buyer);
    let fields: [(&str, &str, L, Option<&str>); 14] = [
        ("/type", "合同类别", L::Type, content.contract_type.as_deref()),
        ("/subtype", "合同子类", L::Subtype, content.subtype.as_deref()),
        ("/unit", "归属单位", L::Unit, content.unit.as_deref()),
        ("/field", "技术领域", L::Field, content.field.as_deref()),
        (
            "/plan_source",
            "计划来源",
            L::PlanSource,
            content.plan_source.as_deref(),
        ),
        ("/ip_kind", "知识产权", L::IpKind, content.ip_kind.as_deref()),
        ("/objective", "社会经济目标", L::Objective, content.objective.as_deref()),
        (
            "/payment_mode",
            "支付方式",
            L::PaymentMode,
            content.payment_mode.as_deref(),
        ),
        (
            "/cross_border",
            "进出口",
            L::CrossBorder,
            content.cross_border.as_deref(),
        ),
        ("/seller/kind", "卖方性质", L::PartyKind, seller.kind.as_deref()),
        ("/seller/country", "卖方国别", L::Country, Some(&seller.country)),
        ("/buyer/kind", "买方性质", L::PartyKind, buyer.kind.as_deref()),
        ("/buyer/country", "买方国别", L::Country, Some(&buyer.country)),
        (
            "/buyer/unit",
            "买方所属兵团单位",
            L::Unit,
            content.buyer_unit.as_deref(),
        ),
    ];
    for (pointer, label, list, value) in fields {
        if let Some(value) = value
            && !catalogue.list(list).contains(value)
        {
            let detail = format!("{label}“{}”不是代码表 {} 中的代码", shown(value), list.id());
            errors.push(FieldError::new(pointer, "unknown_code", detail));
        }
    }
}

/// Whether a text has the form of a code of GB/T 2260: six digits, the first two a province's.
pub fn is_region_code(text: &str) -> bool {
    let six_digits = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
    six_digits && text.get(..2).is_some_and(|province| PROVINCES.contains(&province))
}

fn region(base: &'static str, party: &Party, errors: &mut Vec<FieldError>) {
    let Some(region) = party.region.as_deref() else { return };
    if !is_region_code(region) {
        let (label, value) = (party_label(base), shown(region));
        let detail = format!("{label}行政区划“{value}”应为 GB/T 2260 的六位数字代码，前两位是省级代码，例如 659001");
        errors.push(FieldError::new(format!("{base}/region"), "malformed_region", detail));
    }
}

fn credit_code(base: &'static str, party: &Party, errors: &mut Vec<FieldError>) {
    let Some(code) = party.uscc.as_deref() else { return };
    let checked = uscc::check(code);
    if identity_number::is_like(code, checked.is_ok()) {
        let detail = format!(
            "{}统一社会信用代码处像是公民身份号码；自然人请留空，身份号码不得登记",
            party_label(base)
        );
        errors.push(FieldError::new(format!("{base}/uscc"), "identity_number", detail));
    } else if let Err(error) = checked {
        let id = match error {
            UsccError::Length(_) => "uscc_length",
            UsccError::Alphabet { .. } => "uscc_alphabet",
            UsccError::CheckCharacter { .. } => "uscc_check_character",
        };
        let detail = format!("{}“{}”：{error}", party_label(base), shown(code));
        errors.push(FieldError::new(format!("{base}/uscc"), id, detail));
    }
}

fn date_ranges(content: &Content, errors: &mut Vec<FieldError>) {
    let fields: [(&str, &str, Option<Date>); 4] = [
        ("/received_on", "受理日期", content.received_on),
        ("/signed_on", "签订日期", content.signed_on),
        ("/begins_on", "合同开始日期", content.begins_on),
        ("/ends_on", "合同截止日期", content.ends_on),
    ];
    for (pointer, label, day) in fields {
        if let Some(day) = day
            && !YEARS.contains(&day.year())
        {
            let detail = format!(
                "{label} {day} 应在 {}-01-01 至 {}-12-31 之间",
                YEARS.start(),
                YEARS.end()
            );
            errors.push(FieldError::new(pointer, "out_of_range", detail));
        }
    }
}

/// Names and labels of the amounts.
const TOTAL: (&str, &str) = ("/amount_fen", "合同成交额");
const TECHNOLOGY: (&str, &str) = ("/technology_amount_fen", "技术交易额");
const OTHER: (&str, &str) = ("/non_technology_amount_fen", "非技术性费用");

fn amounts(content: &Content, errors: &mut Vec<FieldError>) {
    let (total, technology, other) = (
        content.amount_fen,
        content.technology_amount_fen,
        content.non_technology_amount_fen,
    );
    let before = errors.len();
    for ((pointer, label), amount) in [(TOTAL, total), (TECHNOLOGY, technology), (OTHER, other)] {
        if let Some(amount) = amount.filter(|fen| !(0..=MAX_FEN).contains(fen)) {
            let detail = format!("{label} {amount} 分应在 0 至 {MAX_FEN} 分之间");
            errors.push(FieldError::new(pointer, "out_of_range", detail));
        }
    }
    let Some(total) = total.filter(|_| errors.len() == before) else {
        return;
    };
    for ((pointer, label), part) in [(TECHNOLOGY, technology), (OTHER, other)] {
        if let Some(part) = part.filter(|fen| *fen > total) {
            let detail = format!(
                "{label} {} 元大于合同成交额 {} 元",
                format_yuan(part),
                format_yuan(total)
            );
            errors.push(FieldError::new(pointer, "amounts_do_not_add_up", detail));
        }
    }
    if let (Some(technology), Some(other)) = (technology, other)
        && errors.len() == before
        && technology + other != total
    {
        errors.push(FieldError::new(
            TECHNOLOGY.0,
            "amounts_do_not_add_up",
            sum_text(total, technology, other),
        ));
    }
}

fn sum_text(total: Fen, technology: Fen, other: Fen) -> String {
    let [total, technology, other] = [total, technology, other].map(format_yuan);
    format!("技术交易额 {technology} 元与非技术性费用 {other} 元之和不等于合同成交额 {total} 元")
}

pub(super) fn subtype_of_type(content: &Content, catalogue: &Catalogue, errors: &mut Vec<FieldError>) {
    let (Some(id), Some(subtype)) = (content.contract_type.as_deref(), content.subtype.as_deref()) else {
        return;
    };
    let (types, subtypes) = (catalogue.list(ListName::Type), catalogue.list(ListName::Subtype));
    if let (Some(contract_type), Some(subtype)) = (types.get(id), subtypes.get(subtype))
        && subtype.parent.as_deref() != Some(id)
    {
        let detail = format!("合同子类“{}”不属于合同类别“{}”", subtype.label, contract_type.label);
        errors.push(FieldError::new("/subtype", "subtype_not_of_type", detail));
    }
}

pub(super) fn date_order(content: &Content, errors: &mut Vec<FieldError>) {
    let Some(ends) = content.ends_on else { return };
    for (label, day) in [("合同开始日期", content.begins_on), ("签订日期", content.signed_on)] {
        if let Some(day) = day.filter(|day| *day > ends) {
            let detail = format!("合同截止日期 {ends} 早于{label} {day}");
            errors.push(FieldError::new("/ends_on", "dates_out_of_order", detail));
        }
    }
}
