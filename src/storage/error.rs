//! What can go wrong in the store, by what the caller can do about it.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// An error of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A unique key exists already; the text names the constraint or column as the backend does.
    #[error("unique key violated: {0}")]
    Duplicate(String),
    /// Another transaction was in the way: worth trying again.
    #[error("transaction lost a race: {0}")]
    Contention(String),
    /// The store does not answer, or not within the time allowed.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// Nothing is written now: the machine's clock cannot be right. The text is the operator's.
    #[error("{0}")]
    Halted(String),
    /// There is no room left on the store's disk, or on that of its files.
    #[error("the disk is full: {0}")]
    Full(String),
    /// The store may be read only: a file of somebody else's or without the right to write, a standby, a reading transaction.
    #[error("the store may only be read: {0}")]
    ReadOnly(String),
    /// The store's file may not even be read by the user that the program runs as.
    #[error("the store may not be opened: {0}")]
    Denied(String),
    /// The folder of the attachments lacks what it must hold, or its marker does not read.
    #[error("the folder of the files is damaged: {0}")]
    Files(String),
    /// What is stored is not of the form that this program writes.
    #[error("stored data are not readable: {0}")]
    Corrupt(String),
    /// The schema is not this program's.
    #[error("{0}")]
    Schema(String),
    /// Anything else; nothing the caller can mend.
    #[error("database error: {0}")]
    Database(String),
}

impl StoreError {
    /// For text or numbers in the store that do not read back.
    pub fn corrupt(what: impl std::fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }

    /// What it is, in Chinese, for whoever can mend it.
    pub const fn in_words(&self) -> &'static str {
        match self {
            Self::Duplicate(_) => "数据重复",
            Self::Contention(_) => "数据库繁忙",
            Self::Unavailable(_) => "数据库没有应答",
            Self::Halted(_) => "服务器时钟有误，已停止写入",
            Self::Full(_) => "数据库或附件所在磁盘的空间已满",
            Self::ReadOnly(_) => "数据库只能读取，不能写入（文件只读或不属于运行本程序的用户，或是备用库）",
            Self::Denied(_) => "没有读取数据库文件的权限（文件属于其他用户，或权限不足）",
            Self::Files(_) => "附件目录的内容缺失或已损坏",
            Self::Corrupt(_) => "数据库的内容已损坏",
            Self::Schema(_) => "数据库结构与本程序不符",
            Self::Database(_) => "数据库报错",
        }
    }

    /// Whether the database itself says that its file, or a page of it, is damaged: it will not be whole again by itself.
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, Self::Corrupt(text) if matches!(by_text(text), Some(Self::Corrupt(_))))
    }

    /// Which kind it is, whatever it says.
    pub(super) fn kind(&self) -> std::mem::Discriminant<Self> {
        std::mem::discriminant(self)
    }

    /// A file that is there and may not be read is no store that does not answer.
    pub(super) fn of_file(self, is_readable: bool) -> Self {
        match self {
            Self::Unavailable(text) if !is_readable && text.contains(CANNOT_OPEN) => Self::Denied(text),
            other => other,
        }
    }

    /// In a folder that may not be written to SQLite cannot make the side files of a store that is sound: it may only be read, and not even
    /// that by SQLite.
    pub(super) fn in_folder(self, is_writable: bool) -> Self {
        match self {
            Self::Unavailable(text) if !is_writable && text.contains(CANNOT_OPEN) => Self::ReadOnly(text),
            other => other,
        }
    }

    /// No connection could be made: told for what it is where that is known.
    pub(super) fn unreachable(error: &diesel::ConnectionError) -> Self {
        let text = error.to_string();
        by_text(&text).unwrap_or(Self::Unavailable(text))
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::UniqueViolation => {
                    Self::Duplicate(info.constraint_name().unwrap_or_else(|| info.message()).to_owned())
                }
                DatabaseErrorKind::SerializationFailure => Self::Contention(info.message().to_owned()),
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                    Self::Unavailable(info.message().to_owned())
                }
                DatabaseErrorKind::ReadOnlyTransaction => Self::ReadOnly(info.message().to_owned()),
                _ => by_text(info.message()).unwrap_or_else(|| Self::Database(info.message().to_owned())),
            },
            // What is stored is no text, no number, no date of the column's kind.
            DieselError::DeserializationError(_) => Self::Corrupt(error.to_string()),
            DieselError::BrokenTransactionManager => Self::Unavailable(error.to_string()),
            _ => Self::Database(error.to_string()),
        }
    }
}

/// SQLite's word for a file, or one beside it, that cannot be opened.
const CANNOT_OPEN: &str = "unable to open database file";

/// What an error becomes, with the database's words.
type Kind = fn(String) -> StoreError;

/// What has no kind of its own in diesel, by what the database says. SQLite is a part of this program and says it in these words;
/// PostgreSQL's are those of its English and Chinese messages, and where it speaks otherwise, the deadline and the connection tell
/// (see `Store::read`).
const TOLD_BY: [(&str, Kind); 27] = [
    // SQLite: another transaction is in the way.
    ("database is locked", StoreError::Contention),
    ("database table is locked", StoreError::Contention),
    // SQLITE_FULL; ENOSPC of PostgreSQL (53100).
    ("database or disk is full", StoreError::Full),
    ("No space left on device", StoreError::Full),
    ("设备上没有空间", StoreError::Full),
    // SQLITE_READONLY.
    ("attempt to write a readonly database", StoreError::ReadOnly),
    // SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_PERM.
    ("disk I/O error", StoreError::Unavailable),
    (CANNOT_OPEN, StoreError::Unavailable),
    ("access permission denied", StoreError::Unavailable),
    // SQLITE_CORRUPT, SQLITE_NOTADB; a page of PostgreSQL's that does not read (XX001, XX002).
    ("database disk image is malformed", StoreError::Corrupt),
    ("malformed database schema", StoreError::Corrupt),
    ("file is not a database", StoreError::Corrupt),
    ("invalid page in block", StoreError::Corrupt),
    ("could not read block", StoreError::Corrupt),
    // 40P01.
    ("deadlock detected", StoreError::Contention),
    ("检测到死锁", StoreError::Contention),
    // 57014 (statement_timeout, a cancelled statement), 55P03 (lock_timeout).
    ("canceling statement due to", StoreError::Unavailable),
    ("正在取消", StoreError::Unavailable),
    ("取消语句", StoreError::Unavailable),
    // 57P01, 57P02, 57P03, 25P03, 25P04, 53300.
    ("terminating connection", StoreError::Unavailable),
    ("the database system is", StoreError::Unavailable),
    ("数据库系统", StoreError::Unavailable),
    ("too many clients already", StoreError::Unavailable),
    ("too many connections", StoreError::Unavailable),
    ("remaining connection slots", StoreError::Unavailable),
    // libpq's own, of a connection that is lost.
    ("server closed the connection", StoreError::Unavailable),
    ("no connection to the server", StoreError::Unavailable),
];

fn by_text(message: &str) -> Option<StoreError> {
    let told = TOLD_BY.iter().find(|(words, _)| message.contains(words));
    told.map(|(_, kind)| kind(message.to_owned()))
}

#[cfg(test)]
mod tests {
    use diesel::{Connection as _, RunQueryDsl as _, connection::SimpleConnection as _, sqlite::SqliteConnection};

    use super::*;

    fn told(path: &str, sql: &[&str]) -> StoreError {
        let mut connection = SqliteConnection::establish(path).unwrap();
        let failed = sql
            .iter()
            .find_map(|statement| connection.batch_execute(statement).err());
        failed.expect("an error").into()
    }

    /// In the words of the SQLite that is built in: a new one that says it otherwise fails here.
    #[test]
    fn what_sqlite_says_is_known_for_what_it_is() {
        let fill = "INSERT INTO t SELECT zeroblob(100000)";
        let full = told(
            ":memory:",
            &["CREATE TABLE t (x BLOB); PRAGMA max_page_count = 3", fill],
        );
        assert!(matches!(full, StoreError::Full(_)), "{full:?}");
        let reading = told(":memory:", &["CREATE TABLE t (x BLOB); PRAGMA query_only = ON", fill]);
        assert!(matches!(reading, StoreError::ReadOnly(_)), "{reading:?}");
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("other"), [b'x'; 4096]).unwrap();
        let other = told(&path("other"), &["SELECT * FROM sqlite_master"]);
        assert!(matches!(other, StoreError::Corrupt(_)), "{other:?}");
        let away = SqliteConnection::establish(&path("no/such/folder"))
            .map(|_| ())
            .unwrap_err();
        let away = StoreError::unreachable(&away);
        assert!(matches!(away, StoreError::Unavailable(_)), "{away:?}");
        assert!(matches!(away.clone().in_folder(true), StoreError::Unavailable(_)));
        assert!(matches!(away.clone().of_file(true), StoreError::Unavailable(_)));
        assert!(matches!(away.clone().of_file(false), StoreError::Denied(_)));
        assert!(other.is_damage() && !StoreError::corrupt("an entry without a moment").is_damage());
        assert!(matches!(away.in_folder(false), StoreError::ReadOnly(_)));
    }

    #[test]
    fn a_damaged_page_is_known_for_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store").display().to_string();
        let mut connection = SqliteConnection::establish(&path).unwrap();
        let fill = "CREATE TABLE t (x TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
                    INSERT INTO t SELECT 'a row of some length ' || i FROM n";
        connection.batch_execute(fill).unwrap();
        drop(connection);
        let mut bytes = std::fs::read(&path).unwrap();
        // Every page but the first, which tells what the others are.
        bytes[4096..].fill(0xA5);
        std::fs::write(&path, bytes).unwrap();
        let mut connection = SqliteConnection::establish(&path).unwrap();
        let read = diesel::sql_query("SELECT sum(length(x)) FROM t").execute(&mut connection);
        let damaged = StoreError::from(read.unwrap_err());
        assert!(matches!(damaged, StoreError::Corrupt(_)), "{damaged:?}");
    }
}
