//! The empty form of a kind of file: headers, drop-downs from the code lists, notes, and an example on a sheet of its own,
//! so that the form imports as it is (no rows) and nothing has to be deleted from it.

use std::{collections::HashMap, io::Write};

use rust_xlsxwriter::{Color, DataValidation, DataValidationErrorStyle, Format, Formula, Note, Workbook, Worksheet};

use super::{register_cells::TableError, workbook::properties};
use crate::domain::{
    catalogue::Catalogue,
    interchange::{Column, EXAMPLE_SHEET, Form, Kind},
};

/// Version of the forms, in the documents' properties; rises when columns change.
pub const VERSION: &str = "1";

/// The last row that has drop-downs.
const LAST_ROW: u32 = 20_000;

const CODES: &str = "代码";

/// Writes the form of `kind`.
///
/// # Errors
/// Of the output.
pub fn write<W: Write + Send>(kind: Kind, catalogue: &Catalogue, output: W) -> Result<(), TableError> {
    let columns = kind.columns();
    let mut workbook = Workbook::new();
    workbook.set_properties(
        &properties()?
            .set_title(format!("{}导入模板", kind.label()))
            .set_custom_property("模板版本", VERSION)
            .set_custom_property("模板种类", kind.id()),
    );
    let form = workbook.add_worksheet().set_name(kind.label())?;
    headers(form, columns)?;
    form.set_freeze_panes(1, 0)?;
    for (column, place) in columns.iter().zip(0..) {
        form.set_column_format(place, &cell_format(column.form))?;
        form.insert_note(
            0,
            place,
            &Note::new(remark(column)).add_author_prefix(false).set_width(260),
        )?;
    }
    let choices = choices(columns, catalogue);
    let mut ranges: HashMap<&[String], String> = HashMap::new();
    for (labels, letter) in distinct(&choices).into_iter().zip('A'..='Z') {
        ranges.insert(labels, format!("='{CODES}'!${letter}$1:${letter}${}", labels.len()));
    }
    for (labels, place) in choices.iter().zip(0..) {
        if let Some(range) = ranges.get(labels.as_slice()) {
            let list = DataValidation::new()
                .allow_list_formula(Formula::new(range))
                .set_error_style(DataValidationErrorStyle::Warning)
                .set_error_title("不在代码表中")?
                .set_error_message("请从下拉列表中选择")?;
            form.add_data_validation(1, place, LAST_ROW, place, &list)?;
        }
    }

    example(workbook.add_worksheet(), columns)?;
    notes(workbook.add_worksheet(), kind)?;
    let codes = workbook.add_worksheet().set_name(CODES)?.set_hidden(true);
    for (labels, place) in distinct(&choices).into_iter().zip(0..) {
        for (label, row) in labels.iter().zip(0..) {
            codes.write_string(row, place, label)?;
        }
    }
    Ok(workbook.save_to_writer(output)?)
}

fn headers(sheet: &mut Worksheet, columns: &[Column]) -> Result<(), TableError> {
    let plain = Format::new().set_bold().set_background_color(Color::RGB(0xE7_E6E6));
    let required = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0xFF_E699))
        .set_font_color(Color::RGB(0xC0_0000));
    for (column, place) in columns.iter().zip(0..) {
        let format = if column.required { &required } else { &plain };
        sheet.write_string_with_format(0, place, column.header, format)?;
        sheet.set_column_width(place, if column.form == Form::Text { 30.0 } else { 18.0 })?;
    }
    Ok(())
}

/// Text for codes and numbers that a spreadsheet would spoil, dates for dates.
fn cell_format(form: Form) -> Format {
    match form {
        Form::Date => Format::new().set_num_format("yyyy-mm-dd"),
        Form::Amount => Format::new().set_num_format("0.00"),
        Form::Count | Form::Year => Format::new().set_num_format("0"),
        _ => Format::new().set_num_format("@"),
    }
}

/// What may be chosen in each column.
fn choices(columns: &[Column], catalogue: &Catalogue) -> Vec<Vec<String>> {
    columns.iter().map(|c| c.choices(catalogue)).collect()
}

/// The lists that differ, without the empty one.
fn distinct(choices: &[Vec<String>]) -> Vec<&[String]> {
    let mut lists: Vec<&[String]> = Vec::new();
    for labels in choices {
        if !labels.is_empty() && !lists.contains(&labels.as_slice()) {
            lists.push(labels);
        }
    }
    lists
}

fn example(sheet: &mut Worksheet, columns: &[Column]) -> Result<(), TableError> {
    sheet.set_name(EXAMPLE_SHEET)?.set_freeze_panes(1, 0)?;
    headers(sheet, columns)?;
    for (column, place) in columns.iter().zip(0..) {
        sheet.write_string(1, place, column.sample)?;
    }
    Ok(())
}

fn notes(sheet: &mut Worksheet, kind: Kind) -> Result<(), TableError> {
    sheet.set_name("说明")?;
    let bold = Format::new().set_bold();
    sheet
        .set_column_width(0, 26)?
        .set_column_width(1, 8)?
        .set_column_width(2, 26)?
        .set_column_width(3, 70)?;
    let general = [
        format!(
            "{}导入模板，版本 {VERSION}。请在首个工作表中填写，从第 2 行起每行一条；列的次序可变。",
            kind.label()
        ),
        "红字表头为必填列；没有“可省略”字样的列须保留表头，内容可空。“填写示例”中的内容均为虚构，不会被导入。"
            .to_owned(),
    ];
    for (line, row) in general.iter().zip(0..) {
        sheet.write_string(row, 0, line)?;
    }
    for (title, place) in ["表头", "必填", "填什么", "说明"].into_iter().zip(0..) {
        sheet.write_string_with_format(3, place, title, &bold)?;
    }
    for (column, row) in kind.columns().iter().zip(4..) {
        sheet.write_string(row, 0, column.header)?;
        sheet.write_string(row, 1, if column.required { "是" } else { "" })?;
        sheet.write_string(row, 2, form_name(column.form))?;
        let optional = if column.base { "" } else { "（可省略此列）" };
        sheet.write_string(row, 3, format!("{}{optional}", column.note))?;
    }
    Ok(())
}

fn remark(column: &Column) -> String {
    let required = if column.required { "必填。" } else { "" };
    let note = if column.note.is_empty() {
        String::new()
    } else {
        format!("{}。", column.note)
    };
    format!("{required}{}。{note}", form_name(column.form))
}

fn form_name(form: Form) -> &'static str {
    match form {
        Form::Text => "文字",
        Form::Identifier => "编号或代码（文本）",
        Form::CreditCode => "统一社会信用代码（文本）",
        Form::Code(_) | Form::EndGround | Form::State | Form::ReferenceKind => "从下拉列表选择",
        Form::Codes(_) => "代码表中的名称，可多项",
        Form::YesNo => "是或否",
        Form::Date => "日期，如 2025-01-03",
        Form::Moment => "时间，如 2025-01-03 10:00",
        Form::Amount => "金额（元）",
        Form::Count => "整数",
        Form::Year => "四位年份",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, SheetVisible, Xlsx};

    use super::*;
    use crate::config::embedded_catalogue;

    #[test]
    fn a_form_has_headers_an_example_and_its_codes() {
        let catalogue = embedded_catalogue().unwrap();
        for kind in Kind::ALL {
            let mut file = Cursor::new(Vec::new());
            write(kind, &catalogue, &mut file).unwrap();
            let mut book = Xlsx::new(file).unwrap();
            let sheets: Vec<_> = book
                .sheets_metadata()
                .iter()
                .map(|s| (s.name.clone(), s.visible))
                .collect();
            assert_eq!(sheets[0].0, kind.label());
            assert_eq!(sheets[3], (CODES.to_owned(), SheetVisible::Hidden));
            let form = book.worksheet_range(kind.label()).unwrap();
            let headers: Vec<String> = form.rows().next().unwrap().iter().map(ToString::to_string).collect();
            assert_eq!(headers, kind.columns().iter().map(|c| c.header).collect::<Vec<_>>());
            assert_eq!(form.height(), 1);
            let example = book.worksheet_range("填写示例").unwrap();
            for (column, sample) in kind.columns().iter().zip(example.rows().nth(1).unwrap()) {
                assert_eq!(
                    sample,
                    &if column.sample.is_empty() {
                        Data::Empty
                    } else {
                        Data::String(column.sample.into())
                    }
                );
            }
            if kind == Kind::Register {
                let codes = book.worksheet_range(CODES).unwrap();
                assert!(codes.rows().any(|r| r.contains(&Data::String("委托开发".into()))));
            }
        }
    }
}
