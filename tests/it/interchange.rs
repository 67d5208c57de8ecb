//! The register's way out and back: what `documents` writes, `intake` reads as equal rows.

use std::{convert::Infallible, fs::File, io::Write, path::PathBuf};

use dengji::{
    config::embedded_catalogue,
    documents::{register_csv::RegisterCsv, register_xlsx::RegisterXlsx, template_xlsx},
    domain::{
        catalogue::Catalogue,
        code_list::ListName,
        contract::{Content, Ended, Party, Refusal, Returned},
        interchange::{Kind, RegisterRow, Row, tidy},
        money::MAX_FEN,
        text::unfit,
        time::{Date, Moment},
        uscc,
        workflow::State,
    },
    intake::{self, CellError, Sink, Summary},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use tempfile::NamedTempFile;

#[derive(Default)]
struct Kept {
    rows: Vec<RegisterRow>,
    errors: Vec<CellError>,
}

impl Sink for Kept {
    type Error = Infallible;

    fn row(&mut self, _: u32, row: Row) -> Result<(), Infallible> {
        match row {
            Row::Register(row) => self.rows.push(*row),
            other => panic!("{other:?}"),
        }
        Ok(())
    }

    fn error(&mut self, error: CellError) -> Result<(), Infallible> {
        self.errors.push(error);
        Ok(())
    }
}

#[derive(Default)]
struct Counted {
    rows: u64,
    errors: u64,
}

impl Sink for Counted {
    type Error = Infallible;

    fn row(&mut self, _: u32, _: Row) -> Result<(), Infallible> {
        self.rows += 1;
        Ok(())
    }

    fn error(&mut self, _: CellError) -> Result<(), Infallible> {
        self.errors += 1;
        Ok(())
    }
}

fn read(file: &NamedTempFile, kind: Kind, catalogue: &Catalogue) -> (Kept, Summary) {
    let mut kept = Kept::default();
    let table = intake::open(file.path()).unwrap();
    let Ok(summary) = intake::read(&table, kind, catalogue, &mut kept);
    (kept, summary)
}

fn csv(rows: &[RegisterRow], catalogue: &Catalogue) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    let mut writer = RegisterCsv::new(file.reopen().unwrap(), catalogue).unwrap();
    for row in rows {
        writer.write(row).unwrap();
    }
    writer.finish().unwrap().flush().unwrap();
    file
}

fn xlsx(rows: &[RegisterRow], catalogue: &Catalogue) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    let mut writer = RegisterXlsx::new(catalogue).unwrap();
    for row in rows {
        writer.write(row).unwrap();
    }
    writer.finish(file.reopen().unwrap()).unwrap();
    file
}

fn comes_back(rows: &[RegisterRow], catalogue: &Catalogue) {
    for file in [csv(rows, catalogue), xlsx(rows, catalogue)] {
        let (kept, summary) = read(&file, Kind::Register, catalogue);
        assert_eq!(kept.errors, []);
        assert!(summary.complete);
        assert_eq!(kept.rows, rows);
    }
}

#[test]
fn the_sample_register_comes_back() {
    let catalogue = embedded_catalogue().unwrap();
    for year in 2021..=2025 {
        let path: PathBuf = [
            env!("CARGO_MANIFEST_DIR"),
            "config",
            "demo",
            &format!("contracts-{year}.csv"),
        ]
        .iter()
        .collect();
        let mut kept = Kept::default();
        let Ok(_) = intake::read(&intake::open(&path).unwrap(), Kind::Register, &catalogue, &mut kept);
        comes_back(&kept.rows, &catalogue);
    }
}

#[test]
fn a_template_imports_as_empty() {
    let catalogue = embedded_catalogue().unwrap();
    for kind in Kind::ALL {
        let file = NamedTempFile::new().unwrap();
        template_xlsx::write(kind, &catalogue, File::create(file.path()).unwrap()).unwrap();
        let (kept, summary) = read(&file, kind, &catalogue);
        assert_eq!(
            (kept.errors, summary.rows, summary.complete),
            (vec![], 0, true),
            "{kind:?}"
        );
    }
}

#[test]
fn no_text_becomes_a_formula() {
    let catalogue = embedded_catalogue().unwrap();
    let mut row = plain_row();
    row.content.project_name = Some("=HYPERLINK(\"http://x\")".into());
    row.content.seller.phone = Some("+8699312345".into());
    row.content.plan_name = Some("'@x".into());
    let written = std::fs::read_to_string(csv(std::slice::from_ref(&row), &catalogue).path()).unwrap();
    for marked in ["\"'=HYPERLINK(", ",'+8699312345", ",''@x,"] {
        assert!(written.contains(marked), "{marked} in {written}");
    }
    comes_back(&[row], &catalogue);
}

fn plain_row() -> RegisterRow {
    let party = |name: &str, kind: &str| Party {
        name: Some(name.into()),
        kind: Some(kind.into()),
        ..Party::default()
    };
    RegisterRow {
        registration_number: None,
        national_number: None,
        agency: None,
        agency_code: None,
        registrar_certificate: None,
        content: Content {
            project_name: Some("甲".into()),
            contract_type: Some("service".into()),
            unit: Some("div_01".into()),
            seller: party("卖", "enterprise"),
            buyer: party("买", "enterprise"),
            signed_on: Date::from_ymd_opt(2025, 1, 1),
            amount_fen: Some(100),
            field: Some("agriculture".into()),
            plan_source: Some("outside_plan".into()),
            ..Content::default()
        },
        state: State::Draft,
        submitted_at: None,
        confirmed_at: None,
        expert_reviewed: false,
        returned: None,
        refusal: None,
        ended: None,
    }
}

/// Text as people and machines write it: Chinese, quotes, line ends, marks, escapes, formulas.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[一-龥]{1,6}",
        "\\PC{1,6}",
        select(vec![
            "=1+1",
            "'",
            "''",
            "\"",
            "\r\n",
            "\n",
            "\r",
            "\t",
            ",",
            ";",
            "、",
            "　",
            "\u{a0}",
            "_x000D_",
            "_x0041_",
            "&amp;",
            "<b>",
            "-",
            "+",
            "@",
            "＝",
            "\u{7}",
            "\u{fffe}",
            "\u{feff}",
            "𠮷",
            "]]>",
            "1E+5",
            "2025-01-01",
            "TRUE",
            "00123",
        ])
        .prop_map(str::to_owned),
    ];
    // What no text may hold is refused elsewhere; control characters are dropped on the way in.
    // A question mark beside ideographs is a character that was lost, and refused.
    let is_whole = |c: &char| c.is_control() || *c == '\u{fffe}' || unfit(c.encode_utf8(&mut [0; 4]), true).is_none();
    let held = move |c: &char| *c != '?' && is_whole(c);
    let texts = vec(piece, 1..5).prop_map(move |pieces| pieces.concat().chars().filter(held).collect::<String>());
    // A stroke alone says that there is nothing.
    texts.prop_filter("more than strokes", |t| {
        !tidy(t)
            .chars()
            .all(|c| matches!(c, '-' | '－' | '/' | '\\' | '"' | ' ' | '\n' | '\t'))
            || tidy(t).is_empty()
    })
}

/// Text of a column that takes one line.
fn line() -> impl Strategy<Value = String> {
    let is_nothing = |t: &str| t.chars().all(|c| matches!(c, '-' | '－' | '/' | '\\' | '"' | ' '));
    text()
        .prop_map(|t| t.replace(['\n', '\r', '\t'], ""))
        .prop_filter("more than strokes", move |t| {
            tidy(t).is_empty() || !is_nothing(&tidy(t))
        })
}

/// Text that holds a number: one that a spreadsheet rewrote is refused.
fn number_text() -> impl Strategy<Value = String> {
    line().prop_filter("no number of a spreadsheet", |t| !intake::is_scientific(&tidy(t)))
}

/// Text that is more than margins.
fn filled() -> impl Strategy<Value = String> {
    line().prop_map(|t| format!("甲{t}"))
}

fn ascii() -> impl Strategy<Value = String> {
    // Two characters may say that there is nothing.
    "[0-9A-Za-z-]{3,16}".prop_filter("no number of a spreadsheet", |t| !t.contains(['e', 'E']))
}

fn code(name: ListName) -> impl Strategy<Value = String> {
    let catalogue = embedded_catalogue().unwrap();
    select(
        catalogue
            .list(name)
            .items()
            .iter()
            .map(|i| i.id.clone())
            .collect::<Vec<_>>(),
    )
}

fn moment() -> impl Strategy<Value = Moment> {
    // 1990–2090, to the second and to the microsecond.
    let seconds = 631_152_000_i64..3_786_912_000;
    (seconds, prop_oneof![Just(0), 0..1_000_000_i64])
        .prop_map(|(s, micros)| Moment::from_micros(s * 1_000_000 + micros))
}

fn date() -> impl Strategy<Value = Date> {
    (1980..=2200, 1..=366_u32).prop_filter_map("not in that year", |(y, d)| Date::from_yo_opt(y, d))
}

/// A credit code with its check character.
fn credit_code() -> impl Strategy<Value = String> {
    "9165[0-9]{4}[0-9ABCDEFGH]{9}".prop_filter_map("no check character", |start| {
        "0123456789ABCDEFGHJKLMNPQRTUWXY"
            .chars()
            .map(|check| format!("{start}{check}"))
            .find(|code| uscc::check(code).is_ok())
    })
}

fn party() -> impl Strategy<Value = Party> {
    (
        filled(),
        option::of(credit_code()),
        code(ListName::PartyKind),
        option::of("(11|65|82)[0-9]{4}"),
        code(ListName::Country),
        (
            option::of(line()),
            option::of(line()),
            option::of(line()),
            option::of(number_text()),
        ),
    )
        .prop_map(
            |(name, uscc, kind, region, country, (address, legal_representative, contact, phone))| Party {
                name: Some(name),
                uscc,
                kind: Some(kind),
                region,
                country,
                address,
                legal_representative,
                contact,
                phone,
            },
        )
}

fn content() -> impl Strategy<Value = Content> {
    let catalogue = embedded_catalogue().unwrap();
    let subtypes: Vec<(String, String)> = catalogue
        .list(ListName::Subtype)
        .items()
        .iter()
        .map(|i| (i.parent.clone().unwrap(), i.id.clone()))
        .collect();
    let amounts = (0..=MAX_FEN).prop_flat_map(|total| (Just(total), option::of(0..=total), any::<bool>()));
    (
        (
            filled(),
            select(subtypes),
            code(ListName::Unit),
            party(),
            party(),
            option::of(code(ListName::Unit)),
        ),
        (option::of(date()), date(), option::of(date()), option::of(date())),
        amounts,
        (
            code(ListName::Field),
            code(ListName::PlanSource),
            option::of(line()),
            option::of(number_text()),
        ),
        (
            option::of(code(ListName::IpKind)),
            option::of(code(ListName::Objective)),
            option::of(code(ListName::PaymentMode)),
            option::of(code(ListName::CrossBorder)),
        ),
        (option::of(any::<bool>()), option::of(text())),
    )
        .prop_map(
            |(who, when, (total, technology, both), what, more, (related_party, summary))| Content {
                project_name: Some(who.0),
                contract_type: Some(who.1.0),
                subtype: Some(who.1.1),
                unit: Some(who.2),
                seller: who.3,
                buyer: who.4,
                buyer_unit: who.5,
                received_on: when.0,
                signed_on: Some(when.1),
                begins_on: when.2,
                ends_on: when.3,
                amount_fen: Some(total),
                technology_amount_fen: technology,
                non_technology_amount_fen: technology.filter(|_| both).map(|t| total - t),
                field: Some(what.0),
                plan_source: Some(what.1),
                plan_name: what.2,
                plan_number: what.3,
                ip_kind: more.0,
                objective: more.1,
                payment_mode: more.2,
                cross_border: more.3,
                related_party,
                summary,
            },
        )
}

prop_compose! {
    fn ended(state: State)(
        at in moment(),
        ground in option::of(code(if state == State::Revoked { ListName::RevocationGround } else { ListName::CancellationGround })),
        document_number in option::of(number_text()),
        served_on in option::of(date()),
        note in option::of(text()),
    ) -> Ended {
        Ended { at, state, ground, document_number, served_on, note, by: Some("someone".into()), self_audit_id: Some(7) }
    }
}

prop_compose! {
    fn row()(
        numbers in (ascii(), option::of(ascii()), option::of(line()), option::of("[0-9]{6}"), option::of(ascii())),
        mut content in content(),
        state in select(State::ALL.to_vec()),
        times in (option::of(moment()), moment()),
        expert_reviewed in any::<bool>(),
        returned in option::of((moment(), text())),
        refusal in option::of((option::of(moment()), vec(code(ListName::RefusalReason), 0..4), option::of(text()))),
        ends in (ended(State::Revoked), ended(State::Cancelled)),
    ) -> RegisterRow {
        let confirmed = state.was_confirmed();
        // Signed, received, submitted, confirmed: nothing comes before its cause.
        let submitted_at = times.0.map(|at| if confirmed { at.min(times.1) } else { at });
        if confirmed {
            content.received_on = content.received_on.map(|day| day.min(times.1.date()));
        }
        let latest = [submitted_at.map(Moment::date), content.received_on, confirmed.then(|| times.1.date())];
        content.signed_on = content.signed_on.map(|day| latest.into_iter().flatten().fold(day, Date::min));
        let answered = |at: Moment| submitted_at.map_or(at, |submitted| at.max(submitted));
        let mut ended = match state {
            State::Revoked => Some(ends.0),
            State::Cancelled => Some(ends.1),
            _ => None,
        };
        if let Some(ended) = &mut ended {
            ended.at = ended.at.max(times.1);
        }
        RegisterRow {
            registration_number: confirmed.then_some(numbers.0),
            national_number: numbers.1,
            agency: numbers.2,
            agency_code: numbers.3,
            registrar_certificate: numbers.4,
            content,
            state,
            submitted_at,
            confirmed_at: confirmed.then_some(times.1),
            expert_reviewed,
            returned: returned.map(|(at, reason)| Returned { at: answered(at), reason, items: Vec::new() }),
            refusal: refusal.map(|(at, reasons, note)| Refusal { at: at.map(answered), reasons, note, by: None }),
            ended,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_register_comes_back(rows in vec(row(), 1..6)) {
        let catalogue = embedded_catalogue().unwrap();
        let rows: Vec<RegisterRow> = rows.into_iter().map(RegisterRow::normalised).collect();
        comes_back(&rows, &catalogue);
    }

    #[test]
    fn no_file_makes_reading_panic(text in "(成交额|2020|[,;\t\"'\r\n]|1,000|\\PC){0,60}", bytes in vec(any::<u8>(), 0..4), at in any::<prop::sample::Index>()) {
        let catalogue = embedded_catalogue().unwrap();
        let mut content = format!("指标,年度,数值（元）,说明\n{text}").into_bytes();
        let place = at.index(content.len());
        content.splice(place..place, bytes.clone());
        let mut book = std::fs::read(xlsx(&[plain_row()], &catalogue).path()).unwrap();
        let place = at.index(book.len());
        book.splice(place..book.len().min(place + 2), bytes);
        for (content, kind) in [(content, Kind::Reference), (book, Kind::Register)] {
            let mut file = NamedTempFile::new().unwrap();
            file.write_all(&content).unwrap();
            if let Ok(table) = intake::open(file.path()) {
                let mut counted = Counted::default();
                let Ok(summary) = intake::read(&table, kind, &catalogue, &mut counted);
                prop_assert_eq!((summary.sound, summary.errors), (counted.rows, counted.errors));
                prop_assert!(summary.complete || summary.errors > 0);
            }
        }
    }
}
