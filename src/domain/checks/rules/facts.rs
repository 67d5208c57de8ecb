//! What rules are told of the world outside a contract's content; collected by the use cases. `None` means that nobody looked.

use crate::domain::{
    interchange::FollowUpRow,
    likeness::Name,
    money::Fen,
    time::{Date, Moment},
    workflow::State,
};

/// All that may be known beside a contract's content.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Contracts that resemble it.
    pub likeness: Option<Likeness>,
    /// Its attachments.
    pub papers: Option<Papers>,
    /// How contracts are called that carry its number of the national system.
    pub same_number: Option<Vec<String>>,
    /// How it was decided.
    pub decision: Option<Decision>,
    /// Its rows of the yearly surveys, by year.
    pub follow_ups: Option<Vec<FollowUpRow>>,
    /// What else its seller registered in the year.
    pub seller: Option<SellerHabits>,
}

/// Contracts that count, or may come to, and resemble the one in hand, which is not among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Likeness {
    /// Those of about the same day, amount and name, and those of the same parties, day and amount.
    pub alike: Vec<Lookalike>,
    /// Those of the same parties in the same places, signed about the same time.
    pub pair: Vec<PairDeal>,
}

/// One contract that resembles the one in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookalike {
    /// How the reader may be told of it: its number, or, where it is not theirs to see, that there is one.
    pub shown: String,
    /// Its name.
    pub name: Name,
    /// Whether the seller is the same.
    pub same_seller: bool,
    /// Whether the buyer is the same.
    pub same_buyer: bool,
    /// 签订日期.
    pub signed_on: Date,
    /// 合同成交额, in fen.
    pub amount_fen: Fen,
}

/// One contract of the same parties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairDeal {
    /// 签订日期.
    pub signed_on: Date,
    /// 合同成交额, in fen.
    pub amount_fen: Fen,
}

/// The attachments of a contract.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Papers {
    /// Code list `attachment_kind`: the kinds that are there.
    pub kinds: Vec<String>,
    /// The kinds that this contract cannot do without: `Catalogue::blocking_attachments`.
    pub required: Vec<String>,
    /// The kinds that only rules demand whose text was not compared with the official one: told, never in the way.
    pub asked: Vec<String>,
    /// How other contracts are called that have the very file (SHA-256) as their text.
    pub same_text: Vec<String>,
}

/// How a contract was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Where it stands.
    pub state: State,
    /// First confirmation.
    pub confirmed_at: Option<Moment>,
    /// Last day for the decision.
    pub due_on: Option<Date>,
    /// The certificate that it was submitted under.
    pub certificate: Certified,
    /// Username of who entered it; none for imported history.
    pub entered_by: Option<String>,
    /// Username of who submitted it; none for imported history.
    pub submitted_by: Option<String>,
    /// Username of who confirmed it; none for imported history.
    pub confirmed_by: Option<String>,
    /// Whether experts concluded on it.
    pub expert_reviewed: bool,
    /// Whether statistics count it now.
    pub counted: bool,
}

/// A registrar certificate as the register knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certified {
    /// The contract names none.
    NotNamed,
    /// It names this one, which is not in the register of certificates.
    Unknown(String),
    /// It names this one, valid and not suspended when the contract was submitted (confirmed, where history tells no submission), or
    /// not.
    Known(String, bool),
}

/// What a seller registered in a year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SellerHabits {
    /// Contracts of the seller.
    pub contracts: u32,
    /// Of these, with this contract's agency.
    pub at_agency: u32,
    /// Of those with the agency, confirmed in December.
    pub at_agency_in_december: u32,
    /// Amount of those with the agency, in fen.
    pub at_agency_fen: Fen,
    /// All contracts of the agency.
    pub agency_contracts: u32,
    /// Amount of all contracts of the agency, in fen.
    pub agency_fen: Fen,
    /// Whether all contracts of the seller are of one field and one objective and none has intellectual property.
    pub uniform: bool,
}
