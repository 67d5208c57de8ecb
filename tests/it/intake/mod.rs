//! Files in and out: the register's round trip, wrong cells, broken files.

mod broken;
mod cases;
mod errors;
mod offices;
mod round_trip;
mod stored;
mod tables;

use std::{path::PathBuf, process::Output};

use crate::{
    statistics::awkward::HEADERS,
    support::{App, Cell, FileFormat, Sheet, dengji},
};

/// A confirmed contract as a row of the register; `changes` by header.
pub fn contract(number: &str, changes: &[(&str, &str)]) -> Vec<Cell> {
    let value = |header: &str| match header {
        "登记编号" => number,
        "合同名称" => "棉田残膜回收装备研制",
        "合同类别" => "技术开发",
        "合同子类" => "委托开发",
        "归属单位" => "八师",
        "登记机构" => "八师技术合同登记站",
        "卖方名称" => "石河子某某科技有限公司",
        "卖方性质" | "买方性质" => "企业法人",
        "卖方行政区划" => "659001",
        "买方名称" => "一师某某农场",
        "买方行政区划" => "659002",
        "买方所属兵团单位" => "一师",
        "签订日期" => "2025-01-03",
        "合同成交额（元）" | "技术交易额（元）" => "1000.00",
        "技术领域" => "农业",
        "计划来源" => "计划外",
        "进出口" => "境内",
        "提交时间" => "2025-01-06T10:00:00+08:00",
        "审核确认时间" => "2025-02-03T10:00:00+08:00",
        "状态" => "已确认",
        _ => "",
    };
    for (header, _) in changes {
        assert!(HEADERS.contains(header), "{header}");
    }
    HEADERS
        .iter()
        .map(|header| {
            changes
                .iter()
                .find(|(h, _)| h == header)
                .map_or_else(|| value(header), |(_, v)| v)
        })
        .map(Cell::from)
        .collect()
}

/// A contract that has no number yet.
pub fn unnumbered(state: &str, changes: &[(&str, &str)]) -> Vec<Cell> {
    let mut all = vec![("状态", state), ("审核确认时间", "")];
    all.extend(changes);
    contract("", &all)
}

pub fn register(rows: Vec<Vec<Cell>>) -> Sheet {
    Sheet {
        headers: HEADERS.to_vec(),
        rows,
    }
}

/// A sheet of texts.
pub fn texts(headers: &[&'static str], rows: &[&[&str]]) -> Sheet {
    Sheet {
        headers: headers.to_vec(),
        rows: rows
            .iter()
            .map(|row| row.iter().map(|text| Cell::from(*text)).collect())
            .collect(),
    }
}

/// Writes a sheet as UTF-8.
pub fn file(app: &App, name: &str, sheet: &Sheet) -> PathBuf {
    sheet.write(app.folder.path(), name, FileFormat::Utf8)
}

/// Runs the program with this store.
pub fn program(app: &App, arguments: &[&str]) -> Output {
    dengji(&app.url, app.folder.path()).args(arguments).output().unwrap()
}

/// The ledger's last sequence and hash.
pub fn head(app: &App) -> (i64, String) {
    let head = app.block_on(dengji::usecases::ledger::head(&app.ctx)).unwrap();
    (head.sequence, head.hash)
}
