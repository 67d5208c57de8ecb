//! The facts in memory against the store read anew: the same figures and tables, whatever happened in between.

use std::path::PathBuf;

use dengji::{
    documents::pivot_table::pivot_xlsx,
    domain::{account::Role, interchange::Kind, time::Moment},
    statistics::Span,
    usecases::{
        contracts::{
            behind::{self, BehindQuery},
            list::SortKey,
        },
        statistics::{
            self, Dimension, Layout, Measure,
            restate::{self, RestatementQuery},
        },
    },
};
use serde_json::json;

use super::sample::demo;
use crate::support::{App, Person, both, desk};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}

fn questions(random: &mut Random) -> (i32, Option<Moment>, Span) {
    let year = [2026, 2025, 2025, 2024, 2022][random.below(5)];
    let moments = [
        None,
        Some("2025-12-15T12:00:00+08:00"),
        Some("2025-06-30T00:00:00+08:00"),
        Some("2024-02-29T23:59:59+08:00"),
        Some("2026-06-15T12:00:30+08:00"),
    ];
    let as_of = moments[random.below(5)].map(|at| Moment::parse(at).unwrap());
    let month = u32::try_from(random.below(12)).unwrap() + 1;
    let spans = [
        Span::Year,
        Span::Month(month),
        Span::Quarter(month.div_ceil(3)),
        Span::Until(chrono::NaiveDate::from_ymd_opt(year, month, 17).unwrap()),
    ];
    (year, as_of, spans[random.below(4)])
}

/// Holds the figures and a table of some questions from memory against those read from the store.
fn agree(app: &App, random: &mut Random, step: &str) {
    for _ in 0..6 {
        let (year, as_of, span) = questions(random);
        // Without a moment both read the clock, which stands still here.
        let of = |ctx| app.block_on(statistics::within(ctx, year, as_of, span)).unwrap();
        let (remembered, read) = (of(&app.remembering), of(&app.ctx));
        assert_eq!(remembered.ledger, read.ledger, "{step}");
        for ((name, ours), (_, theirs)) in remembered.figures().zip(read.figures()) {
            assert_eq!(ours, theirs, "{name} of {year} as of {as_of:?}, {span:?}, {step}");
        }
        assert_eq!(remembered, read);
        let dimension = |random: &mut Random| Dimension::ALL[random.below(Dimension::ALL.len())];
        let rows = dimension(random);
        let layout = Layout {
            rows,
            columns: Some(dimension(random)).filter(|columns| *columns != rows),
            measure: Measure::ALL[random.below(Measure::ALL.len())],
            filters: match random.below(3) {
                0 => vec![(Dimension::Region, "south".into())],
                1 => vec![(Dimension::Quarter, "2".into()), (Dimension::Quarter, "4".into())],
                _ => Vec::new(),
            },
        };
        let of = |ctx| {
            app.block_on(statistics::pivot(ctx, year, as_of, span, layout.clone()))
                .unwrap()
        };
        assert_eq!(of(&app.remembering), of(&app.ctx), "{layout:?}, {step}");
        same_contracts(app, random, (year, as_of, span), None, step);
    }
}

/// Closes 2025 over whatever stands in the way.
fn close(app: &App) {
    let client = app.person(Person::Statistician);
    let overrides = client.overrides("/statistics/annual/2025", "试封");
    let body = json!({"note": "试封", "overrides": overrides});
    client.post("/statistics/annual/2025/close", &body).expect(201);
}

/// Holds what an edition of 2025 counted, and what is restated since, from memory against those read from the store.
fn editions_agree(app: &App, random: &mut Random, edition: i64, step: &str) {
    for _ in 0..3 {
        same_contracts(app, random, (2025, None, Span::Year), Some(edition), step);
    }
    let statistician = desk::moved("statistician", &[Role::Statistician]);
    let query = RestatementQuery {
        year: 2025,
        edition: Some(edition),
        as_of: None,
    };
    let of = |ctx| app.block_on(restate::read(ctx, statistician.clone(), query)).unwrap();
    let (remembered, read) = (of(&app.remembering), of(&app.ctx));
    assert_eq!(
        format!("{remembered:?}"),
        format!("{read:?}"),
        "edition {edition}, {step}"
    );
}

/// Holds the contracts behind a figure, page by page, from memory against those read from the store.
fn same_contracts(
    app: &App,
    random: &mut Random,
    (year, as_of, span): (i32, Option<Moment>, Span),
    edition: Option<i64>,
    step: &str,
) {
    let asked = statistics::Asked {
        year,
        as_of,
        span,
        edition,
    };
    let (_, mut figures) = app.block_on(statistics::figures::list(&app.ctx, &asked)).unwrap();
    figures.retain(|figure| figure.has_contracts);
    let figure = figures.swap_remove(random.below(figures.len())).name;
    let mut query = BehindQuery {
        year,
        figure,
        as_of,
        span,
        edition,
        term: None,
        sort: [SortKey::Id, SortKey::ConfirmedAt, SortKey::Amount][random.below(3)],
        descending: random.below(2) == 0,
        after: None,
        limit: 1 + random.below(100),
    };
    let statistician = desk::moved("statistician", &[Role::Statistician]);
    for _ in 0..4 {
        let of = |ctx| app.block_on(behind::list(ctx, statistician.clone(), query.clone()));
        let (remembered, read) = (of(&app.remembering).unwrap(), of(&app.ctx).unwrap());
        assert_eq!(format!("{remembered:?}"), format!("{read:?}"), "{query:?}, {step}");
        query.after = remembered.next;
        if query.after.is_none() {
            break;
        }
    }
}

/// Rows of a file of the sample.
fn rows(name: &str) -> (csv::StringRecord, Vec<Vec<String>>) {
    let text = std::fs::read_to_string(demo(name)).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    (header, rows)
}

fn write(app: &App, name: &str, header: &csv::StringRecord, rows: &[Vec<String>]) -> PathBuf {
    let path = app.folder.path().join(name);
    let mut writer = csv::Writer::from_path(&path).unwrap();
    writer.write_record(header).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.flush().unwrap();
    path
}

both! {
    fn facts_in_memory_are_those_of_the_store(app: &App) {
        let random = &mut Random(20_26);
        agree(app, random, "nothing there");
        let (header, mut register) = rows("contracts-2025.csv");
        let at = |name: &str| header.iter().position(|h| h == name).unwrap();
        let (amount, technology, other) = (at("合同成交额（元）"), at("技术交易额（元）"), at("非技术性费用（元）"));
        let (number, unit, confirmed) = (at("登记编号"), at("归属单位"), at("审核确认时间"));
        // Piece by piece, and in no order of time.
        for piece in 0..3 {
            let mut part: Vec<_> = register.iter().skip(piece).step_by(3).cloned().collect();
            part.reverse();
            app.import(write(app, &format!("part-{piece}.csv"), &header, &part), Kind::Register, false).unwrap();
            agree(app, random, "a part imported");
        }
        app.import_sample("contracts-2024.csv", Kind::Register);
        agree(app, random, "an earlier year imported");
        close(app);
        editions_agree(app, random, 1, "just closed");
        // Corrections, of amounts, units and the time of confirmation.
        for round in 0..4 {
            app.pass_seconds(3600);
            let mut changed: Vec<Vec<String>> = Vec::new();
            for _ in 0..15 {
                let row = random.below(register.len());
                let row = &mut register[row];
                let again = changed.iter().any(|earlier| earlier[number] == row[number]);
                if again || row[confirmed].is_empty() || row[amount].is_empty() {
                    continue;
                }
                if random.below(3) == 0 {
                    row[unit] = ["一师", "八师", "塔里木大学"][random.below(3)].to_owned();
                }
                let yuan = format!("{}.00", 10_000 + random.below(90_000_000));
                row[amount].clone_from(&yuan);
                row[technology].clone_from(&yuan);
                row[other] = "0.00".to_owned();
                changed.push(row.clone());
            }
            app.import(write(app, &format!("changed-{round}.csv"), &header, &changed), Kind::Register, true)
                .unwrap_or_else(|errors| panic!("{errors:?}"));
            agree(app, random, "corrected");
            editions_agree(app, random, 1, "corrected");
        }
        close(app);
        // Acts over REST: each is in the very next answer.
        let reviewer = app.person(Person::Reviewer2);
        for n in 1..=3 {
            app.pass_seconds(60);
            let before = app.block_on(statistics::annual(&app.remembering, 2026, None, None)).unwrap();
            let confirmed = app.confirmed(n);
            let after = app.block_on(statistics::annual(&app.remembering, 2026, None, None)).unwrap();
            let count = |figures: &dengji::statistics::AnnualFigures| figures.get("total.contracts").unwrap().as_whole().unwrap();
            assert_eq!(count(&after), count(&before) + 1);
            agree(app, random, "confirmed");
            if n == 2 {
                app.pass_seconds(60);
                reviewer.act(&confirmed, "revoke", &json!({"ground": "fraud", "document_number": "1号"}));
                agree(app, random, "revoked");
            }
        }
        for edition in [1, 2] {
            editions_agree(app, random, edition, "at the end");
        }
    }

    fn another_process_is_seen_as_exactly(app: &App) {
        app.import_sample("contracts-2025.csv", Kind::Register);
        let mut seen = Vec::new();
        // A second server on the same store, with facts of its own.
        let other = app.ctx.remembering();
        for n in 1..=2 {
            app.confirmed(n);
            for ctx in [&app.remembering, &other] {
                let figures = app.block_on(statistics::annual(ctx, 2026, None, None)).unwrap();
                seen.push(figures.get("total.contracts").unwrap().as_whole().unwrap());
            }
        }
        assert_eq!(seen, [1, 1, 2, 2]);
        let (bytes, contracts) = other.facts.as_ref().unwrap().size();
        // A page of keys and the sums of a block weigh the same in a register of any size.
        assert!(contracts > 1000 && bytes < contracts * 64 + 20_000, "{bytes} bytes of {contracts} contracts");
    }

    fn returns_refusals_and_days_are_counted(app: &App) {
        let (registrar, reviewer) = (app.person(Person::Registrar), app.person(Person::Reviewer));
        let items = json!([{"pointer": "/summary", "detail": "太短"}]);
        let returned = reviewer.act(&app.claimed(1), "return", &json!({"reason": "补正", "items": items}));
        let again = registrar.act(&returned, "submit", &json!({}));
        let again = reviewer.act(&again, "claim", &json!({}));
        // Three days later, within the deadline.
        app.set_time("2026-06-18T12:00:00+08:00");
        let reviewer = app.person(Person::Reviewer);
        let verified = json!({"verified_type": "development", "verified_technology_amount_fen": 100_000_000});
        reviewer.act(&again, "confirm", &verified);
        reviewer.act(&app.claimed(2), "refuse", &json!({"reasons": ["not_technology_contract"], "note": "不属技术合同"}));
        app.confirmed(3);
        for ctx in [&app.ctx, &app.remembering] {
            let figures = app.block_on(statistics::annual(ctx, 2026, None, None)).unwrap();
            let json = serde_json::to_value(&figures).unwrap();
            let decisions = &json["decisions"];
            assert_eq!((&decisions["returned"], &decisions["refused"]), (&json!(1), &json!(1)), "{decisions}");
            assert_eq!(decisions["return_rate"], json!(1.0 / 3.0));
            assert_eq!(decisions["refusal_rate"], json!(1.0 / 3.0));
            // Three days and none.
            assert_eq!((&decisions["median_days"], &decisions["mean_days"]), (&json!(1.5), &json!(1.5)));
            assert_eq!(decisions["in_time_share"], json!(1.0));
        }
    }

    fn a_transaction_older_than_the_facts_gets_its_own_state_or_none(app: &App) {
        app.import_sample("contracts-2024.csv", Kind::Register);
        let memory = app.remembering.facts.clone().unwrap();
        let (remembering, catalogue) = (app.remembering.clone(), app.ctx.catalogue.clone());
        let (began, wait_began) = std::sync::mpsc::channel();
        let (go_on, wait_go_on) = std::sync::mpsc::channel::<()>();
        let kept = memory.clone();
        let reader = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(remembering.store.read(move |db| -> Result<_, dengji::storage::StoreError> {
                let head = dengji::storage::ledger::head(db)?;
                began.send(()).unwrap();
                wait_go_on.recv().unwrap();
                Ok((head.sequence, kept.at(db, &catalogue)?.map(|facts| facts.sequence())))
            })).unwrap()
        });
        wait_began.recv().unwrap();
        for n in 1..=2 {
            app.confirmed(n);
            app.block_on(statistics::annual(&app.remembering, 2026, None, None)).unwrap();
        }
        go_on.send(()).unwrap();
        let (own, given) = reader.join().unwrap();
        assert!(given.is_none_or(|given| given == own), "{given:?} and not {own}");
    }

    fn a_table_is_served_as_json_csv_and_a_workbook(app: &App) {
        app.import_sample("contracts-2025.csv", Kind::Register);
        let client = app.person(Person::Statistician);
        let table = client.get("/statistics/pivot?year=2025&rows=unit&columns=quarter&measure=amount&filter=region:south&filter=type:service").expect(200);
        let figures = client.get("/statistics/annual/2025").expect(200);
        assert_eq!(table["unit"], "fen");
        assert_eq!(table["row_heads"][0], json!({"code": "div_01", "label": "一师"}));
        assert_eq!(table["column_heads"][3]["label"], "第4季度");
        let all = client.get("/statistics/pivot?year=2025&rows=unit&measure=amount").expect(200);
        assert_eq!(all["total"], figures["total"]["amount_fen"]);
        assert_eq!(all["row_totals"][7], figures["units"]["div_08"]["amount_fen"]);
        assert_eq!((&all["columns"], &all["column_heads"]), (&json!(null), &json!([])));
        for (query, pointer) in [
            ("year=2025", "/rows"),
            ("rows=unit", "/year"),
            ("year=2025&rows=unit&columns=unit", "/columns"),
            ("year=2025&rows=nothing", "/rows"),
            ("year=2025&rows=unit&filter=unit", "/filter"),
            ("year=2025&rows=unit&filter=unit:nothing", "/filter"),
            ("year=2025&rows=unit&month=3&quarter=1", "/month"),
            ("year=2025&rows=unit&measure=median", "/measure"),
            ("year=2025&rows=unit&format=pdf", "/format"),
        ] {
            let answer = client.get(&format!("/statistics/pivot?{query}")).expect(422);
            assert_eq!(answer["errors"][0]["pointer"], pointer, "{query}: {answer}");
        }
        let file = |format: &str| {
            let path = format!("/statistics/pivot?year=2025&rows=unit&columns=type&measure=amount&format={format}&as_of=2026-03-01T00:00:00%2B08:00");
            client.get(&path)
        };
        let csv = file("csv").text;
        let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{FEFF}').as_bytes());
        assert_eq!(&reader.headers().unwrap()[0], "归属单位");
        let last = reader.records().last().unwrap().unwrap();
        assert_eq!((&last[0], &last[last.len() - 1]), ("合计", "108310.044"));
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        assert_eq!(file("xlsx").header("content-type"), Some(kind));
        let layout = Layout {
            rows: Dimension::Unit,
            columns: Some(Dimension::Type),
            measure: Measure::Amount,
            filters: Vec::new(),
        };
        let pivot = app.block_on(statistics::pivot(&app.ctx, 2025, None, Span::Year, layout)).unwrap();
        let book = pivot_xlsx(&pivot).unwrap();
        assert_eq!(book, pivot_xlsx(&pivot).unwrap(), "the same data give the same bytes");
        use calamine::{Data, Reader as _};
        let mut book = calamine::Xlsx::new(std::io::Cursor::new(book)).unwrap();
        let sheet = book.worksheet_range("透视表").unwrap();
        let cell = sheet.rows().next_back().unwrap().last().unwrap();
        assert!(matches!(cell, Data::Float(wan) if (wan - 108_310.044).abs() < 1e-9), "{cell:?}");
    }
}
