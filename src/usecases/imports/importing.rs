//! What this process is importing, and how far it is: in memory, since the store takes no other writing while an import writes.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::run::Event;
use crate::{
    domain::{
        import_job::{ImportJob, ImportState, MOST_ERRORS, MOST_NOTICES, WrongCell},
        time::Moment,
    },
    intake::CellError,
};

/// What this process is importing.
#[derive(Debug, Default)]
pub struct Importing {
    pub(super) bell: Notify,
    now: Mutex<Option<Progress>>,
}

/// How far an import is.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    pub id: i64,
    pub began_at: Option<Moment>,
    pub rows_total: Option<i64>,
    pub rows_done: i64,
    pub errors: Vec<WrongCell>,
    pub errors_total: i64,
    /// How many of them, by code, tell of contracts in the register.
    pub concealed: BTreeMap<String, i64>,
    pub notices: Vec<WrongCell>,
}

/// As it is kept.
fn kept(cell: CellError, of_register: bool) -> WrongCell {
    WrongCell {
        sheet: cell.sheet,
        row: cell.row,
        column: cell.column,
        value: cell.value,
        code: cell.code.to_owned(),
        detail: cell.detail,
        of_register,
    }
}

impl Progress {
    /// Notes a wrong cell. Of those that tell of contracts and of the others as many are kept each, so that neither hide the others
    /// from whoever is not told both.
    fn note(&mut self, error: CellError, of_register: bool) {
        let concealed: i64 = self.concealed.values().sum();
        let alike = if of_register {
            concealed
        } else {
            self.errors_total - concealed
        };
        self.errors_total += 1;
        if of_register {
            *self.concealed.entry(error.code.to_owned()).or_default() += 1;
        }
        if usize::try_from(alike).is_ok_and(|alike| alike < MOST_ERRORS) {
            self.errors.push(kept(error, of_register));
        }
    }
}

impl Importing {
    fn lock(&self) -> MutexGuard<'_, Option<Progress>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begin(&self, id: i64) {
        *self.lock() = Some(Progress {
            id,
            ..Progress::default()
        });
    }

    pub(super) fn counted(&self, rows: i64) {
        if let Some(now) = self.lock().as_mut() {
            now.rows_total = Some(rows);
        }
    }

    pub(super) fn tell(&self, event: Event, at: Moment) {
        let mut lock = self.lock();
        let Some(now) = lock.as_mut() else {
            return;
        };
        match event {
            Event::Begun => {
                now.began_at = Some(at);
                now.rows_done = 0;
                now.errors.clear();
                now.errors_total = 0;
                now.concealed.clear();
                now.notices.clear();
            }
            Event::Rows(rows) => now.rows_done = i64::try_from(rows).unwrap_or(i64::MAX),
            Event::Progress(_) => {}
            Event::Error(error) => now.note(error, false),
            Event::OfRegister(error) => now.note(error, true),
            Event::Notice(notice) => {
                if now.notices.len() < MOST_NOTICES {
                    now.notices.push(kept(notice, false));
                }
            }
        }
    }

    /// How far the import of this job is; none where it is not this process's.
    pub(super) fn progress(&self, id: i64) -> Option<Progress> {
        self.lock().clone().filter(|now| now.id == id)
    }

    pub(super) fn end(&self) {
        *self.lock() = None;
    }

    /// The job as it stands this moment.
    pub(super) fn overlay(&self, mut job: ImportJob) -> (ImportJob, Option<Moment>) {
        let running = job.state == ImportState::Running;
        let Some(now) = self.progress(job.id).filter(|_| running) else {
            return (job, None);
        };
        job.rows_total = now.rows_total;
        job.rows_done = now.rows_done;
        job.errors = now.errors;
        job.errors_total = now.errors_total;
        job.concealed = now.concealed;
        job.notices = now.notices;
        (job, now.began_at)
    }
}
