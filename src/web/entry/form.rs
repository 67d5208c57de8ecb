//! The fields of a contract as a registrar types them: a content as fields, and what was typed as a content.

use super::codes::{code, subtype};
use crate::{
    domain::{
        catalogue::Catalogue,
        checks::{Check, Severity, tidy, well_formed},
        code_list::ListName,
        contract::{Content, HOME_COUNTRY, Party},
        money::{Fen, parse_yuan},
        money_words::in_words,
        regions,
    },
    usecases::{
        contracts::create::ContentPatch,
        parties::{Known, Side},
    },
    web::{
        field::{Choice, Control, Field, Fieldset},
        posted::Typed,
        show::{NOTHING, wan, yuan},
    },
};

/// A part of the form.
#[derive(Clone)]
pub struct Section {
    /// Id in the page.
    pub id: &'static str,
    /// Of a party: which.
    pub side: Option<Side>,
    /// Parties that were found for it; none where nobody looked.
    pub found: Option<Vec<Known>>,
    /// Title and fields.
    pub set: Fieldset,
    /// How many fields without which it cannot be submitted are empty.
    pub missing: usize,
}

impl Section {
    fn new(id: &'static str, title: &str, fields: Vec<Field>) -> Self {
        Self {
            id,
            side: None,
            found: None,
            set: Fieldset::new(title, fields),
            missing: 0,
        }
    }

    /// Its title as an index has it, without what stands in brackets.
    pub fn short(&self) -> &str {
        self.set.title.split('（').next().unwrap_or_default()
    }

    /// Labels and values, as a page shows them that is only read.
    pub fn rows(&self) -> Vec<(&str, String)> {
        self.set.fields.iter().map(|f| (f.label.as_str(), shown(f))).collect()
    }
}

/// A field's value in words.
pub fn shown(field: &Field) -> String {
    let text = match &field.control {
        Control::Select(choices) | Control::Radios(choices) => {
            let chosen = choices.iter().find(|c| c.chosen);
            chosen.map(|c| c.label.clone()).unwrap_or_default()
        }
        Control::Yuan => match parse_yuan(&field.value) {
            Ok(fen) => format!("{} 元（{}）", yuan(fen), in_words(fen)),
            Err(_) => field.value.clone(),
        },
        _ if field.name.ends_with("/region") => match regions::name_of(&field.value) {
            Some(name) => format!("{} {name}", field.value),
            None => field.value.clone(),
        },
        _ => field.value.clone(),
    };
    if text.is_empty() { NOTHING.to_owned() } else { text }
}

/// What a page says beside an amount: in 万元 and in financial capitals.
pub fn amount_note(fen: Fen) -> String {
    format!("{} 万元，{}", wan(fen), in_words(fen))
}

fn amount(name: &str, label: &str, fen: Option<Fen>) -> Field {
    let mut field = Field::yuan(name, label).fen(fen).data("amount", "");
    field.note = fen.map(amount_note).unwrap_or_default();
    field
}

/// The form of a content.
pub fn sections(content: &Content, catalogue: &Catalogue) -> Vec<Section> {
    let c = content;
    let list =
        |name: &str, label: &str, list: ListName, value: Option<&String>| code(catalogue, name, label, list, value);
    vec![
        Section::new(
            "contract",
            "合同",
            vec![
                Field::text("/project_name", "合同名称")
                    .span(4)
                    .required()
                    .help("与合同文本一致，2 至 200 个字。")
                    .maybe(c.project_name.as_ref()),
                list("/type", "合同类别", ListName::Type, c.contract_type.as_ref())
                    .required()
                    .help("依《技术合同认定规则》，即登记机构的认定意见。"),
                subtype(catalogue, c.subtype.as_ref())
                    .required()
                    .help("须属于所选的合同类别。"),
                list("/unit", "归属单位", ListName::Unit, c.unit.as_ref())
                    .span(2)
                    .required()
                    .help("登记主体所属的师市、院校。"),
            ],
        ),
        party(Side::Seller, "卖方（技术提供方）", &c.seller, None, catalogue),
        party(
            Side::Buyer,
            "买方（技术接受方）",
            &c.buyer,
            Some(c.buyer_unit.as_ref()),
            catalogue,
        ),
        Section::new(
            "terms",
            "日期与金额",
            vec![
                Field::date("/received_on", "受理日期")
                    .help("登记机构收到材料之日；留空即为提交当日。")
                    .day(c.received_on),
                Field::date("/signed_on", "签订日期")
                    .required()
                    .help("不晚于受理日期。")
                    .day(c.signed_on),
                Field::date("/begins_on", "合同开始日期")
                    .required()
                    .help("不晚于截止日期。")
                    .day(c.begins_on),
                Field::date("/ends_on", "合同截止日期")
                    .required()
                    .help("不早于签订、开始日期。")
                    .day(c.ends_on),
                amount("/amount_fen", "合同成交额（元）", c.amount_fen)
                    .required()
                    .help("合同约定的全部价款。"),
                amount("/technology_amount_fen", "技术交易额（元）", c.technology_amount_fen)
                    .required()
                    .help("依《技术合同认定规则》扣除非技术性费用后的数额，大于 0。"),
                amount(
                    "/non_technology_amount_fen",
                    "非技术性费用（元）",
                    c.non_technology_amount_fen,
                )
                .data("rest", "")
                .help("成交额减技术交易额；留空由系统计算。"),
                list(
                    "/payment_mode",
                    "支付方式",
                    ListName::PaymentMode,
                    c.payment_mode.as_ref(),
                )
                .required()
                .help("按合同约定。"),
            ],
        ),
        Section::new("classes", "分类", classes(c, catalogue)),
        Section::new(
            "summary",
            "内容摘要",
            vec![
                Field::area("/summary", "内容摘要", 5)
                    .required()
                    .help("写明技术标的、要达到的目标和交付的成果，至少 30 个字。")
                    .maybe(c.summary.as_ref()),
            ],
        ),
    ]
}

fn classes(c: &Content, catalogue: &Catalogue) -> Vec<Field> {
    let list =
        |name: &str, label: &str, list: ListName, value: Option<&String>| code(catalogue, name, label, list, value);
    let related = c.related_party.map(|yes| if yes { "true" } else { "false" });
    let yes_no = vec![Choice::new("false", "否"), Choice::new("true", "是")];
    vec![
        list("/field", "技术领域", ListName::Field, c.field.as_ref())
            .span(2)
            .required()
            .help("全国技术合同登记表，一级领域。"),
        list("/objective", "社会经济目标", ListName::Objective, c.objective.as_ref())
            .span(2)
            .required()
            .help("GB/T 24450-2009，大类。"),
        list("/ip_kind", "知识产权", ListName::IpKind, c.ip_kind.as_ref())
            .required()
            .help("转让、许可须有知识产权，并与子类相符。"),
        list(
            "/cross_border",
            "进出口",
            ListName::CrossBorder,
            c.cross_border.as_ref(),
        )
        .required()
        .help("一方在境外的为进口或出口。"),
        Field::radios("/related_party", "关联交易", yes_no)
            .required()
            .span(2)
            .help("买卖双方有控股、投资、同一控制等关系的为“是”。")
            .maybe(related),
        list("/plan_source", "计划来源", ListName::PlanSource, c.plan_source.as_ref())
            .required()
            .help("无计划的选“计划外”。"),
        Field::text("/plan_name", "计划项目名称")
            .span(2)
            .help("计划内必填。")
            .maybe(c.plan_name.as_ref()),
        Field::text("/plan_number", "计划项目编号")
            .span(1)
            .help("计划内必填。")
            .maybe(c.plan_number.as_ref()),
    ]
}

fn party(side: Side, title: &str, p: &Party, unit: Option<Option<&String>>, catalogue: &Catalogue) -> Section {
    let name = |field: &str| format!("/{}/{field}", side.id());
    let datalist = format!("parties-{}", side.id());
    let text = |field: &str, label: &str, value: &Option<String>| {
        Field::text(name(field), label).span(1).maybe(value.as_ref())
    };
    let mut fields = vec![
        Field::proposed(name("name"), "名称", &datalist)
            .required()
            .help("全称，与印章一致；登记过的当事人可按名称或信用代码查找。")
            .maybe(p.name.as_ref())
            .data("party", side.id()),
        Field::proposed(name("uscc"), "统一社会信用代码", &datalist)
            .help("18 位，末位为校验码（GB 32100-2015）；自然人、境外当事人留空。")
            .maybe(p.uscc.as_ref())
            .data("party", side.id()),
        code(catalogue, &name("kind"), "性质", ListName::PartyKind, p.kind.as_ref())
            .required()
            .help("须与信用代码前两位相符。"),
        Field::proposed(name("region"), "行政区划", "regions")
            .span(1)
            .data("lookup", "")
            .help("名称或 GB/T 2260 六位代码，如石河子、659001；境外留空。")
            .maybe(p.region.as_ref()),
        code(catalogue, &name("country"), "国别", ListName::Country, Some(&p.country)).help("境内当事人为中国。"),
        text("legal_representative", "法定代表人", &p.legal_representative),
        text("address", "地址", &p.address).span(2),
        text("contact", "联系人", &p.contact),
        text("phone", "联系电话", &p.phone),
    ];
    if let Some(unit) = unit {
        let field = code(catalogue, &name("unit"), "买方所属兵团单位", ListName::Unit, unit);
        fields.push(field.span(2).help("决定技术流向；不属于兵团的留空。"));
    }
    Section {
        side: Some(side),
        ..Section::new(side.id(), title, fields)
    }
}

/// Where a pointer stands in the form; what is no field's comes last.
pub fn place_of(sections: &[Section], pointer: &str) -> usize {
    let mut names = sections.iter().flat_map(|s| &s.set.fields).map(|f| &f.name);
    names.position(|name| name == pointer).unwrap_or(usize::MAX)
}

/// What was typed comes back, with what is wrong marked.
pub fn refill(sections: &mut [Section], typed: &Typed, errors: &[crate::domain::error::FieldError]) {
    for field in sections.iter_mut().flat_map(|s| &mut s.set.fields) {
        field.refill(typed);
        field.mark(errors);
        if field.control == Control::Yuan {
            let plain: String = field.value.chars().filter(|c| !matches!(c, ',' | '，' | ' ')).collect();
            field.note = parse_yuan(&plain).map(amount_note).unwrap_or_default();
        }
    }
}

/// Counts what is missing, and marks what a submission would refuse: all of it, or only what is wrong rather than missing.
pub fn mark(sections: &mut [Section], checks: &[Check], missing_too: bool) {
    for section in sections {
        let is_missing = |c: &&Check| c.severity == Severity::Error && c.id == "required";
        let of = |field: &Field| checks.iter().filter(|c| c.pointer == field.name).collect::<Vec<_>>();
        section.missing = section
            .set
            .fields
            .iter()
            .filter(|f| of(f).iter().any(is_missing))
            .count();
        for field in &mut section.set.fields {
            for check in of(field) {
                match check.severity {
                    Severity::Error if missing_too || check.id != "required" => field.errors.push(told(check)),
                    Severity::Warning => {
                        let gap = if field.note.is_empty() { "" } else { "；" };
                        field.note = format!("{}{gap}提交时须说明理由：{}", field.note, told(check));
                    }
                    Severity::Error | Severity::Notice => {}
                }
            }
        }
    }
}

/// A finding as a sentence.
pub fn told(check: &Check) -> String {
    let text = check.message.trim_end_matches('。');
    format!("{text}。")
}

/// What was typed, as a content; what cannot be read of it is noted in `typed`.
pub fn read(typed: &mut Typed) -> Content {
    let side = |base: &str| Party {
        name: typed.text(&format!("{base}/name")),
        uscc: typed.text(&format!("{base}/uscc")),
        kind: typed.text(&format!("{base}/kind")),
        region: typed
            .text(&format!("{base}/region"))
            .map(|text| regions::code_of(&text).map_or(text, str::to_owned)),
        country: typed
            .text(&format!("{base}/country"))
            .unwrap_or_else(|| HOME_COUNTRY.to_owned()),
        address: typed.text(&format!("{base}/address")),
        legal_representative: typed.text(&format!("{base}/legal_representative")),
        contact: typed.text(&format!("{base}/contact")),
        phone: typed.text(&format!("{base}/phone")),
    };
    let (seller, buyer) = (side("/seller"), side("/buyer"));
    let (total, technology) = (typed.yuan("/amount_fen"), typed.yuan("/technology_amount_fen"));
    let rest = match (typed.text("/non_technology_amount_fen"), total, technology) {
        // What is left over needs no typing.
        (None, Some(total), Some(technology)) if (0..=total).contains(&technology) => Some(total - technology),
        _ => typed.yuan("/non_technology_amount_fen"),
    };
    Content {
        project_name: typed.text("/project_name"),
        contract_type: typed.text("/type"),
        subtype: typed.text("/subtype"),
        unit: typed.text("/unit"),
        seller,
        buyer,
        buyer_unit: typed.text("/buyer/unit"),
        received_on: typed.date("/received_on"),
        signed_on: typed.date("/signed_on"),
        begins_on: typed.date("/begins_on"),
        ends_on: typed.date("/ends_on"),
        amount_fen: total,
        technology_amount_fen: technology,
        non_technology_amount_fen: rest,
        field: typed.text("/field"),
        plan_source: typed.text("/plan_source"),
        plan_name: typed.text("/plan_name"),
        plan_number: typed.text("/plan_number"),
        ip_kind: typed.text("/ip_kind"),
        objective: typed.text("/objective"),
        payment_mode: typed.text("/payment_mode"),
        cross_border: typed.text("/cross_border"),
        related_party: typed.flag("/related_party"),
        summary: typed.text("/summary"),
    }
}

/// What was typed, in place of what stands there; or all that is wrong with it, what cannot be read and what cannot be kept.
pub fn patch(typed: &mut Typed, catalogue: &Catalogue) -> ContentPatch {
    let mut content = read(typed);
    let mut errors = typed.errors().to_vec();
    let checked = if errors.is_empty() {
        Ok(content)
    } else {
        tidy(&mut content);
        errors.extend(well_formed(&content, catalogue));
        Err(errors)
    };
    Box::new(move |_| checked.clone())
}

/// Puts a known party into the form, in place of what stands there.
pub fn take(typed: &mut Typed, side: Side, known: &Known) {
    for (field, value) in party_values(known) {
        if field != "unit" || side == Side::Buyer {
            typed.set(&format!("/{}/{field}", side.id()), value);
        }
    }
}

/// The fields of a party, by their names.
pub fn party_values(known: &Known) -> [(&'static str, String); 10] {
    let p = &known.party;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        ("name", text(&p.name)),
        ("uscc", text(&p.uscc)),
        ("kind", text(&p.kind)),
        ("region", text(&p.region)),
        ("country", p.country.clone()),
        ("address", text(&p.address)),
        ("legal_representative", text(&p.legal_representative)),
        ("contact", text(&p.contact)),
        ("phone", text(&p.phone)),
        ("unit", text(&known.unit)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::embedded_catalogue;

    fn typed(text: &str) -> Typed {
        Typed::parse(text.as_bytes())
    }

    #[test]
    fn a_content_survives_the_form() {
        let catalogue = embedded_catalogue().unwrap();
        let content = read(&mut typed(
            "/project_name=a&/type=development&/subtype=dev_commissioned&/seller/name=b&/buyer/unit=div_01&/signed_on=2025-03-01\
             &/amount_fen=1,200,000&/technology_amount_fen=1000000.5&/related_party=false&/summary=x%0Ay",
        ));
        assert_eq!(content.non_technology_amount_fen, Some(19_999_950));
        assert_eq!(
            (content.seller.country.as_str(), content.buyer_unit.as_deref()),
            ("CHN", Some("div_01"))
        );
        let mut again = Typed::default();
        for field in sections(&content, &catalogue).iter().flat_map(|s| &s.set.fields) {
            let value = match &field.control {
                Control::Radios(choices) => choices.iter().find(|c| c.chosen).map_or("", |c| c.value.as_str()),
                _ => field.value.as_str(),
            };
            again.set(&field.name, value);
        }
        assert_eq!(read(&mut again), content);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let catalogue = embedded_catalogue().unwrap();
        let mut form = typed("/signed_on=2025-02-30&/amount_fen=1.234&/unit=nowhere&/seller/uscc=91");
        let errors = patch(&mut form, &catalogue)(&Content::default()).unwrap_err();
        let mut pointers: Vec<&str> = errors.iter().map(|e| e.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/amount_fen", "/seller/uscc", "/signed_on", "/unit"]);
    }
}
