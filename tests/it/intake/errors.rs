//! A file with every kind of wrong cell: all are named, each on a line of its own, and nothing of the file is stored.

use std::path::Path;

use super::{contract, head, program, register, texts};
use crate::support::{Cell, FileFormat, Sheet, both, credit_code};

/// What a line of standard error says: row, column, value, rule.
type Told = (u32, String, String, String);

/// The lines about wrong cells of a file; every other line is the summary.
fn told(stderr: &str, path: &Path) -> (Vec<Told>, Vec<String>) {
    let start = format!("{}：", path.display());
    let (mut cells, mut others) = (Vec::new(), Vec::new());
    for line in stderr.lines() {
        let Some(rest) = line.strip_prefix(&start) else {
            continue;
        };
        let Some((row, rest)) = rest.strip_prefix("第 ").and_then(|r| r.split_once(" 行，")) else {
            others.push(rest.to_owned());
            continue;
        };
        let (column, rest) = rest.split_once("，“").unwrap_or_else(|| panic!("{line}"));
        let (value, rest) = rest.split_once("”：").unwrap_or_else(|| panic!("{line}"));
        let (rule, code) = rest.rsplit_once('（').unwrap_or_else(|| panic!("{line}"));
        assert!(!rule.is_empty(), "{line}");
        let column = column.trim_start_matches('“').trim_end_matches("”列");
        cells.push((
            row.parse().unwrap(),
            column.to_owned(),
            value.to_owned(),
            code.trim_end_matches('）').to_owned(),
        ));
    }
    (cells, others)
}

fn expected(cells: &[(u32, &str, &str, &str)]) -> Vec<Told> {
    let own = |text: &str| text.to_owned();
    cells
        .iter()
        .map(|(row, column, value, code)| (*row, own(column), own(value), own(code)))
        .collect()
}

const REQUIRED: [&str; 11] = [
    "合同名称",
    "合同类别",
    "归属单位",
    "合同成交额（元）",
    "技术领域",
    "计划来源",
    "卖方名称",
    "卖方性质",
    "买方名称",
    "签订日期",
    "状态",
];

/// The file, and what is wrong with it.
fn wrong() -> (Sheet, Vec<Told>) {
    let sound = credit_code("91659001", 7);
    let last = if sound.ends_with('0') { "1" } else { "0" };
    let bent = format!("{}{last}", &sound[..17]);
    let empty: Vec<(&str, &str)> = REQUIRED.iter().map(|header| (*header, "")).collect();
    let rows = vec![
        // 2
        contract("1", &[("合同名称", "跨行的\n名称"), ("卖方统一社会信用代码", &sound)]),
        // 3: blank, and counted
        contract("", &[]).iter().map(|_| Cell::from("")).collect(),
        // 4
        contract(
            "2",
            &[
                ("合同类别", "技术研发"),
                ("归属单位", "十五师"),
                ("技术领域", "农\n药"),
                ("状态", "已批准"),
            ],
        ),
        // 5
        contract(
            "3",
            &[
                ("签订日期", "2025-02-30"),
                ("合同开始日期", "明天"),
                ("提交时间", "25:00"),
                ("审核确认时间", "2025-13-01T00:00:00Z"),
            ],
        ),
        // 6
        contract(
            "4",
            &[
                ("合同成交额（元）", "壹仟"),
                ("技术交易额（元）", "1.234"),
                ("非技术性费用（元）", "-5"),
            ],
        ),
        // 7
        contract("5", &[("技术交易额（元）", "1000.01")]),
        // 8
        contract("6", &[("技术交易额（元）", "600"), ("非技术性费用（元）", "399.99")]),
        // 9
        contract("7", &[("卖方统一社会信用代码", &bent), ("买方统一社会信用代码", "123")]),
        // 10
        contract("1", &[]),
        // 11
        contract("", &[("审核确认时间", "")]),
        // 12
        contract("8", &[("状态", "已撤销"), ("撤销或注销原因", "合同解除")]),
        // 13
        contract(
            "9",
            &[
                ("状态", "已注销"),
                ("撤销或注销时间", "2024-01-01"),
                ("撤销或注销原因", "弄虚作假"),
            ],
        ),
        // 14
        contract(
            "10",
            &[
                ("撤销或注销时间", "2025-12-01"),
                ("卖方国别", "XYZ"),
                ("专家论证", "也许"),
                ("买方行政区划", "659A01"),
            ],
        ),
        // 15
        contract("", &empty),
        // 16
        contract(
            "11",
            &[
                ("合同子类", "技术培训"),
                ("合同成交额（元）", "1,00.00"),
                ("技术交易额（元）", ""),
                ("计划来源", "自筹"),
            ],
        ),
        // 17
        contract(
            "编号12",
            &[
                ("知识产权", "专利"),
                ("支付方式", "赊账"),
                ("进出口", "走私"),
                ("社会经济目标", "赚钱"),
            ],
        ),
        // 18
        contract("13", &[]),
    ];
    let mut told = vec![
        (4, "合同类别", "技术研发", "unknown_label"),
        (4, "归属单位", "十五师", "unknown_label"),
        (4, "技术领域", "农⏎药", "unknown_label"),
        (4, "状态", "已批准", "unknown_label"),
        (5, "签订日期", "2025-02-30", "unreadable_date"),
        (5, "合同开始日期", "明天", "unreadable_date"),
        (5, "提交时间", "25:00", "unreadable_time"),
        (5, "审核确认时间", "2025-13-01T00:00:00Z", "unreadable_time"),
        (6, "合同成交额（元）", "壹仟", "unreadable_amount"),
        (6, "技术交易额（元）", "1.234", "unreadable_amount"),
        (6, "非技术性费用（元）", "-5", "negative_amount"),
        (7, "技术交易额（元）", "1000.01", "technology_above_total"),
        (8, "技术交易额（元）", "600", "amounts_do_not_add_up"),
        (9, "卖方统一社会信用代码", bent.as_str(), "uscc_check"),
        (9, "买方统一社会信用代码", "123", "uscc_check"),
        (10, "登记编号", "1", "duplicate_number"),
        (11, "登记编号", "", "required"),
        (11, "审核确认时间", "", "required"),
        (12, "撤销或注销时间", "", "required"),
        (12, "撤销或注销原因", "合同解除", "unknown_label"),
        (13, "撤销或注销时间", "2024-01-01", "end_before_confirmation"),
        (13, "撤销或注销原因", "弄虚作假", "unknown_label"),
        (14, "撤销或注销时间", "2025-12-01", "contradicts_state"),
        (14, "卖方国别", "XYZ", "unknown_label"),
        (14, "专家论证", "也许", "unknown_label"),
        (14, "买方行政区划", "659A01", "region_form"),
        (16, "合同子类", "技术培训", "subtype_not_of_type"),
        (16, "合同成交额（元）", "1,00.00", "unreadable_amount"),
        (16, "计划来源", "自筹", "unknown_label"),
        (17, "登记编号", "编号12", "identifier_form"),
        (17, "知识产权", "专利", "unknown_label"),
        (17, "支付方式", "赊账", "unknown_label"),
        (17, "进出口", "走私", "unknown_label"),
        (17, "社会经济目标", "赚钱", "unknown_label"),
    ];
    told.extend(REQUIRED.iter().map(|header| (15, *header, "", "required")));
    (register(rows), expected(&told))
}

fn sorted(mut cells: Vec<Told>) -> Vec<Told> {
    cells.sort();
    cells
}

both! {
    fn every_wrong_cell_is_named(app: &App) {
        let (sheet, errors) = wrong();
        let right = register(vec![contract("20", &[]), contract("21", &[])]);
        let right = right.write(app.folder.path(), "right", FileFormat::Utf8);
        let also_right = register(vec![contract("22", &[])]).write(app.folder.path(), "also", FileFormat::Xlsx);
        let paths: Vec<_> = FileFormat::ALL.iter().map(|format| sheet.write(app.folder.path(), "wrong", *format)).collect();
        for path in &paths {
            // Checked only, then in earnest: the same is said, and nothing is stored.
            for dry_run in [&["--dry-run"][..], &[]] {
                let arguments = [&["import", "--kind", "register"], dry_run, &[path.to_str().unwrap()]].concat();
                let output = program(app, &arguments);
                let stderr = String::from_utf8(output.stderr).unwrap();
                assert_eq!(output.status.code(), Some(1), "{stderr}");
                assert!(output.stdout.is_empty());
                let (cells, others) = told(&stderr, path);
                assert_eq!(sorted(cells), sorted(errors.clone()), "{}", path.display());
                let joined = "提示：第 2 行，“合同名称”列，“跨行的⏎名称”：单元格内有换行，已连成一行，请核对（line_break）";
                let failed = format!("文件有 {} 处错误，未导入任何内容。", errors.len());
                assert_eq!(others, [joined, &failed]);
                assert_eq!(stderr.lines().count(), errors.len() + 2, "{stderr}");
                assert_eq!(head(app).0, 0);
            }
        }
        // The other files of the command go in.
        let names = [&right, &paths[0], &also_right].map(|p| p.to_str().unwrap());
        let checked = program(app, &[&["import", "--kind", "register", "--dry-run", "--format", "json"], &names[..]].concat());
        assert_eq!((checked.status.code(), head(app).0), (Some(1), 0));
        let done = program(app, &[&["import", "--kind", "register", "--format", "json"], &names[..]].concat());
        assert_eq!(done.status.code(), Some(1));
        let lines = |stdout: Vec<u8>| -> Vec<serde_json::Value> {
            String::from_utf8(stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        // The last file makes the agency only where the first one did not: that is told of a check alone.
        let (mut checked, mut lines) = (lines(checked.stdout), lines(done.stdout));
        assert_eq!((&checked[1]["notices"][0]["code"], &lines[1]["notices"]), (&serde_json::json!("new_agency"), &serde_json::json!([])));
        for line in checked.iter_mut().chain(&mut lines) {
            line["notices"] = serde_json::json!([]);
        }
        assert_eq!(lines, checked);
        let added: Vec<_> = lines.iter().map(|line| (line["file"].as_str().unwrap(), line["added"].as_u64())).collect();
        assert_eq!(added, [(names[0], Some(2)), (names[2], Some(1))]);
        // Three rows, and the agency that they name.
        assert_eq!(head(app).0, 4);
    }

    fn the_other_kinds_name_their_cells_too(app: &App) {
        let registrars = ["证书编号", "姓名", "登记机构", "机构代码", "发证日期", "有效期至", "最近继续教育日期"];
        let activities = ["种类", "日期", "名称", "师市院校", "场次", "人次", "其中兵团系统人次", "项数"];
        let reference = ["指标", "年度", "数值（元）", "说明"];
        let cases: [(&str, Sheet, Vec<Told>); 3] = [
            (
                "registrars",
                texts(&registrars, &[
                    &["", "甲", "", "66001", "2025-01-01", "2024-01-01", "x"],
                    &["C 1", "", "站", "660001", "", "", ""],
                ]),
                expected(&[
                    (2, "证书编号", "", "required"),
                    (2, "登记机构", "", "required"),
                    (2, "机构代码", "66001", "agency_code_form"),
                    (2, "有效期至", "2024-01-01", "end_before_begin"),
                    (2, "最近继续教育日期", "x", "unreadable_date"),
                    (3, "证书编号", "C 1", "identifier_form"),
                    (3, "姓名", "", "required"),
                    (3, "发证日期", "", "required"),
                ]),
            ),
            (
                "activities",
                texts(&activities, &[&["晚会", "2025", "", "六师", "半", "1", "2", "-1"]]),
                expected(&[
                    (2, "种类", "晚会", "unknown_label"),
                    (2, "日期", "2025", "unreadable_date"),
                    (2, "名称", "", "required"),
                    (2, "场次", "半", "unreadable_count"),
                    (2, "其中兵团系统人次", "2", "part_above_whole"),
                    (2, "项数", "-1", "unreadable_count"),
                ]),
            ),
            (
                "reference",
                texts(&reference, &[&["利润", "20年", "", ""]]),
                expected(&[
                    (2, "指标", "利润", "unknown_label"),
                    (2, "年度", "20年", "unreadable_year"),
                    (2, "数值（元）", "", "required"),
                ]),
            ),
        ];
        for (kind, sheet, errors) in cases {
            for format in FileFormat::ALL {
                let path = sheet.write(app.folder.path(), kind, format);
                let output = program(app, &["import", "--kind", kind, path.to_str().unwrap()]);
                let stderr = String::from_utf8(output.stderr).unwrap();
                assert_eq!(output.status.code(), Some(1));
                assert_eq!(sorted(told(&stderr, &path).0), sorted(errors.clone()), "{stderr}");
            }
        }
        assert_eq!(head(app).0, 0);
    }
}
