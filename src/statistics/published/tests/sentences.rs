//! Sentences and small tables with the figures that they surely tell.

use super::*;

/// A paragraph's figures that are surely understood, then those that are not, then the numbers that nobody understands.
fn told_by(text: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let outline = Outline {
        blocks: text.split('\n').map(|line| Block::Paragraph(line.to_owned())).collect(),
    };
    let found = read_whole(&outline, &catalogue());
    let (sure, unsure): (Vec<_>, Vec<_>) = found.statements.iter().partition(|said| said.is_sure);
    let words = |said: Vec<&Statement>| -> Vec<String> {
        let said = said.into_iter();
        said.map(|said| format!("{} {}", said.figure, said.printed.text))
            .collect()
    };
    let unread = found.unread.into_iter().map(|unread| unread.text).collect();
    (words(sure), words(unsure), unread)
}

#[test]
fn what_is_registered_in_the_year_is_surely_the_whole() {
    for text in [
        "2025年认定登记技术合同1134项，成交额10.38亿元。",
        "认定登记技术合同1134项，成交额10.38亿元。",
        "2025年，全兵团共认定登记技术合同1134项，成交额10.38亿元。",
        "2025年共登记技术合同1134项、成交额10.38亿元。",
    ] {
        let (sure, unsure, unread) = told_by(text);
        let expected = ["total.contracts 1134", "total.amount 10.38"].map(str::to_owned);
        assert_eq!((sure, unsure.len(), unread.len()), (expected.into(), 0, 0), "{text}");
    }
}

#[test]
fn a_count_with_a_qualifier_behind_it_is_not_the_total() {
    for (text, figures) in [
        ("全年有19项合同经过专家论证。", &["expert_reviews.contracts 19"][..]),
        ("全年有3项合同为技术进口。", &["imports.contracts 3"]),
        ("全年共有138项合同来自八师。", &["units.div_08.contracts 138"]),
        ("全年有263项合同的卖方为高校。", &["sellers.university.contracts 263"]),
        ("全年登记391项技术开发合同。", &["types.development.contracts 391"]),
        ("全年有18项合同被撤销登记。", &["revocations.contracts 18"]),
        (
            "全年认定登记技术合同1134项，其中263项来自高校。",
            &["total.contracts 1134", "sellers.university.contracts 263"],
        ),
        ("撤销18项合同。其中4项为重复登记。", &["revocations.contracts 18"]),
        ("全年登记技术合同1134项，其中357项为新签。", &["total.contracts 1134"]),
        ("全年有30项合同经过现场核查。", &[]),
        ("全年有12项合同的买方为高校。", &[]),
        ("全年有12项合同来自八师的民营企业。", &[]),
        ("全年有9项合同来自八师和九师。", &[]),
        ("八师有30项为技术开发。", &[]),
        ("认定登记技术合同19项经过专家论证。", &["expert_reviews.contracts 19"]),
        ("全年有2.3亿元来自疆外地区。", &["flows.outside_xinjiang.amount 2.3"]),
        ("全年有1134项技术合同通过认定登记。", &["total.contracts 1134"]),
        ("全年登记1134项，创历史新高。", &["total.contracts 1134"]),
        ("全年登记技术合同1134项再上台阶。", &["total.contracts 1134"]),
        ("全年登记1134项同比增长45.9%。", &["total.contracts 1134"]),
    ] {
        let (sure, unsure, _) = told_by(text);
        let sure: Vec<&str> = sure
            .iter()
            .map(String::as_str)
            .filter(|told| !told.contains("growth"))
            .collect();
        assert_eq!((sure.as_slice(), unsure.len()), (figures, 0), "{text}");
    }
}

#[test]
fn what_reports_say_in_other_words_is_understood() {
    for (text, figures) in [
        (
            "进入2025年，登记量升至1 134份，成交金额达到108 310.04万元。",
            &["total.contracts 1134", "total.amount 108310.04"][..],
        ),
        (
            "年均增速27.5%，总量已是2020年的3.4倍。",
            &["period.average_growth 27.5", "period.multiple_of_base 3.4"],
        ),
        (
            "单份合同均值95.51万元，中位数仅26.5万元。",
            &["contract_amounts.mean 95.51", "contract_amounts.median 26.5"],
        ),
        (
            "排名前十的合同合计占去成交额的25.8%。",
            &["concentration.top_10_share 25.8"],
        ),
        (
            "南疆四师一校合计268份、2.4亿元，占全兵团的二成七。",
            &[
                "regions.south.contracts 268",
                "regions.south.amount 2.4",
                "regions.south.share 27",
            ],
        ),
        (
            "北疆成交额是南疆的3.5倍，上年这一数字为5.5倍。",
            &["regions.north_to_south 3.5", "regions.previous_north_to_south 5.5"],
        ),
        (
            "计划内项目490个，成交额4.85亿元，占四成半（44.8%）。",
            &[
                "plan.plan_funded.contracts 490",
                "plan.plan_funded.amount 4.85",
                "plan.plan_funded.share 45",
                "plan.plan_funded.share 44.8",
            ],
        ),
        (
            "高校成交额1.83亿元，占比不足两成，为16.9%。",
            &[
                "sellers.university.amount 1.83",
                "sellers.university.share 20",
                "sellers.university.share 16.9",
            ],
        ),
        (
            "500万元以上的大单38笔，金额5.06亿元，以3%的份数贡献了46.7%的成交额。",
            &["large.contracts 38", "large.amount 5.06", "large.share 46.7"],
        ),
        (
            "跟踪显示，涉税合同履约率93.0%，资金到账率61.0%。",
            &["follow_up.fulfilment_rate 93.0", "follow_up.collection_rate 61.0"],
        ),
        (
            "减免增值税400.68万元、企业所得税833.65万元，两税合计1234.34万元。",
            &[
                "follow_up.vat_exempted 400.68",
                "follow_up.income_tax_reduced 833.65",
                "follow_up.tax_relief 1234.34",
            ],
        ),
        (
            "领取奖酬金2232.97万元，惠及1626人次。",
            &["follow_up.reward_paid 2232.97", "follow_up.persons_rewarded 1626"],
        ),
        ("八师、九师合计登记合同150项。", &["units.div_08+div_09.contracts 150"]),
        ("（1）合同类型。", &[]),
        ("①登记情况良好。", &[]),
    ] {
        let (sure, unsure, unread) = told_by(text);
        let left: Vec<&String> = unread.iter().filter(|text| *text != "3%").collect();
        assert_eq!(
            (
                sure.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
                unsure.len(),
                left.len()
            ),
            (figures, 0, 0),
            "{text} {unsure:?} {unread:?}"
        );
    }
}

#[test]
fn heads_that_say_a_unit_a_band_or_a_change_are_understood() {
    let figures = |caption: &str, rows: &[&str]| {
        understood(&bars(caption, rows))
            .0
            .into_iter()
            .map(|(figure, _)| figure)
            .collect::<Vec<_>>()
    };
    let fields = [
        "技术领域 | 项 | 万元 | 占比（小数）",
        "农业 | 551 | 37473.29 | 0.346",
        "电子信息 | 118 | 13520.11 | 0.125",
    ];
    let found = figures("附表三 按领域", &fields);
    for figure in ["contracts", "amount", "share"] {
        assert!(found.contains(&format!("fields.agriculture.{figure}")), "{found:?}");
    }
    // 万元 of something else is no amount of contracts.
    let found = figures("附表三 各领域技术交易额", &fields);
    assert!(!found.contains(&"fields.agriculture.amount".to_owned()), "{found:?}");
    let found = figures(
        "",
        &[
            "规模 | 10万元以下 | 10万-100万 | 100万元以上 | 1000万元以下",
            "项数 | 290 | 642 | 202 | 1121",
            "金额（亿元） | 0.12 | 2.19 | 8.52 | 7.65",
        ],
    );
    let expected = ["under_100k", "from_1m", "under_10m"]
        .map(|band| [format!("bands.{band}.contracts"), format!("bands.{band}.amount")]);
    assert!(
        expected.iter().flatten().all(|figure| found.contains(figure)) && found.len() == 6,
        "{found:?}"
    );
    let found = figures(
        "",
        &[
            "卖方主体 | 份数（份） | 金额（万元） | 份额（%） | 较上年（±%）",
            "高校 | 263 | 18287.62 | 16.9 | +24.8",
            "科研院所 | 174 | 10504.94 | 9.7 | ▼17.3",
        ],
    );
    assert!(
        found.contains(&"sellers.university.growth".to_owned()) && found.len() == 8,
        "{found:?}"
    );
    // Beside the number of contracts it may be theirs.
    let found = figures(
        "",
        &[
            "卖方主体 | 份数（份） | 同比（%）",
            "高校 | 263 | 24.8",
            "科研院所 | 174 | 17.3",
        ],
    );
    assert!(!found.iter().any(|figure| figure.ends_with("growth")), "{found:?}");
    let found = figures(
        "",
        &[
            "年份 | 项数 | 成交额（亿元） | 其中：南疆（亿元）",
            "2024年 | 777 | 8.14 | 1.25",
            "2025年 | 1134 | 10.83 | 2.40",
        ],
    );
    assert!(found.contains(&"series.2025.south_amount".to_owned()), "{found:?}");
}

#[test]
fn a_heading_whose_number_only_a_blank_parts_is_a_place() {
    let outline = Outline {
        blocks: vec![
            Block::Heading("二〇二五年度监测报告".to_owned()),
            Block::Heading("2 谁在卖".to_owned()),
            Block::Paragraph("全兵团登记技术合同1134项。".to_owned()),
        ],
    };
    assert_eq!(read_whole(&outline, &catalogue()).statements[0].place, "2 谁在卖");
}
