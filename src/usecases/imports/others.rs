//! Rows of follow-up surveys, activities and reference figures.

use serde::Serialize;
use serde_json::json;

use super::run::Taker;
use crate::{
    domain::{
        follow_up,
        interchange::{ActivityRow, FollowUpRow, ReferenceRow},
        ledger::{Change, canonical},
    },
    storage::{imports, surveys},
    usecases::Error,
};

/// What to do with a row.
enum Verdict {
    Add,
    Replace,
    Leave,
}

impl Taker<'_> {
    /// Compares a row with what is there; names it where it differs and may not replace.
    fn weigh<T: PartialEq>(
        &mut self,
        row: u32,
        known: Option<&T>,
        record: &T,
        (column, value): (&str, &str),
    ) -> Result<Verdict, Error> {
        Ok(match known {
            Some(known) if known == record => {
                self.done.unchanged += 1;
                Verdict::Leave
            }
            Some(_) if !self.request.update => {
                let detail = "已有同一记录，内容不同；如确需更正，请允许更正已有记录（命令行加 --update）";
                self.wrong(row, column, value, "changed", detail)?;
                Verdict::Leave
            }
            _ if !self.writes() => Verdict::Leave,
            Some(_) => {
                self.done.updated += 1;
                Verdict::Replace
            }
            None => {
                self.done.added += 1;
                Verdict::Add
            }
        })
    }

    fn enter_row<T: Serialize>(&mut self, row: u32, action: &str, known: Option<&T>, record: &T) -> Result<(), Error> {
        let change = Change {
            pointer: String::new(),
            from: json!(known),
            to: json!(record),
        };
        self.enter(row, action, None, (None, None), vec![change])
    }

    pub(super) fn take_follow_up(&mut self, row: u32, record: &FollowUpRow) -> Result<(), Error> {
        const NUMBER: &str = "登记编号";
        let number = &record.registration_number;
        let Some(contract) = surveys::contents_by_number(self.db, &[number])?.remove(number) else {
            let detail = "登记簿中没有这个登记编号；请先导入登记台账";
            return self.wrong(row, NUMBER, number, "unknown_number", detail);
        };
        // A survey records what people answered: what is doubtful is counted and shown, and refuses nothing.
        let doubtful = !follow_up::checks(record, &contract, &self.ctx.catalogue).is_empty();
        self.done.flagged += u64::from(doubtful);
        let known = surveys::find_follow_up(self.db, number, record.survey_year)?.map(|kept| kept.row);
        match self.weigh(row, known.as_ref(), record, (NUMBER, number))? {
            Verdict::Leave => Ok(()),
            Verdict::Add | Verdict::Replace => {
                let version = self.next_version();
                surveys::put_follow_up(self.db, record, version)?;
                self.enter_row(row, "import_follow_up", known.as_ref(), record)
            }
        }
    }

    pub(super) fn take_activity(&mut self, row: u32, record: &ActivityRow) -> Result<(), Error> {
        let identity = (&record.kind, record.held_on, &record.name, &record.unit);
        let key = canonical(&identity).map_err(Error::internal)?;
        let occurrence = imports::count(self.db, &key, i64::from(row))? - 1;
        let known = surveys::find_activity(self.db, record, occurrence)?;
        match self.weigh(row, known.as_ref(), record, ("名称", &record.name))? {
            Verdict::Leave => Ok(()),
            Verdict::Add | Verdict::Replace => {
                let version = self.next_version();
                surveys::put_activity(self.db, record, occurrence, version)?;
                self.enter_row(row, "import_activity", known.as_ref(), record)
            }
        }
    }

    pub(super) fn take_reference(&mut self, row: u32, record: &ReferenceRow) -> Result<(), Error> {
        let known = surveys::find_reference(self.db, &record.kind, record.year)?.map(|kept| kept.row);
        match self.weigh(row, known.as_ref(), record, ("指标", &record.kind))? {
            Verdict::Leave => Ok(()),
            Verdict::Add | Verdict::Replace => {
                let version = self.next_version();
                surveys::put_reference(self.db, record, version)?;
                self.enter_row(row, "import_reference", known.as_ref(), record)
            }
        }
    }
}
