//! The register at one sequence of the ledger. Blocks and the other parts are shared with the snapshots before and after.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use super::{
    block::{Block, OPEN, ROWS, Row},
    events::{EventFact, Events},
};
use crate::{
    domain::{catalogue::Catalogue, money::Fen, time::Moment},
    statistics::{Coder, codes::Codes, facts::Handling, question::large_from_fen},
    storage::{Db, StoreError, facts, facts::StretchRow, ledger},
};

/// Contracts whose blocks are looked up on one page.
const PAGE: usize = 4096;
const PAGE_KEYS: i64 = 4096;

/// Where on its page a contract is.
fn slot(contract: i64) -> usize {
    usize::try_from(contract.rem_euclid(PAGE_KEYS)).unwrap_or_default()
}

/// Number of the block at that place; sixteen billions of rows are beyond any register.
fn number_of(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NOWHERE)
}

/// The place of a contract that has no rows.
const NOWHERE: u32 = u32::MAX;

/// The facts at one sequence.
#[derive(Debug, Clone)]
pub struct Snapshot {
    head: ledger::Head,
    blocks: Vec<Arc<Block>>,
    /// First confirmation that belongs into a block, with its number; rising.
    edges: Vec<(i64, u32)>,
    /// In which block a contract's rows are, by page of keys.
    places: BTreeMap<i64, Arc<[u32]>>,
    events: Events,
}

/// What changes in a block.
#[derive(Default)]
struct Edit {
    removed: HashSet<i64>,
    added: Vec<Row>,
}

fn row_of(coder: &Coder<'_>, codes: &mut Codes<'_>, returned: &HashSet<i64>, row: &StretchRow) -> Row {
    let standing = codes.standing(&row.standing);
    let submitted = row.submitted_at.map(Moment::from_micros);
    let handling = Handling::of(
        standing.first_confirmed_at,
        submitted,
        row.due_on,
        returned.contains(&row.contract_id),
    );
    let stretch = (row.from_at, row.until_at.unwrap_or(OPEN));
    Row::new(coder, (row.contract_id, row.revision), stretch, &standing, handling)
}

impl Snapshot {
    /// Of the whole register, as the caller's transaction sees it; `head` is the end of its chain.
    pub(super) fn read(db: &mut Db, catalogue: &Catalogue, head: ledger::Head) -> Result<Self, StoreError> {
        let coder = Coder::new(catalogue);
        let mut codes = Codes::new(&coder);
        let mut snapshot = Self {
            head,
            blocks: Vec::new(),
            edges: Vec::new(),
            places: BTreeMap::new(),
            events: Events::default(),
        };
        let large_from = large_from_fen().map_err(StoreError::corrupt)?;
        let returned = facts::returned(db)?;
        // Year by year, so that no more than one year's rows are held twice.
        for year in facts::years(db)? {
            let mut rows = Vec::new();
            facts::stretches_of_year(db, year, |row| rows.push(row_of(&coder, &mut codes, &returned, &row)))?;
            rows.sort_unstable_by_key(|row| (row.confirmed, row.contract, row.from));
            snapshot.append(&coder, large_from, &rows);
        }
        let happened = facts::happenings(db)?;
        let events: Vec<_> = happened
            .iter()
            .map(|row| EventFact::of(&coder, row, &returned))
            .collect();
        snapshot.events = Events::default().with(&[], &events);
        Ok(snapshot)
    }

    /// The register at `head`, which is later than this snapshot.
    pub(super) fn follow(&self, db: &mut Db, catalogue: &Catalogue, head: ledger::Head) -> Result<Self, StoreError> {
        let changed = facts::changed(db, self.head.sequence, head.sequence)?;
        // Reading a contract by its key costs some times what reading it in a row with others does.
        if changed.len() > ROWS && changed.len() > self.contracts() / 4 {
            return Self::read(db, catalogue, head);
        }
        let coder = Coder::new(catalogue);
        let mut codes = Codes::new(&coder);
        let returned = facts::returned_of(db, &changed)?;
        let rows: Vec<Row> = facts::stretches_of(db, &changed)?
            .iter()
            .map(|row| row_of(&coder, &mut codes, &returned, row))
            .collect();
        let happened = facts::happenings_of(db, &changed)?;
        let events: Vec<_> = happened
            .iter()
            .map(|row| EventFact::of(&coder, row, &returned))
            .collect();
        let mut next = Self {
            head,
            events: self.events.with(&changed, &events),
            ..self.clone()
        };
        next.put(&coder, large_from_fen().map_err(StoreError::corrupt)?, &changed, rows);
        Ok(next)
    }

    /// Replaces the rows of the contracts `changed`.
    fn put(&mut self, coder: &Coder<'_>, large_from: Fen, changed: &[i64], rows: Vec<Row>) {
        let mut edits: BTreeMap<u32, Edit> = BTreeMap::new();
        for contract in changed {
            if let Some(block) = self.place(*contract) {
                edits.entry(block).or_default().removed.insert(*contract);
                self.set_place(*contract, NOWHERE);
            }
        }
        let mut beyond = Vec::new();
        for row in rows {
            match self.block_for(row.confirmed) {
                Some(block) => edits.entry(block).or_default().added.push(row),
                None => beyond.push(row),
            }
        }
        for (number, edit) in edits {
            self.rewrite(coder, large_from, number, edit);
        }
        beyond.sort_unstable_by_key(|row| (row.confirmed, row.contract, row.from));
        self.append(coder, large_from, &beyond);
    }

    fn rewrite(&mut self, coder: &Coder<'_>, large_from: Fen, number: u32, edit: Edit) {
        let Some(old) = self.blocks.get(number as usize) else {
            return;
        };
        let mut rows: Vec<Row> = old.rows().filter(|row| !edit.removed.contains(&row.contract)).collect();
        rows.extend(&edit.added);
        rows.sort_unstable_by_key(|row| (row.confirmed, row.contract, row.from));
        let is_last = self.edges.last().is_some_and(|(_, last)| *last == number);
        // At the end blocks are left full, since what follows is later; in between halves leave room.
        let most = if rows.len() <= ROWS || is_last { ROWS } else { ROWS / 2 };
        let pieces = cut(&rows, most);
        for (at, piece) in pieces.iter().enumerate() {
            let block = Arc::new(Block::new(coder, large_from, piece));
            let piece_number = if at == 0 { number } else { number_of(self.blocks.len()) };
            match self.blocks.get_mut(piece_number as usize) {
                Some(place) => *place = block,
                None => {
                    let from = piece.first().map_or(0, |row| row.confirmed);
                    let edge = self.edges.partition_point(|(edge, _)| *edge <= from);
                    self.edges.insert(edge, (from, piece_number));
                    self.blocks.push(block);
                }
            }
            for row in *piece {
                self.set_place(row.contract, piece_number);
            }
        }
        if pieces.is_empty()
            && let Some(place) = self.blocks.get_mut(number as usize)
        {
            *place = Arc::new(Block::new(coder, large_from, &[]));
        }
    }

    /// Adds blocks of rows in order.
    fn append(&mut self, coder: &Coder<'_>, large_from: Fen, rows: &[Row]) {
        for piece in cut(rows, ROWS) {
            let number = number_of(self.blocks.len());
            // The first block of all takes whatever is earlier.
            let from = if self.edges.is_empty() {
                i64::MIN
            } else {
                piece.first().map_or(0, |row| row.confirmed)
            };
            let edge = self.edges.partition_point(|(edge, _)| *edge <= from);
            self.edges.insert(edge, (from, number));
            self.blocks.push(Arc::new(Block::new(coder, large_from, piece)));
            for row in piece {
                self.set_place(row.contract, number);
            }
        }
    }

    fn block_for(&self, confirmed: i64) -> Option<u32> {
        let after = self.edges.partition_point(|(edge, _)| *edge <= confirmed);
        after
            .checked_sub(1)
            .and_then(|at| self.edges.get(at))
            .map(|(_, number)| *number)
    }

    fn place(&self, contract: i64) -> Option<u32> {
        let page = self.places.get(&contract.div_euclid(PAGE_KEYS))?;
        let place = page.get(slot(contract)).copied()?;
        (place != NOWHERE).then_some(place)
    }

    fn set_place(&mut self, contract: i64, place: u32) {
        let page = self.places.entry(contract.div_euclid(PAGE_KEYS));
        let page = page.or_insert_with(|| vec![NOWHERE; PAGE].into());
        if let Some(slot) = Arc::make_mut(page).get_mut(slot(contract)) {
            *slot = place;
        }
    }

    /// The sequence of the ledger whose state this is.
    pub const fn sequence(&self) -> i64 {
        self.head.sequence
    }

    /// The hash of that entry.
    pub fn hash(&self) -> &str {
        &self.head.hash
    }

    /// Every block, in no order.
    pub(in crate::statistics) fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().map(AsRef::as_ref)
    }

    /// Hands the blocks that hold contracts first confirmed in the years `first..=last` to `f`, each with the beginning of these
    /// years and their end: a block may hold others too.
    pub(in crate::statistics) fn of_years(
        &self,
        (first, last): (i32, i32),
        mut f: impl FnMut(&Block, (Moment, Moment)),
    ) {
        let (from, before) = (Moment::start_of_year(first), Moment::start_of_year(last + 1));
        for block in self.blocks() {
            let (earliest, latest) = block.span();
            if from.micros() <= latest && earliest < before.micros() {
                f(block, (from, before));
            }
        }
    }

    /// All that happened.
    pub(in crate::statistics) fn events(&self) -> impl Iterator<Item = &EventFact> {
        self.events.iter()
    }

    /// Contracts that were ever counted.
    pub fn contracts(&self) -> usize {
        let placed = |page: &Arc<[u32]>| page.iter().filter(|place| **place != NOWHERE).count();
        self.places.values().map(placed).sum()
    }

    /// Bytes it holds, with what it shares with others.
    pub fn bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(|block| block.bytes() + 16).sum();
        let tables = self.edges.capacity() * 16 + self.blocks.capacity() * 8;
        blocks + tables + self.places.len() * (PAGE * 4 + 64) + self.events.bytes()
    }
}

/// Rows in order in pieces of about `most`, none of which parts the rows of a contract.
fn cut(rows: &[Row], most: usize) -> Vec<&[Row]> {
    let mut pieces = Vec::new();
    let mut rest = rows;
    while !rest.is_empty() {
        let mut end = most.min(rest.len());
        while let (Some(last), Some(next)) = (rest.get(end - 1), rest.get(end))
            && last.contract == next.contract
        {
            end += 1;
        }
        let (piece, left) = rest.split_at(end);
        pieces.push(piece);
        rest = left;
    }
    pieces
}
