//! `/reports/annual/{year}`: the report as documents.

use serde_json::json;

use crate::support::{App, Person, both};

const PATH: &str = "/reports/annual/2025";

both! {
    fn the_report_comes_in_every_form(app: &App) {
        app.import_whole_sample();
        let statistician = app.person(Person::Statistician);
        let page = statistician.get(PATH);
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
        assert!(page.header("content-disposition").unwrap().starts_with("inline"));
        for said in ["2025 年兵团技术市场统计年报", "108310.04", "表 5", "图 10", "石河子大学"] {
            assert!(page.text.contains(said), "{said}");
        }
        for (format, media_type, start) in [
            ("pdf", "application/pdf", "%PDF-"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK"),
            ("csv", "text/csv; charset=utf-8", "\u{feff}"),
            ("json", "application/json", "{\"year\":2025"),
        ] {
            let document = statistician.get(&format!("{PATH}?format={format}"));
            assert_eq!((document.status, document.header("content-type")), (200, Some(media_type)), "{format}");
            assert!(document.text.starts_with(start), "{format}");
            if format != "json" {
                let name = document.header("content-disposition").unwrap();
                assert!(name.starts_with("attachment") && name.contains(&format!(".{format}")), "{name}");
            }
        }

        let month = statistician.get(&format!("{PATH}?month=6"));
        assert!(month.text.contains("月报") && month.text.contains("2025 年 6 月"), "{}", &month.text[..2000]);
        let quarter = statistician.get(&format!("{PATH}?quarter=2"));
        assert!(quarter.text.contains("季报"));

        // What the report says follows what staff add.
        let paragraph = json!({"chapter": "summary", "text": "全年成交 {{total.amount|yi_yuan|2}} 亿元，<b>另</b>有 12 项待审。"});
        statistician.post(&format!("{PATH}/paragraphs"), &paragraph).expect(201);
        let page = statistician.get(PATH).text;
        assert!(page.contains("&lt;b&gt;另&lt;/b&gt;有 12 项待审") && !page.contains("<b>另"), "a paragraph is words, whatever it holds");
        assert!(page.contains("12 项"));
    }

    fn an_office_calls_itself_and_its_market_by_its_own_names(app: &App) {
        let file = include_str!("../../../config/report.toml")
            .replace("兵团科技发展促进中心", "某省技术市场管理办公室")
            .replace("region = \"兵团\"", "region = \"某省\"");
        let app = &App::start_with_data(app.backend, "2026-06-15T12:00:00+08:00", &[("report.toml", &file)]);
        let page = app.person(Person::Statistician).get(PATH).text;
        assert!(page.contains("2025 年某省技术市场统计年报") && page.contains("某省技术市场管理办公室"), "{page}");
        assert!(!page.contains("兵团科技发展促进中心"));
    }

    fn who_may_not_read_statistics_gets_no_report(app: &App) {
        for person in [Person::Registrar, Person::Expert, Person::Administrator] {
            app.person(person).get(PATH).expect_problem(403, "forbidden");
        }
        let statistician = app.person(Person::Statistician);
        statistician.get(&format!("{PATH}?format=doc")).expect_problem(422, "invalid");
        statistician.get(&format!("{PATH}?month=13")).expect_problem(422, "invalid");
        statistician.get(&format!("{PATH}?edition=1")).expect_problem(404, "not-found");
        statistician.get("/reports/annual/99999").expect_problem(422, "invalid");
    }
}
