//! Rows of the smaller kinds.

use crate::{
    domain::{
        catalogue::Catalogue,
        interchange::{
            ActivityColumn as A, ActivityRow, FollowUpColumn as U, FollowUpRow, Kind, REFERENCE_KINDS,
            ReferenceColumn as F, ReferenceRow, RegistrarColumn as R, RegistrarRow,
        },
    },
    intake::{
        cell::RawRow,
        fields::{Fields, Read},
        headers::Headers,
    },
};

/// Reads a registrar's certificate.
pub fn registrar_row(raw: &RawRow<'_>, headers: &Headers, catalogue: &Catalogue) -> Read<RegistrarRow> {
    let mut fields = Fields::new(raw, headers, Kind::Registrars, catalogue);
    let f = &mut fields;
    let certificate_number = f.identifier(R::CertificateNumber as usize);
    let name = f.text(R::Name as usize);
    let agency_name = f.text(R::AgencyName as usize);
    let agency_code = f.agency_code(R::AgencyCode as usize);
    let issued_on = f.date(R::IssuedOn as usize);
    // An empty one is valid without an end, too.
    let valid_until = if f.says(R::ValidUntil as usize, &["长期", "长期有效", "永久", "永久有效"]) {
        None
    } else {
        f.date(R::ValidUntil as usize)
    };
    if let (Some(from), Some(until)) = (issued_on, valid_until)
        && until < from
    {
        f.wrong(R::ValidUntil as usize, "end_before_begin", "有效期至早于发证日期");
    }
    let last_training_on = f.date(R::LastTrainingOn as usize);
    let row = || {
        Some(RegistrarRow {
            certificate_number: certificate_number?,
            name: name?,
            agency_name: agency_name?,
            agency_code,
            issued_on: issued_on?,
            valid_until,
            last_training_on,
        })
    };
    fields.finish(row())
}

/// Reads a surveyed contract; an empty amount or number of persons is zero, an empty 净收益额 is not surveyed.
pub fn follow_up_row(raw: &RawRow<'_>, headers: &Headers, catalogue: &Catalogue) -> Read<FollowUpRow> {
    let mut fields = Fields::new(raw, headers, Kind::FollowUp, catalogue);
    let f = &mut fields;
    let registration_number = f.registration_number(U::RegistrationNumber as usize);
    let survey_year = f.year(U::SurveyYear as usize);
    let [tax_relevant, fulfilled, entitled, enjoyed, reward_due, reward_issued] = [
        U::TaxRelevant,
        U::Fulfilled,
        U::Entitled,
        U::Enjoyed,
        U::RewardDue,
        U::RewardIssued,
    ]
    .map(|column| f.yes_no(column as usize));
    let [due, received, vat, income_tax, reward_paid] =
        [U::Due, U::Received, U::VatExempted, U::IncomeTaxReduced, U::RewardPaid]
            .map(|column| f.amount(column as usize).unwrap_or(0));
    let net_income_fen = f.amount(U::NetIncome as usize);
    let persons = f.count(U::Persons as usize).unwrap_or(0);
    let row = || {
        Some(FollowUpRow {
            registration_number: registration_number?,
            survey_year: survey_year?,
            tax_relevant: tax_relevant?,
            fulfilled: fulfilled?,
            due_fen: due,
            received_fen: received,
            entitled: entitled?,
            enjoyed: enjoyed?,
            vat_exempted_fen: vat,
            income_tax_reduced_fen: income_tax,
            reward_due: reward_due?,
            reward_issued: reward_issued?,
            net_income_fen,
            reward_paid_fen: reward_paid,
            persons,
        })
    };
    fields.finish(row())
}

/// Reads an activity.
pub fn activity_row(raw: &RawRow<'_>, headers: &Headers, catalogue: &Catalogue) -> Read<ActivityRow> {
    let mut fields = Fields::new(raw, headers, Kind::Activities, catalogue);
    let f = &mut fields;
    let kind = f.code_id(A::Kind as usize);
    let held_on = f.date(A::HeldOn as usize);
    let name = f.text(A::Name as usize);
    let unit = f.code_id(A::Unit as usize);
    let [events, participants, participants_xpcc, items] =
        [A::Events, A::Participants, A::ParticipantsXpcc, A::Items].map(|column| f.count(column as usize));
    if let (Some(part), Some(whole)) = (participants_xpcc, participants)
        && part > whole
    {
        f.wrong(
            A::ParticipantsXpcc as usize,
            "part_above_whole",
            "其中兵团系统人次不能大于人次",
        );
    }
    let row = || {
        Some(ActivityRow {
            kind: kind?,
            held_on: held_on?,
            name: name?,
            unit,
            events,
            participants,
            participants_xpcc,
            items,
        })
    };
    fields.finish(row())
}

/// Reads a reference figure.
pub fn reference_row(raw: &RawRow<'_>, headers: &Headers, catalogue: &Catalogue) -> Read<ReferenceRow> {
    let mut fields = Fields::new(raw, headers, Kind::Reference, catalogue);
    let f = &mut fields;
    let label = f.text(F::Kind as usize);
    let kind = label.as_deref().and_then(|label| {
        REFERENCE_KINDS
            .into_iter()
            .find(|(id, name)| *id == label || *name == label)
            .map(|(id, _)| id.to_owned())
    });
    if label.is_some() && kind.is_none() {
        let labels = REFERENCE_KINDS.map(|(_, label)| label).join("、");
        f.wrong(
            F::Kind as usize,
            "unknown_label",
            format!("不是参考指标；可用：{labels}"),
        );
    }
    let year = f.year(F::Year as usize);
    let fen = f.amount(F::Fen as usize);
    let note = f.lines(F::Note as usize);
    let row = || {
        Some(ReferenceRow {
            kind: kind?,
            year: year?,
            fen: fen?,
            note,
        })
    };
    fields.finish(row())
}
