//! A row of the register. History is recorded as it happened: what is refused here cannot be understood or contradicts itself;
//! whether it would be registered today is not asked.

use crate::{
    domain::{
        catalogue::Catalogue,
        checks,
        code_list::ListName,
        contract::{Content, Ended, HOME_COUNTRY, Party, Refusal, Returned},
        interchange::{Kind, RegisterColumn as C, RegisterRow, remaining_amounts},
        money::{Fen, format_yuan},
        time::Moment,
        workflow::State,
    },
    intake::{
        cell::RawRow,
        error::CellError,
        fields::{Fields, Read},
        headers::Headers,
    },
};

/// Reads a row of the register.
pub fn register_row(raw: &RawRow<'_>, headers: &Headers, catalogue: &Catalogue) -> Read<RegisterRow> {
    let mut fields = Fields::new(raw, headers, Kind::Register, catalogue);
    let f = &mut fields;
    let state = f.state(C::State as usize);
    let submitted_at = f.moment(C::SubmittedAt as usize);
    let confirmed_at = f.moment(C::ConfirmedAt as usize).map(|at| not_before(at, submitted_at));
    let registration_number = f.registration_number(C::RegistrationNumber as usize);
    if state.is_some_and(State::was_confirmed) {
        for column in [C::RegistrationNumber, C::ConfirmedAt] {
            if f.is_empty(column as usize) {
                f.wrong(column as usize, "required", "经审核确认的合同必填，不能为空");
            }
        }
    }
    if state.is_some_and(|state| !state.was_confirmed()) {
        not_of_state(f, &[C::RegistrationNumber, C::ConfirmedAt], "已确认、已撤销、已注销");
    }
    let content = content(f);
    // Whoever works at a contract may leave what does not go together, until it is submitted.
    let is_in_work = matches!(state, None | Some(State::Draft | State::Returned | State::Withdrawn));
    if !is_in_work {
        subtype_of_type(f, &content, catalogue);
        submission_order(f, &content, submitted_at);
    }
    let mut row = RegisterRow {
        registration_number,
        national_number: f.identifier(C::NationalNumber as usize),
        agency: f.text(C::Agency as usize),
        agency_code: f.agency_code(C::AgencyCode as usize),
        registrar_certificate: f.identifier(C::RegistrarCertificate as usize),
        content,
        state: state.unwrap_or(State::Draft),
        submitted_at,
        confirmed_at,
        expert_reviewed: f.yes_no(C::ExpertReviewed as usize).unwrap_or(false),
        returned: returned(f, state, submitted_at),
        refusal: refusal(f, state, submitted_at),
        ended: ended(f, state, confirmed_at),
    };
    row.expert_reviewed &= row.concluded_at().is_some();
    order(f, &row);
    fields.finish(state.map(|_| row))
}

/// Reads of a row what a registrar would type: the content alone, which may be incomplete; and the wrong cells of it.
pub fn draft_row(raw: &RawRow<'_>, headers: &Headers, catalogue: &Catalogue) -> (Content, Vec<CellError>) {
    let mut fields = Fields::new(raw, headers, Kind::Register, catalogue);
    let content = content(&mut fields);
    let (read, _) = fields.finish(Some(()));
    let mut errors = read.err().unwrap_or_default();
    errors.retain(|e| e.code != "required");
    (content, errors)
}

fn content(f: &mut Fields<'_>) -> Content {
    let (amount_fen, technology_amount_fen, non_technology_amount_fen) = amounts(f);
    Content {
        project_name: f.text(C::ProjectName as usize),
        contract_type: f.code_id(C::ContractType as usize),
        subtype: f.code_id(C::Subtype as usize),
        unit: f.code_id(C::Unit as usize),
        seller: Party {
            name: f.text(C::SellerName as usize),
            uscc: f.credit_code(C::SellerCreditCode as usize),
            kind: f.code_id(C::SellerKind as usize),
            region: region(f, C::SellerRegion),
            country: country(f, C::SellerCountry),
            address: f.text(C::SellerAddress as usize),
            legal_representative: f.text(C::SellerLegalRepresentative as usize),
            contact: f.text(C::SellerContact as usize),
            phone: f.number_text(C::SellerPhone as usize),
        },
        buyer: Party {
            name: f.text(C::BuyerName as usize),
            uscc: f.credit_code(C::BuyerCreditCode as usize),
            kind: f.code_id(C::BuyerKind as usize),
            region: region(f, C::BuyerRegion),
            country: country(f, C::BuyerCountry),
            address: f.text(C::BuyerAddress as usize),
            legal_representative: f.text(C::BuyerLegalRepresentative as usize),
            contact: f.text(C::BuyerContact as usize),
            phone: f.number_text(C::BuyerPhone as usize),
        },
        buyer_unit: f.code_id(C::BuyerUnit as usize),
        received_on: f.date(C::ReceivedOn as usize),
        signed_on: f.date(C::SignedOn as usize),
        begins_on: f.date(C::BeginsOn as usize),
        ends_on: f.date(C::EndsOn as usize),
        amount_fen,
        technology_amount_fen,
        non_technology_amount_fen,
        field: f.code_id(C::Field as usize),
        plan_source: f.code_id(C::PlanSource as usize),
        plan_name: f.text(C::PlanName as usize),
        plan_number: f.number_text(C::PlanNumber as usize),
        ip_kind: f.code_id(C::IpKind as usize),
        objective: f.code_id(C::Objective as usize),
        payment_mode: f.code_id(C::PaymentMode as usize),
        cross_border: f.code_id(C::CrossBorder as usize),
        related_party: f.yes_no(C::RelatedParty as usize),
        summary: f.lines(C::Summary as usize),
    }
}

/// A subtype is of its type; licences were a kind of transfer before 2021 (《民法典》第八百六十二条、第八百六十三条).
fn subtype_of_type(f: &mut Fields<'_>, content: &Content, catalogue: &Catalogue) {
    let (types, subtypes) = (catalogue.list(ListName::Type), catalogue.list(ListName::Subtype));
    let contract_type = content.contract_type.as_deref().and_then(|id| types.get(id));
    let subtype = content.subtype.as_deref().and_then(|id| subtypes.get(id));
    let (Some(contract_type), Some(subtype)) = (contract_type, subtype) else {
        return;
    };
    let parent = subtype.parent.as_deref().unwrap_or_default();
    let was_transfer = contract_type.id == "transfer" && parent == "licence";
    if parent != contract_type.id && !was_transfer {
        let detail = format!("合同子类“{}”不属于合同类别“{}”", subtype.label, contract_type.label);
        f.wrong(C::Subtype as usize, "subtype_not_of_type", detail);
    }
}

/// A day without a time of day is its first moment; on the day of what came before it, the first one that can be meant.
fn not_before(at: Moment, earlier: Option<Moment>) -> Moment {
    let is_bare = at == Moment::start_of(at.date());
    earlier
        .filter(|earlier| is_bare && earlier.date() == at.date())
        .unwrap_or(at)
}

/// The flow of a contract is told by the first digits of a region, so names in its place would count it wrongly.
fn region(f: &mut Fields<'_>, column: C) -> Option<String> {
    let region = f.identifier(column as usize)?;
    if !checks::is_region_code(&region) {
        f.wrong(
            column as usize,
            "region_form",
            "应为 GB/T 2260 行政区划代码（六位数字，前两位是省级代码）；境外主体请留空",
        );
        return None;
    }
    Some(region)
}

fn country(f: &mut Fields<'_>, column: C) -> String {
    f.code_id(column as usize).unwrap_or_else(|| HOME_COUNTRY.into())
}

/// 合同成交额 = 技术交易额 + 非技术性费用: a missing one of the parts follows from the total, what does not hold is told at 技术交易额.
fn amounts(f: &mut Fields<'_>) -> (Option<Fen>, Option<Fen>, Option<Fen>) {
    let total = f.amount(C::Amount as usize);
    let technology = f.amount(C::TechnologyAmount as usize);
    let non_technology = f.amount(C::NonTechnologyAmount as usize);
    let Some(whole) = total else {
        return (total, technology, non_technology);
    };
    let told = C::TechnologyAmount as usize;
    match (technology, non_technology) {
        (Some(t), _) if t > whole => {
            let detail = format!("技术交易额 {} 大于合同成交额 {}", format_yuan(t), format_yuan(whole));
            f.wrong(told, "technology_above_total", detail);
        }
        (Some(t), Some(n)) if t.checked_add(n) != Some(whole) => {
            let (t, n, whole) = (format_yuan(t), format_yuan(n), format_yuan(whole));
            let detail = format!("技术交易额 {t} 加非技术性费用 {n} 不等于合同成交额 {whole}");
            f.wrong(told, "amounts_do_not_add_up", detail);
        }
        (None, Some(n)) if n > whole => {
            let detail = format!("非技术性费用 {} 大于合同成交额 {}", format_yuan(n), format_yuan(whole));
            f.wrong(told, "amounts_do_not_add_up", detail);
        }
        _ => {}
    }
    let parts = [
        (C::TechnologyAmount, technology, non_technology),
        (C::NonTechnologyAmount, non_technology, technology),
    ];
    for (column, read, other) in parts {
        if read.is_some() || f.is_empty(column as usize) {
            continue;
        }
        // A stroke may mean nought or that nothing is known; where the other part is the whole, both come to the same.
        let is_sure = f.says_nothing(column as usize) && other.is_none_or(|other| other >= whole);
        if f.says_nothing(column as usize) && !is_sure {
            let detail =
                "此格没有写数字（如“-”“无”），而另一部分不等于合同成交额，无法判断是 0 还是未填，请填写数字或留空";
            f.wrong(column as usize, "unreadable_amount", detail);
        }
        if !is_sure {
            return (total, technology, non_technology);
        }
    }
    let (technology, non_technology) = remaining_amounts(whole, technology, non_technology);
    (total, technology, non_technology)
}

/// What is submitted was signed before, and so was what the agency received.
fn submission_order(f: &mut Fields<'_>, content: &Content, submitted_at: Option<Moment>) {
    let Some(signed) = content.signed_on else { return };
    if submitted_at.is_some_and(|submitted| submitted.date() < signed) {
        f.wrong(
            C::SubmittedAt as usize,
            "submitted_before_signing",
            "提交时间早于签订日期",
        );
    }
    if content.received_on.is_some_and(|received| received < signed) {
        f.wrong(
            C::ReceivedOn as usize,
            "received_before_signing",
            "受理日期早于签订日期",
        );
    }
}

/// What came before what: an act before its cause cannot have happened; a term that ends before it begins can have been written.
fn order(f: &mut Fields<'_>, row: &RegisterRow) {
    let content = &row.content;
    if let Some(confirmed) = row.confirmed_at {
        if content.signed_on.is_some_and(|signed| confirmed.date() < signed) {
            f.wrong(
                C::ConfirmedAt as usize,
                "confirmed_before_signing",
                "审核确认时间早于签订日期",
            );
        }
        if row.submitted_at.is_some_and(|submitted| confirmed < submitted) {
            f.wrong(
                C::ConfirmedAt as usize,
                "confirmed_before_submission",
                "审核确认时间早于提交时间",
            );
        }
        if content.received_on.is_some_and(|received| confirmed.date() < received) {
            let detail = "受理日期晚于审核确认时间";
            f.wrong(C::ReceivedOn as usize, "received_after_confirmation", detail);
        }
    }
    let refused = row.refusal.as_ref().and_then(|refusal| refusal.at);
    let returned = row.returned.as_ref().map(|returned| returned.at);
    for (column, name, at) in [
        (C::RefusedAt, "不予登记时间", refused),
        (C::ReturnedAt, "退回时间", returned),
    ] {
        if let (Some(at), Some(submitted)) = (at, row.submitted_at)
            && at < submitted
        {
            let detail = format!("{name}早于提交时间");
            f.wrong(column as usize, "answered_before_submission", detail);
        }
    }
    let Some(ends) = content.ends_on else { return };
    for (label, day) in [("合同开始日期", content.begins_on), ("签订日期", content.signed_on)] {
        if day.is_some_and(|day| ends < day) {
            let detail = format!("合同截止日期早于{label}，请核对");
            return f.doubtful(C::EndsOn as usize, "end_before_begin", detail);
        }
    }
}

fn ended(f: &mut Fields<'_>, state: Option<State>, confirmed_at: Option<Moment>) -> Option<Ended> {
    let grounds = match state {
        Some(State::Revoked) => ListName::RevocationGround,
        Some(State::Cancelled) => ListName::CancellationGround,
        Some(_) => {
            let columns = [C::EndedAt, C::EndGround, C::DocumentNumber, C::ServedOn, C::EndNote];
            not_of_state(f, &columns, "已撤销或已注销");
            return None;
        }
        None => return None,
    };
    let at = f.moment(C::EndedAt as usize).map(|at| not_before(at, confirmed_at));
    if f.is_empty(C::EndedAt as usize) {
        f.wrong(C::EndedAt as usize, "required", "已撤销、已注销的合同必填，不能为空");
    }
    if let (Some(at), Some(confirmed)) = (at, confirmed_at)
        && at < confirmed
    {
        f.wrong(
            C::EndedAt as usize,
            "end_before_confirmation",
            "撤销或注销时间早于审核确认时间",
        );
    }
    let ground = f.code_of(C::EndGround as usize, grounds).map(|g| g.id.clone());
    let document_number = f.number_text(C::DocumentNumber as usize);
    let served_on = f.date(C::ServedOn as usize);
    let note = f.lines(C::EndNote as usize);
    Some(Ended {
        at: at?,
        state: state?,
        ground,
        document_number,
        served_on,
        note,
        by: None,
        self_audit_id: None,
    })
}

fn refusal(f: &mut Fields<'_>, state: Option<State>, submitted_at: Option<Moment>) -> Option<Refusal> {
    if state? != State::Refused {
        not_of_state(f, &[C::RefusedAt, C::RefusalReasons, C::RefusalNote], "不予登记");
        return None;
    }
    let refusal = Refusal {
        at: f.moment(C::RefusedAt as usize).map(|at| not_before(at, submitted_at)),
        reasons: f.codes(C::RefusalReasons as usize, ListName::RefusalReason),
        note: f.lines(C::RefusalNote as usize),
        by: None,
    };
    (refusal.at.is_some() || !refusal.reasons.is_empty() || refusal.note.is_some()).then_some(refusal)
}

fn returned(f: &mut Fields<'_>, state: Option<State>, submitted_at: Option<Moment>) -> Option<Returned> {
    if state? != State::Returned {
        not_of_state(f, &[C::ReturnedAt, C::ReturnReason], "退回补正");
        return None;
    }
    let reason = f.lines(C::ReturnReason as usize);
    if f.is_empty(C::ReturnedAt as usize) && reason.is_some() {
        f.wrong(C::ReturnedAt as usize, "required", "填写退回原因时，退回时间不能为空");
    }
    Some(Returned {
        at: f
            .moment(C::ReturnedAt as usize)
            .map(|at| not_before(at, submitted_at))?,
        reason: reason.unwrap_or_default(),
        items: Vec::new(),
    })
}

/// What only another state could have would be lost without a word.
fn not_of_state(f: &mut Fields<'_>, columns: &[C], of: &str) {
    for column in columns {
        if !f.is_empty(*column as usize) {
            f.wrong(
                *column as usize,
                "contradicts_state",
                format!("只有状态为“{of}”的合同才能填写此列"),
            );
        }
    }
}
