//! The pages of statistics say what the API says, for the same people.

use std::collections::BTreeMap;

use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::support::{Client, Page, Pages, Person, both};

const YEAR: &str = "/statistics/2025";

/// The published report's figures, mistakes included, between sentences of our own.
const REPORT: &str = include_str!("../statistics/report-2025.md");

/// Every figure that a page prints with a link to what it means: name, text.
fn printed(page: &Page) -> Vec<(String, String)> {
    let html = Html::parse_document(&page.text);
    let links = Selector::parse("a[href*='/figures/']").unwrap();
    html.select(&links)
        .map(|a| {
            let href = a.attr("href").unwrap();
            let name = href.split("/figures/").nth(1).unwrap().split('?').next().unwrap();
            (name.to_owned(), a.text().collect::<String>().trim().to_owned())
        })
        .collect()
}

/// What the API shows of each figure, without the unit.
fn displays(client: &Client, query: &str) -> BTreeMap<String, String> {
    let list = client
        .get(&format!("/statistics/annual/2025/figures?{query}"))
        .expect(200);
    let figures = list["items"].as_array().unwrap().iter();
    figures
        .map(|figure| {
            let display = figure["display"].as_str().unwrap().trim_end_matches(" 万元");
            (figure["name"].as_str().unwrap().to_owned(), display.to_owned())
        })
        .collect()
}

/// The contracts of a figure's page and all that follow it: fen.
fn counted(pages: &Pages, path: &str) -> Vec<i64> {
    let mut found = Vec::new();
    let mut page = pages.get(path).expect(200);
    loop {
        let amounts = page.texts("td[data-label^='所计成交额']");
        found.extend(
            amounts
                .iter()
                .map(|yuan| yuan.replace([',', '.'], "").parse::<i64>().unwrap()),
        );
        let html = Html::parse_document(&page.text);
        let next = Selector::parse("a.next").unwrap();
        let Some(next) = html.select(&next).next().map(|a| a.attr("href").unwrap().to_owned()) else {
            return found;
        };
        page = pages.get(&next).expect(200);
    }
}

both! {
    fn the_board_the_figures_and_their_contracts_are_those_of_the_api(app: &App) {
        app.import_whole_sample();
        let (client, pages) = (app.person(Person::Statistician), app.pages_of(Person::Statistician));
        let board = pages.get("/statistics").expect(200);
        assert_eq!(board.path, YEAR);
        assert_eq!(board.texts("section.figure svg[role=img][width][height]").len(), 10, "a chart a panel");
        for (query, api) in [("", ""), ("?month=5", "month=5"), ("?quarter=2", "quarter=2"), ("?until=2025-06-30", "until=2025-06-30"),
            // Of a year that runs at that moment the year so far.
            ("?as_of=2025-06-30", "until=2025-06-30&as_of=2025-06-30T23:59:59.999999%2B08:00")]
        {
            let board = pages.get(&format!("{YEAR}{query}")).expect(200);
            let (printed, known) = (printed(&board), displays(&client, api));
            assert!(printed.len() > 300, "{query}: {}", printed.len());
            for (name, text) in printed {
                assert_eq!(known.get(&name), Some(&text), "{query} {name}");
            }
            assert!(board.links().iter().filter(|href| href.contains("/figures/")).all(|href| query.trim_start_matches('?').split('&').all(|kept| href.contains(kept))), "{query} is kept");
        }
        let year = board.links().into_iter().find(|href| href == "/statistics/2024");
        assert!(year.is_some());

        // A figure's contracts add up to it.
        for figure in ["units.div_08.amount", "units.div_09.amount", "imports.amount"] {
            let known = client.get(&format!("/statistics/annual/2025/figures/{figure}")).expect(200);
            let page = pages.get(&format!("{YEAR}/figures/{figure}")).expect(200);
            assert!(page.says(known["formula"].as_str().unwrap()) && page.says(known["meaning"].as_str().unwrap()));
            assert_eq!(page.texts(".figure-value").concat(), known["display"].as_str().unwrap());
            let found = counted(&pages, &format!("{YEAR}/figures/{figure}"));
            assert_eq!(found.iter().sum::<i64>(), known["value"].as_i64().unwrap(), "{figure}");
            let ascending = counted(&pages, &format!("{YEAR}/figures/{figure}?sort=amount_fen"));
            assert!(ascending.is_sorted() && ascending.len() == found.len(), "{figure}");
        }
        let share = pages.get(&format!("{YEAR}/figures/units.div_08.share?term=whole")).expect(200);
        assert!(share.says("总体（所列）"), "{:?}", share.texts("table"));
        pages.get(&format!("{YEAR}/figures/no.such")).expect(404);
        pages.get("/statistics/20x5").expect(404);
        pages.get(&format!("{YEAR}?month=5&quarter=2")).expect(422);

        // Figures are found by their words.
        let found = pages.get(&format!("{YEAR}/figures?q=%E5%85%AB%E5%B8%88+%E5%90%8C%E6%AF%94")).expect(200);
        assert_eq!(found.texts("tbody th"), ["八师成交额同比增速"]);

        // A pivot, on the page and as files.
        let pivot = pages.get(&format!("{YEAR}/pivot?rows=type&columns=quarter&measure=contracts&filter=unit:div_08&filter=unit:div_06")).expect(200);
        let api = client.get("/statistics/pivot?year=2025&rows=type&columns=quarter&measure=contracts&filter=unit:div_08&filter=unit:div_06").expect(200);
        let total: Vec<String> = api["column_totals"].as_array().unwrap().iter().chain([&api["total"]]).map(Value::to_string).collect();
        assert_eq!(pivot.texts("tr.total td"), total);
        let links = pivot.links();
        let file = |ending: &str| links.iter().find(|href| href.contains(ending)).unwrap();
        let csv = pages.get(file("/pivot.csv")).expect(200);
        assert!(csv.text.lines().last().unwrap().ends_with(total.last().unwrap().as_str()), "{}", csv.text);
        let xlsx = pages.get(file("/pivot.xlsx")).expect(200);
        assert!(xlsx.text.starts_with("PK") && xlsx.header("content-disposition").unwrap().starts_with("attachment"));

        // The report: on the screen, and its files.
        let report = pages.get(&format!("{YEAR}/report")).expect(200);
        let known = displays(&client, "");
        assert!(printed(&report).iter().all(|(name, _)| known.contains_key(name)));
        assert!(report.says("一、年度登记量基本情况"));
        for (ending, kind) in [("report.html", "text/html"), ("report.pdf", "application/pdf"), ("report.docx", "application/vnd"), ("report.xlsx", "application/vnd"),
            ("report.csv", "text/csv"), ("report.json", "application/json")]
        {
            let href = report.links().into_iter().find(|href| href.contains(ending)).unwrap();
            let file = pages.get(&href).expect(200);
            assert!(file.header("content-type").unwrap().starts_with(kind), "{ending}");
            if ending == "report.html" {
                let policy = file.header("content-security-policy").unwrap();
                assert!(policy.contains("style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
            }
        }
        pages.get(&format!("{YEAR}/report.exe")).expect(404);
    }

    fn a_year_is_closed_with_a_reason_and_what_changes_is_explained(app: &App) {
        app.import_whole_sample();
        let (client, pages) = (app.person(Person::Statistician), app.pages_of(Person::Statistician));
        let before = pages.get(YEAR).expect(200);
        let page = pages.get(&format!("{YEAR}/close")).expect(200);
        let form = format!("{YEAR}/close");
        let reason = "/checklist/contracts_decided";
        assert!(page.form(&form).value(reason).is_some(), "{}", page.text);
        let refused = pages.submit(&page, &form, &[]).expect(409);
        assert!(refused.links().contains(&"#f-checklist-contracts-decided".to_owned()), "{:?}", refused.links());
        let long = "长".repeat(5000);
        let refused = pages.submit(&refused, &form, &[(reason, &long)]).expect(422);
        assert_eq!(refused.texts(".field.wrong").len(), 1, "{}", refused.text);
        let typed = "年末在办合同于次年办结。<script>alert(1)</script>";
        let done = pages.submit(&refused, &form, &[(reason, typed)]).expect(200);
        assert_eq!(done.path, format!("{YEAR}/editions?done=closed"));
        assert!(done.says(typed) && !done.text.contains("<script>alert"));
        let again = pages.get(&form).expect(200);
        let refused = pages.submit(&again, &form, &[(reason, "照旧")]).expect(422);
        assert!(refused.links().contains(&"#f-note".to_owned()), "a second edition says why");

        let nothing = pages.get(&format!("{YEAR}/restatement")).expect(200);
        assert!(nothing.says("各项数据没有变化"));
        app.pass_seconds(60);
        let contract = client.get("/contracts?year=2025&state=confirmed&agency=660008&sort=id&limit=1").expect(200)["items"][0].clone();
        let body = json!({"ground": "duplicate", "document_number": "兵科撤〔2026〕1号"});
        app.person(Person::Reviewer).act(&contract, "revoke", &body);
        let restated = pages.get(&format!("{YEAR}/restatement?edition=1")).expect(200);
        let link = format!("/contracts/{}", contract["id"]);
        assert!(restated.links().contains(&link) && restated.says("撤销登记"), "{}", restated.text);
        let opened = restated.links().into_iter().find(|href| href.contains("figure=total.amount")).unwrap();
        let opened = pages.get(&opened).expect(200);
        assert_eq!(opened.texts("section.panel tbody tr").len(), 1);
        assert!(opened.texts("section.panel").concat().contains("因 1 项合同"));
        // The edition is what it was; the figures now are not.
        let edition = pages.get(&format!("{YEAR}?edition=1")).expect(200);
        assert_eq!(printed(&edition), printed(&before));
        assert_ne!(printed(&pages.get(YEAR).expect(200)), printed(&before));
        let as_closed = counted(&pages, &format!("{YEAR}/figures/total.amount?edition=1"));
        assert_eq!(as_closed.len(), 1134);
        pages.get(&format!("{YEAR}/figures/total.amount?edition=1&month=3")).expect(422);
        pages.get(&format!("{YEAR}?edition=7")).expect(404);
        pages.get(&format!("{YEAR}/report.pdf?edition=1")).expect(200);
    }

    fn a_published_report_is_checked(app: &App) {
        app.import_whole_sample();
        let pages = app.pages_of(Person::Auditor);
        let page = pages.get("/statistics/check").expect(200);
        assert_eq!(page.form("/statistics/check").value("/year"), Some("2025"));
        let checked = pages.upload(&page, "/statistics/check", &[], ("年报.md", REPORT.as_bytes())).expect(200);
        assert_eq!(checked.texts("#report tbody tr").len(), 8, "{:?}", checked.texts("#report"));
        assert_eq!(checked.texts("#rounding-report tbody tr").len(), 3);
        let differing: Vec<String> = checked.texts("#register tbody td[data-label=报告所印]");
        assert!(differing.contains(&"35.5".to_owned()) && differing.contains(&"98.9".to_owned()), "{differing:?}");
        let list = "figure,published,unit,where\ntotal.contracts,1134,count,一\ntotal.contracts,1135,count,<b>二</b>\n";
        let checked = pages.upload(&page, "/statistics/check", &[], ("list.csv", list.as_bytes())).expect(200);
        assert_eq!((checked.texts("#register tbody tr").len(), checked.texts("#match tbody tr").len()), (1, 1));
        assert!(checked.says("<b>二</b>"));
        let refused = pages.upload(&page, "/statistics/check", &[("/year", "25")], ("年报.md", REPORT.as_bytes())).expect(422);
        assert!(refused.links().contains(&"#f-year".to_owned()));
        let refused = pages.upload(&page, "/statistics/check", &[], ("a.docx", b"PK\x03\x04 no archive")).expect(422);
        assert!(refused.links().contains(&"#ffile".to_owned()), "{:?}", refused.links());
    }

    fn who_may_not_read_statistics_over_the_api_may_not_on_the_pages(app: &App) {
        let reads = ["/statistics", YEAR, "/statistics/2025/figures", "/statistics/2025/figures/total.amount", "/statistics/2025/pivot", "/statistics/2025/pivot.csv",
            "/statistics/2025/report", "/statistics/2025/report.json", "/statistics/2025/close", "/statistics/2025/editions", "/statistics/check",
            "/statistics/2025/paragraphs", "/follow-ups", "/activities", "/reference-figures"];
        let writes = ["/statistics/2025/paragraphs/new", "/follow-ups/new", "/activities/new", "/reference-figures/new"];
        for person in [Person::Registrar, Person::Expert, Person::Administrator, Person::Reviewer, Person::Auditor, Person::Statistician] {
            let (pages, client) = (app.pages_of(person), app.person(person));
            let api = client.get("/statistics/annual/2025").status;
            for path in reads {
                assert_eq!(pages.get(path).status, api, "{person:?} {path}");
            }
            let may = if person == Person::Statistician { 200 } else { 403 };
            for path in writes {
                assert_eq!(pages.get_once(path).status, may, "{person:?} {path}");
            }
            let closing = pages.get("/statistics/2025/close");
            let offered = closing.text.contains("method=\"post\" action=\"/statistics/2025/close\"");
            assert_eq!(offered, person == Person::Statistician, "{person:?}");
            let token = pages.get("/password").form("/password").value("_token").unwrap().to_owned();
            for path in writes.into_iter().chain(["/statistics/2025/close"]) {
                let status = pages.post_once(path, &[("_token", &token)]).status;
                let expected: &[u16] = if may == 200 { &[409, 422] } else { &[403] };
                assert!(expected.contains(&status), "{person:?} {path}: {status}");
            }
        }
        let stranger = app.pages();
        for path in reads {
            assert_eq!(stranger.get_once(path).status, 303, "{path}");
        }
    }

    fn paragraphs_are_seen_as_they_will_be_printed(app: &App) {
        app.import_whole_sample();
        let pages = app.pages_of(Person::Statistician);
        let list = format!("{YEAR}/paragraphs");
        let new = format!("{list}/new");
        let page = pages.get(&new).expect(200);
        let text = "全年成交 {{total.amount|yi_yuan|2}} 亿元，新增 12 项。<script>";
        let preview = pages.submit(&page, &new, &[("/chapter", "summary"), ("/text", text), ("_preview", "1")]).expect(200);
        assert!(preview.says("全年成交 10.83 亿元，新增 12 项。<script>"), "{:?}", preview.texts("#preview"));
        assert!(preview.texts("#preview .flag").concat().contains("12 项"));
        assert_eq!(preview.form(&new).value("/text"), Some(text));
        assert!(pages.get(&list).expect(200).says("没有补充段落"), "a look keeps nothing");
        let refused = pages.submit(&preview, &new, &[("/text", "{{no.such}}")]).expect(422);
        assert!(refused.links().contains(&"#f-text".to_owned()));
        let kept = pages.submit(&preview, &new, &[]).expect(200);
        assert_eq!(kept.path, format!("{list}?done=created"));
        assert!(kept.says("全年成交 10.83 亿元"));
        let edit = kept.links().into_iter().find(|href| href.ends_with("/edit")).unwrap();
        let page = pages.get(&edit).expect(200);
        pages.submit(&page, &edit, &[("/text", "")]).expect(422);
        let changed = pages.submit(&page, &edit, &[("/text", "改写。")]).expect(200);
        assert!(changed.says("改写。"));
        let remove = edit.replace("/edit", "/remove");
        let page = pages.get(&remove).expect(200);
        let removed = pages.submit(&page, &remove, &[]).expect(200);
        assert!(removed.says("没有补充段落"));
        pages.get(&edit).expect(404);
    }
}
