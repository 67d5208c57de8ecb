//! The frame of every import.

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    sync::Arc,
};

use super::preview::{Preview, Previewing};
use crate::{
    domain::{
        account::Role,
        contract::Agency,
        interchange::{Kind, Row},
        ledger::{Act, Change},
        time::Moment,
    },
    intake::{self, CellError, Progress, Sink},
    storage::{
        Db, Retryable, StoreError, imports,
        ledger::{self, Head},
    },
    usecases::{Context, Error, messages},
};

/// New agencies that a notice names.
const NAMED_AGENCIES: usize = 30;

/// What is to be imported.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who imports, as the ledger names them.
    pub actor: String,
    /// Role acted in; none on the command line.
    pub role: Option<Role>,
    /// Kind of file.
    pub kind: Kind,
    /// Where the file is.
    pub path: PathBuf,
    /// How it is called in the ledger.
    pub file_name: String,
    /// Whether a row that differs from what is there replaces it.
    pub update: bool,
    /// Whether to check only.
    pub dry_run: bool,
    /// Who answers for changing what was ever confirmed.
    pub approval: Approval,
}

/// Who answers for changing what was ever confirmed; an import that only adds asks nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// The operator at the machine, who says why; where no reason is given, nothing of the kind is changed.
    Operator {
        /// Why, in words.
        reason: Option<String>,
    },
    /// A reviewer: where none has approved these very differences, nothing is changed, and they are previewed.
    Reviewer {
        /// Why, in the words of who handed the file in.
        reason: Option<String>,
        /// What was approved.
        approved: Option<Approved>,
    },
}

/// What a reviewer approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// What the reviewer is called.
    pub by: String,
    /// Digest of the differences.
    pub digest: String,
}

impl Approval {
    /// What every entry of the import says beside file and row.
    fn words(&self) -> Option<String> {
        match self {
            Self::Operator { reason } => reason.clone(),
            Self::Reviewer { reason, approved } => {
                let approved = approved.as_ref().map(|a| format!("审核员 {} 批准", a.by));
                let said: Vec<String> = reason.iter().cloned().chain(approved).collect();
                (!said.is_empty()).then(|| said.join("；"))
            }
        }
    }

    /// Whether what differs is previewed to a reviewer.
    const fn previews(&self) -> bool {
        matches!(self, Self::Reviewer { .. })
    }
}

/// Told while an import runs.
#[derive(Debug)]
pub enum Event {
    /// The file is read from its beginning; again, where the transaction lost a race: what was told before holds no more.
    Begun,
    /// A wrong cell.
    Error(CellError),
    /// A wrong cell that says something of a contract in the register: not for everyone who may import.
    OfRegister(CellError),
    /// What a person should know of what is taken all the same.
    Notice(CellError),
    /// Rows read so far.
    Rows(u64),
    /// How far reading is.
    Progress(Progress),
}

/// What an import did (or, as a dry run, would do).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows read.
    pub rows: u64,
    /// Rows that were new.
    pub added: u64,
    /// Rows that were there already and the same.
    pub unchanged: u64,
    /// Rows that replaced what was there.
    pub updated: u64,
    /// Rows with something doubtful about them that is no error (follow-up).
    pub flagged: u64,
    /// Of the rows that replaced what was there, those that changed what was ever confirmed.
    pub to_approve: u64,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The file has wrong cells, each told as an [`Event::Error`].
    #[error("文件有 {0} 处错误，未导入任何内容。")]
    Cells(u64),
    /// It would change what was ever confirmed, and nobody says why.
    #[error("文件更正 {0} 项曾经确认的合同，须说明理由（--reason）；未导入任何内容。")]
    ReasonMissing(u64),
    /// It would change what was ever confirmed, and no reviewer has approved these differences.
    #[error("文件更正曾经确认的合同，须经审核员批准；未导入任何内容。")]
    Unapproved(Box<Preview>),
    /// Something else.
    #[error(transparent)]
    Other(#[from] Error),
}

/// Ends the transaction without keeping it.
enum Stop {
    DryRun(Imported),
    Cells(u64),
    ReasonMissing(u64),
    Unapproved(Box<Preview>),
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Error(error.into())
    }
}

impl Retryable for Stop {
    fn is_contention(&self) -> bool {
        matches!(self, Self::Error(e) if e.is_contention())
    }
}

/// Writes down what an import did, within its transaction.
pub(super) type Settle = dyn Fn(&mut Db, Imported) -> Result<(), Error> + Send + Sync;

/// What goes with an import that runs beside other work.
#[derive(Clone)]
pub(super) struct Guard {
    /// Whether the program is told to stop: then the import is undone.
    pub stopped: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Writes down what was done, in the transaction that did it.
    pub settle: Arc<Settle>,
}

/// Imports a file.
///
/// # Errors
/// [`Failure::Cells`] where the file has wrong cells: then nothing was stored.
pub async fn import(
    ctx: &Context,
    request: Request,
    tell: Arc<dyn Fn(Event) + Send + Sync>,
) -> Result<Imported, Failure> {
    let guard = Guard {
        stopped: Arc::new(|| false),
        settle: Arc::new(|_, _| Ok(())),
    };
    import_guarded(ctx, request, tell, guard).await
}

/// The same with a guard.
///
/// # Errors
/// As [`import`]; something else where it was stopped.
pub(super) async fn import_guarded(
    ctx: &Context,
    request: Request,
    tell: Arc<dyn Fn(Event) + Send + Sync>,
    guard: Guard,
) -> Result<Imported, Failure> {
    let context = ctx.clone();
    let done = ctx
        .store
        .write_alone(move |db| {
            tell(Event::Begun);
            imports::begin(db)?;
            let head = ledger::head(db)?;
            let mut taker = Taker {
                head,
                db,
                ctx: &context,
                request: &request,
                tell: tell.as_ref(),
                stopped: guard.stopped.as_ref(),
                now: context.clock.now(),
                agencies: HashMap::new(),
                made: BTreeSet::new(),
                sheets: Vec::new(),
                new_agencies: Vec::new(),
                done: Imported::default(),
                absent: Vec::new(),
                errors: 0,
                preview: match request.approval.previews() && !request.dry_run {
                    true => Some(Previewing::begin()?),
                    false => None,
                },
            };
            taker.take_file()?;
            let (done, errors, preview) = (taker.done, taker.errors, taker.preview);
            imports::end(db)?;
            if errors > 0 {
                return Err(Stop::Cells(errors));
            }
            if request.dry_run {
                return Err(Stop::DryRun(done));
            }
            approve(&request.approval, done, preview)?;
            if request.kind == Kind::Registrars {
                messages::on_certificates_imported(db, &context, &request.file_name, done.added, &request.actor)?;
            }
            (guard.settle)(db, done)?;
            Ok(done)
        })
        .await;
    match done {
        Ok(done) | Err(Stop::DryRun(done)) => Ok(done),
        Err(Stop::Cells(errors)) => Err(Failure::Cells(errors)),
        Err(Stop::ReasonMissing(rows)) => Err(Failure::ReasonMissing(rows)),
        Err(Stop::Unapproved(preview)) => Err(Failure::Unapproved(preview)),
        Err(Stop::Error(error)) => Err(Failure::Other(error)),
    }
}

/// Ends the transaction of an import that changes what was ever confirmed and for which nobody answers; one that a reviewer approved,
/// where it would do anything else than was approved.
fn approve(approval: &Approval, done: Imported, preview: Option<Previewing>) -> Result<(), Stop> {
    match approval {
        Approval::Operator { reason: None } if done.to_approve > 0 => Err(Stop::ReasonMissing(done.to_approve)),
        Approval::Operator { .. } => Ok(()),
        Approval::Reviewer { approved, .. } => {
            let preview = preview.ok_or_else(|| Error::internal("an import without a preview"))?;
            let preview = preview.end(done)?;
            let settled = match approved {
                Some(approved) => approved.digest == preview.digest,
                None => done.to_approve == 0,
            };
            if settled {
                Ok(())
            } else {
                Err(Stop::Unapproved(Box::new(preview)))
            }
        }
    }
}

/// Takes the rows of a file.
pub(super) struct Taker<'a> {
    pub(super) db: &'a mut Db,
    pub(super) ctx: &'a Context,
    pub(super) request: &'a Request,
    pub(super) now: Moment,
    /// Agencies already looked up, by name.
    pub(super) agencies: HashMap<String, Agency>,
    /// Keys of the agencies that this import made.
    pub(super) made: BTreeSet<i64>,
    /// Sheets of the workbook so far, where several are read; the last one is being read.
    sheets: Vec<String>,
    /// Names of agencies that were not there before.
    pub(super) new_agencies: Vec<String>,
    pub(super) done: Imported,
    /// Columns that the file does not have, by their index in the kind's columns.
    pub(super) absent: Vec<usize>,
    tell: &'a (dyn Fn(Event) + Send + Sync),
    stopped: &'a (dyn Fn() -> bool + Send + Sync),
    head: Head,
    errors: u64,
    /// What is to be shown to a reviewer.
    pub(super) preview: Option<Previewing>,
}

impl Taker<'_> {
    fn take_file(&mut self) -> Result<(), Error> {
        let (kind, ctx) = (self.request.kind, self.ctx);
        match intake::open(&self.request.path) {
            Ok(table) => {
                let summary = intake::read(&table, kind, &ctx.catalogue, self)?;
                self.done.rows = summary.rows;
                if self.errors == 0 {
                    self.tell_new_agencies();
                }
                Ok(())
            }
            Err(error) => self.error(CellError::from(&error)),
        }
    }

    /// Whether no earlier row of the file, sound or not, has the key; names the later one where one has.
    fn is_first(&mut self, row: u32, key: &str) -> Result<bool, Error> {
        let place = self.place(row);
        let Some(earlier) = imports::note(self.db, key, place)? else {
            return Ok(true);
        };
        let earlier = self.place_label(earlier);
        let (column, what) = match self.request.kind {
            Kind::Register => ("登记编号", "登记编号"),
            Kind::Registrars => ("证书编号", "证书编号"),
            Kind::FollowUp => ("登记编号", "同一调查年度的登记编号"),
            Kind::Reference | Kind::Activities => ("指标", "指标和年度"),
        };
        let value = key.split_once(' ').map_or(key, |(value, _)| value);
        let detail = format!("{what}与{earlier}重复");
        self.wrong(row, column, value, "duplicate_number", detail)?;
        Ok(false)
    }

    /// Names a wrong cell that only the store could find.
    pub(super) fn wrong(
        &mut self,
        row: u32,
        column: &str,
        value: &str,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Result<(), Error> {
        let error = CellError {
            sheet: self.sheets.last().cloned(),
            column: column.to_owned(),
            value: value.to_owned(),
            ..CellError::of_row(row, code, detail)
        };
        self.error(error.concealed())
    }

    /// As [`Self::wrong`], of what says something of a contract in the register.
    pub(super) fn wrong_by_register(
        &mut self,
        row: u32,
        column: &str,
        value: &str,
        code: &'static str,
        detail: String,
    ) -> Result<(), Error> {
        self.go_on()?;
        self.errors += 1;
        let error = CellError {
            sheet: self.sheets.last().cloned(),
            column: column.to_owned(),
            value: value.to_owned(),
            ..CellError::of_row(row, code, detail)
        };
        (self.tell)(Event::OfRegister(error.concealed()));
        Ok(())
    }

    /// Tells what a person should know of a row that is taken all the same.
    pub(super) fn tell_of_row(&self, row: u32, code: &'static str, detail: String) {
        let notice = CellError {
            sheet: self.sheets.last().cloned(),
            ..CellError::of_row(row, code, detail)
        };
        (self.tell)(Event::Notice(notice.concealed()));
    }

    /// Tells which agencies the file makes.
    fn tell_new_agencies(&self) {
        let count = self.new_agencies.len();
        if count > 0 {
            let names: Vec<String> = self
                .new_agencies
                .iter()
                .take(NAMED_AGENCIES)
                .map(|n| format!("“{n}”"))
                .collect();
            let more = if count > names.len() { "等" } else { "" };
            let detail = format!(
                "系统中没有的登记机构 {count} 个，随文件新建：{}{more}",
                names.join("、")
            );
            (self.tell)(Event::Notice(CellError::of_row(1, "new_agency", detail)));
        }
    }

    /// A row among those of all sheets.
    pub(super) fn place(&self, row: u32) -> i64 {
        let sheet = i64::try_from(self.sheets.len()).unwrap_or(0);
        (sheet << 32) | i64::from(row)
    }

    /// What [`Self::place`] gave, for people.
    pub(super) fn place_label(&self, place: i64) -> String {
        let row = place & 0xFFFF_FFFF;
        let sheet = usize::try_from(place >> 32).ok().and_then(|n| n.checked_sub(1));
        match sheet.and_then(|n| self.sheets.get(n)) {
            Some(sheet) => format!("工作表“{sheet}”第 {row} 行"),
            None => format!("第 {row} 行"),
        }
    }

    /// Whether rows are still written: once a cell is wrong, the rest is only checked.
    pub(super) const fn writes(&self) -> bool {
        self.errors == 0
    }

    /// Ends the transaction where the program is told to stop.
    fn go_on(&self) -> Result<(), Error> {
        if (self.stopped)() {
            return Err(Error::Unavailable("the import was stopped".to_owned()));
        }
        Ok(())
    }

    /// The version of what the next entry writes: its sequence.
    pub(super) const fn next_version(&self) -> i64 {
        self.head.sequence + 1
    }

    /// Enters an act in the ledger; its reason names file and row, and what was said of the import.
    pub(super) fn enter(
        &mut self,
        row: u32,
        action: &str,
        contract: Option<i64>,
        (from, to): (Option<&str>, Option<&str>),
        changes: Vec<Change>,
    ) -> Result<(), Error> {
        let mut reason = format!("{} {}", self.request.file_name, self.place_label(self.place(row)));
        if let Some(words) = self.request.approval.words() {
            reason.push('：');
            reason.push_str(&words);
        }
        let act = Act {
            at: self.now,
            actor: self.request.actor.clone(),
            role: self.request.role.map(|role| role.id().to_owned()),
            contract,
            action: action.to_owned(),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            reason: Some(reason),
            changes,
        };
        Ok(ledger::append_to(self.db, &mut self.head, act)?)
    }
}

impl Sink for Taker<'_> {
    type Error = Error;

    fn sheet(&mut self, name: &str) {
        self.sheets.push(name.to_owned());
    }

    fn absent(&mut self, columns: Vec<usize>) {
        self.absent = columns;
    }

    fn notice(&mut self, notice: CellError) {
        (self.tell)(Event::Notice(notice));
    }

    fn row(&mut self, number: u32, row: Row) -> Result<(), Error> {
        self.go_on()?;
        if let Some(key) = row.key()
            && !self.is_first(number, &key)?
        {
            return Ok(());
        }
        match row {
            Row::Register(row) => self.take_contract(number, *row),
            Row::Registrar(row) => self.take_registrar(number, &row),
            Row::FollowUp(row) => self.take_follow_up(number, &row),
            Row::Activity(row) => self.take_activity(number, &row),
            Row::Reference(row) => self.take_reference(number, &row),
        }
    }

    fn error(&mut self, error: CellError) -> Result<(), Error> {
        self.go_on()?;
        self.errors += 1;
        (self.tell)(Event::Error(error));
        Ok(())
    }

    fn unsound(&mut self, number: u32, key: &str) -> Result<(), Error> {
        self.is_first(number, key).map(|_| ())
    }

    fn rows(&mut self, rows: u64) {
        (self.tell)(Event::Rows(rows));
    }

    fn progress(&mut self, progress: Progress) {
        (self.tell)(Event::Progress(progress));
    }
}
