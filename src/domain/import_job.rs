//! A file that someone handed in to be imported, and what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{account::Role, interchange::Kind, ledger::Change, time::Moment};

/// Wrong cells of a file that are kept; the others are only counted.
pub const MOST_ERRORS: usize = 1000;

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Others come first.
    Queued,
    /// The file is being read.
    Running,
    /// It would change what was ever confirmed: a reviewer looks at the differences first. Nothing of the file is in.
    AwaitingApproval,
    /// All of the file is in, or (dry run) would be.
    Done,
    /// Nothing of the file is in, and the errors say why.
    Failed,
    /// The program ended meanwhile: nothing of the file is in.
    Interrupted,
    /// A reviewer refused the file: nothing of it is in.
    Refused,
}

impl ImportState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Running,
        Self::AwaitingApproval,
        Self::Done,
        Self::Failed,
        Self::Interrupted,
        Self::Refused,
    ];

    /// The id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Refused => "refused",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Queued => "排队中",
            Self::Running => "进行中",
            Self::AwaitingApproval => "待审核员批准",
            Self::Done => "已完成",
            Self::Failed => "有错误，未导入",
            Self::Interrupted => "已中断，未导入",
            Self::Refused => "未获批准，未导入",
        }
    }

    /// By id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.id() == id)
    }

    /// Whether the program is at it, or will be without anybody's doing.
    pub const fn is_at_work(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// Whether nothing more will come of it.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Interrupted | Self::Refused)
    }
}

/// Notices of a file that are kept.
pub const MOST_NOTICES: usize = 200;

/// A wrong cell, or one that a person should look at, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongCell {
    /// The sheet, where several of a workbook are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Row as the spreadsheet counts; 1 for what concerns the whole file.
    pub row: u32,
    /// The column's header; empty for what concerns the whole row or file.
    pub column: String,
    /// The beginning of what stands there.
    pub value: String,
    /// Stable id of the rule.
    pub code: String,
    /// The rule, and how to mend it, in Chinese.
    pub detail: String,
    /// Whether it says something of a contract in the register, and not of the file alone: whoever may not read contracts is told
    /// how many there are, and neither where nor what.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_register: bool,
}

impl WrongCell {
    /// Of the file as a whole.
    pub fn of_file(code: &str, detail: impl Into<String>) -> Self {
        Self {
            sheet: None,
            row: 1,
            column: String::new(),
            value: String::new(),
            code: code.to_owned(),
            detail: detail.into(),
            of_register: false,
        }
    }

    /// Whether it tells of a contract in the register; those that were kept before cells said so are known by their code.
    pub fn tells_of_register(&self) -> bool {
        self.of_register || self.code == "changed"
    }

    /// The row for people, with its sheet where there are several.
    pub fn row_label(&self) -> String {
        match &self.sheet {
            Some(sheet) => format!("{sheet}：{}", self.row),
            None => self.row.to_string(),
        }
    }
}

/// What an import would change in one contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Row of the file.
    pub row: u32,
    /// Key of the contract.
    pub contract_id: i64,
    /// Whether it was ever confirmed, or would be now: this is what a reviewer approves.
    pub to_approve: bool,
    /// Id of the state before.
    pub from: String,
    /// Id of the state after.
    pub to: String,
    /// Fields, by the pointers of the API.
    pub changes: Vec<Change>,
}

/// How a reviewer decided on an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportDecision {
    /// Username of the reviewer.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why, in words.
    pub reason: Option<String>,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportJob {
    /// Key.
    pub id: i64,
    /// Kind of file.
    pub kind: Kind,
    /// As it was called where it came from; never part of a path here.
    pub file_name: String,
    /// Lower-case hex of SHA-256 of the content.
    pub sha256: String,
    /// Whether the content is still kept.
    pub file_kept: bool,
    /// Username of who handed it in.
    pub username: String,
    /// Role acted in.
    pub role: Role,
    /// Whether to check only.
    pub dry_run: bool,
    /// Whether a row that differs from what is there replaces it.
    pub update: bool,
    /// Where it stands.
    pub state: ImportState,
    /// Rows of the file, the header not counted; none until they were counted.
    pub rows_total: Option<i64>,
    /// Rows read.
    pub rows_done: i64,
    /// Rows that were new.
    pub added: i64,
    /// Rows that were there already and the same.
    pub unchanged: i64,
    /// Rows that replaced what was there.
    pub updated: i64,
    /// Rows with something doubtful about them that is no error.
    pub flagged: i64,
    /// Wrong cells, the first [`MOST_ERRORS`].
    pub errors: Vec<WrongCell>,
    /// All of them.
    pub errors_total: i64,
    /// How many of them, by code, tell of contracts in the register.
    pub concealed: BTreeMap<String, i64>,
    /// Rises with each preview and each decision: what a reviewer decides on.
    pub version: i64,
    /// Why records are to be corrected, in the words of who handed it in.
    pub reason: Option<String>,
    /// Rows that would change what was ever confirmed.
    pub to_approve: i64,
    /// Digest of the differences that were previewed last. Never shown: old values could be guessed by it.
    pub digest: Option<String>,
    /// How a reviewer decided; an approval holds for the differences of `digest` and no others.
    pub decision: Option<ImportDecision>,
    /// What a person should know of what was taken all the same, the first [`MOST_NOTICES`].
    pub notices: Vec<WrongCell>,
    /// When it was handed in.
    pub created_at: Moment,
    /// When reading began.
    pub started_at: Option<Moment>,
    /// When it was over.
    pub finished_at: Option<Moment>,
}

impl ImportJob {
    /// Whether the same file may be read again without being sent again.
    pub const fn may_run_again(&self) -> bool {
        self.state.is_over() && self.file_kept && !matches!(self.state, ImportState::Refused)
    }

    /// Whether it ever waited for a reviewer.
    pub const fn was_previewed(&self) -> bool {
        self.digest.is_some()
    }

    /// Whether the file can be given back with its wrong cells marked.
    pub const fn can_be_marked(&self) -> bool {
        self.state.is_over() && self.file_kept && self.errors_total > 0
    }
}
