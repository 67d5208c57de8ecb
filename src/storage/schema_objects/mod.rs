//! Whether the schema is still what the migrations made: its tables, columns and constraints, the indexes that keep keys unique, and the
//! triggers that refuse to change the ledgers. Whoever may change the store by SQL may drop such a trigger, plant one, or put a view in a
//! table's place, and no row would tell.
//!
//! What is expected is made of the migrations themselves: of SQLite by running them in memory, of PostgreSQL by a list
//! (`postgres.txt`) that a test holds against them. What others keep in the same schema is nobody's business here, as long as it is not on
//! one of this program's tables; nor are plain indexes that somebody adds, nor SQLite's statistics.

mod postgres;
mod sqlite;
pub mod value_forms;

use std::collections::BTreeMap;

use super::{Db, StoreError};

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A table, or what stands in its place.
    Table,
    /// A column; of SQLite a part of its table's text.
    Column,
    /// A constraint; of SQLite a part of its table's text.
    Constraint,
    /// An index.
    Index,
    /// A trigger.
    Trigger,
    /// A function that a trigger runs.
    Function,
    /// A rule that rewrites statements.
    Rule,
    /// A policy of row security.
    Policy,
    /// A setting under which triggers do not run.
    Setting,
    /// The file of an embedded store.
    File,
}

impl ObjectKind {
    const ALL: [Self; 10] = [
        Self::Table,
        Self::Column,
        Self::Constraint,
        Self::Index,
        Self::Trigger,
        Self::Function,
        Self::Rule,
        Self::Policy,
        Self::Setting,
        Self::File,
    ];

    /// The id, in answers.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Column => "column",
            Self::Constraint => "constraint",
            Self::Index => "index",
            Self::Trigger => "trigger",
            Self::Function => "function",
            Self::Rule => "rule",
            Self::Policy => "policy",
            Self::Setting => "setting",
            Self::File => "file",
        }
    }

    fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// In Chinese.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Table => "数据表",
            Self::Column => "列",
            Self::Constraint => "约束",
            Self::Index => "索引",
            Self::Trigger => "触发器",
            Self::Function => "函数",
            Self::Rule => "改写规则",
            Self::Policy => "行级策略",
            Self::Setting => "设置",
            Self::File => "数据库文件",
        }
    }
}

/// What an object is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaObject {
    /// Its kind.
    pub kind: ObjectKind,
    /// The table on which it is; empty where it is on none.
    pub table: String,
    /// Its name.
    pub name: String,
}

/// Objects, each with its definition in one line.
pub type SchemaObjects = BTreeMap<SchemaObject, String>;

/// How an object is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// It is not there.
    Missing,
    /// It is another one.
    Other,
    /// It should not be there.
    Planted,
    /// It does not say what the rows say, so that whoever reads by it finds others.
    Unsound,
}

impl Difference {
    /// In Chinese.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Missing => "缺失",
            Self::Other => "与本程序建立的不同",
            Self::Planted => "不是本程序建立的",
            Self::Unsound => "与所存各行不一致，按它查询的结果不可信",
        }
    }
}

/// An object that is not what the migrations made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFault {
    /// Which one.
    pub object: SchemaObject,
    /// How it differs.
    pub difference: Difference,
}

impl SchemaFault {
    /// In Chinese: what it is, on which table, and how it differs.
    pub fn told(&self) -> String {
        let SchemaObject { kind, table, name } = &self.object;
        let on = match table.is_empty() || *kind == ObjectKind::Table {
            true => String::new(),
            false => format!("（数据表 {table}）"),
        };
        format!("{} {name}{on}：{}", kind.label(), self.difference.label())
    }
}

/// Objects that differ from what the migrations made; of a table that is not there only itself.
///
/// # Errors
/// Where the store does not answer.
pub fn differences(db: &mut Db) -> Result<Vec<SchemaFault>, StoreError> {
    match db {
        Db::Sqlite(connection) => Ok(compared(&sqlite::reference()?.objects, &sqlite::found(connection)?)),
        Db::Postgres(connection) => Ok(compared(&postgres::expected()?, &postgres::found(connection)?)),
    }
}

/// What of the store's own structure does not hold together: an index that lacks rows of its table, say, by which figures are counted
/// and which no digest of rows would tell. SQLite looks through its whole file; PostgreSQL has that looked at by `pg_amcheck`, which only
/// its owner may run.
///
/// # Errors
/// Where the store does not answer.
pub fn unsound(db: &mut Db) -> Result<Vec<SchemaFault>, StoreError> {
    match db {
        Db::Sqlite(connection) => sqlite::unsound(connection),
        Db::Postgres(_) => Ok(Vec::new()),
    }
}

/// The objects that are there, as lines of `postgres.txt`: of PostgreSQL alone.
///
/// # Errors
/// Where the store does not answer.
pub fn listing(db: &mut Db) -> Result<Vec<String>, StoreError> {
    match db {
        Db::Sqlite(_) => Ok(Vec::new()),
        Db::Postgres(connection) => postgres::listing(connection),
    }
}

fn compared(expected: &SchemaObjects, found: &SchemaObjects) -> Vec<SchemaFault> {
    let fault = |object: &SchemaObject, difference| SchemaFault {
        object: object.clone(),
        difference,
    };
    let table = |name: &str| SchemaObject {
        kind: ObjectKind::Table,
        table: name.to_owned(),
        name: name.to_owned(),
    };
    let gone = |object: &SchemaObject| {
        object.kind != ObjectKind::Table && !object.table.is_empty() && !found.contains_key(&table(&object.table))
    };
    let mut faults: Vec<SchemaFault> = expected
        .iter()
        .filter(|(object, _)| !gone(object))
        .filter_map(|(object, definition)| match found.get(object) {
            None => Some(fault(object, Difference::Missing)),
            Some(other) => (other != definition).then(|| fault(object, Difference::Other)),
        })
        .collect();
    let planted = found.iter().filter(|(object, definition)| {
        let ours = object.table.is_empty() || expected.contains_key(&table(&object.table));
        let matters = match object.kind {
            // A plain index refuses nothing; others' functions do nothing by themselves.
            ObjectKind::Index => !definition.starts_with(PLAIN),
            ObjectKind::Function => false,
            _ => true,
        };
        ours && matters && !expected.contains_key(object)
    });
    faults.extend(planted.map(|(object, definition)| {
        let changed = object.kind == ObjectKind::Setting || definition == DISABLED;
        fault(
            object,
            if changed {
                Difference::Other
            } else {
                Difference::Planted
            },
        )
    }));
    faults
}

/// How the definition of an index begins that keeps nothing unique.
const PLAIN: &str = "plain";

/// The definition of a trigger of PostgreSQL's own that holds a foreign key, where it does not run.
const DISABLED: &str = "disabled";

/// A text in one line, so that it does not matter how it was broken.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
