//! Trainings and examinations of registrars 培训、考试, one verb per file. An administrator records them; a registrar sees the own.

mod list;
mod participants;
mod read;
mod record;

pub use list::{TrainingQuery, list};
pub use participants::{NewParticipant, add_participants};
pub use read::{TrainingView, read};
pub use record::{NewTraining, record};

pub use crate::storage::trainings::{Participant, Participation, Training};
