//! Rows of the register: history as it happened.

use serde_json::json;

use super::run::Taker;
use crate::{
    domain::{
        contract::{Agency, Contract},
        interchange::{REGISTER_COLUMNS, RegisterColumn, RegisterRow, moment_text},
        ledger::Change,
        time::Moment,
        workflow::State,
    },
    storage::{
        agencies, contracts,
        endings::{self, Ending},
        imports, standings,
    },
    usecases::Error,
};

const NUMBER: &str = "登记编号";

/// The headers of the columns in which two rows differ; the agency's code is the agency's and no part of the row.
fn differing_headers(before: &RegisterRow, after: &RegisterRow) -> Vec<&'static str> {
    let columns = RegisterColumn::ALL.iter().zip(REGISTER_COLUMNS);
    columns
        .filter(|(column, _)| {
            !matches!(column, RegisterColumn::AgencyCode) && column.value(before) != column.value(after)
        })
        .map(|(_, column)| column.header)
        .collect()
}

impl Taker<'_> {
    pub(super) fn take_contract(&mut self, row: u32, mut record: RegisterRow) -> Result<(), Error> {
        self.look_at_moments(row, &record)?;
        // One agency, however its name is written: what is stored and compared has its own spelling.
        if let Some(name) = &record.agency
            && let Some(known) = self.known_agency(row, &name.clone())?
        {
            record.agency = Some(known.name);
        }
        let digest = contracts::row_digest(&record)?;
        let Some(number) = record.registration_number.clone() else {
            let place = self.place(row);
            let times = imports::count(self.db, &digest, place)?;
            if times > 1
                && let Some(first) = imports::note(self.db, &digest, place)?
            {
                let first = self.place_label(first);
                let detail = format!("此行与{first}内容相同，都没有登记编号，按不同的合同导入；重复的请删去");
                self.tell_of_row(row, "repeated_row", detail);
            }
            if contracts::count_unnumbered(self.db, &digest)? >= times {
                self.done.unchanged += 1;
                return Ok(());
            }
            return self.add_contract(row, record, &digest);
        };
        match contracts::digest_by_number(self.db, &number)? {
            None => self.add_contract(row, record, &digest),
            Some((_, known)) if known == digest => {
                self.done.unchanged += 1;
                Ok(())
            }
            Some((id, known)) => self.take_known(row, record, id, &known),
        }
    }

    /// A row that does not say what is stored under its number. Columns that the file does not have say nothing at all: what is
    /// stored in them stays.
    fn take_known(&mut self, row: u32, mut record: RegisterRow, id: i64, known: &str) -> Result<(), Error> {
        let stored = contracts::find(self.db, id)?.ok_or_else(|| Error::internal("a contract vanished"))?;
        let before = RegisterRow::of(&stored);
        for column in &self.absent {
            if let Some(column) = RegisterColumn::ALL.get(*column) {
                record.keep(*column, &before);
            }
        }
        let digest = contracts::row_digest(&record)?;
        if digest == known {
            self.done.unchanged += 1;
            return Ok(());
        }
        if self.request.update {
            self.update_contract(row, record, stored, &digest)
        } else {
            self.refuse_changed(row, &before, &record)
        }
    }

    fn refuse_changed(&mut self, row: u32, before: &RegisterRow, record: &RegisterRow) -> Result<(), Error> {
        let detail = format!(
            "该编号在登记簿中已有记录，内容不同（{}）；如确需更正，请允许更正已有记录（命令行加 --update）",
            differing_headers(before, record).join("、")
        );
        let number = record.registration_number.clone().unwrap_or_default();
        self.wrong_by_register(row, NUMBER, &number, "changed", detail)
    }

    fn add_contract(&mut self, row: u32, record: RegisterRow, digest: &str) -> Result<(), Error> {
        // Everything that can be wrong is looked at, also where an earlier error keeps the row from being written.
        let free = self.national_number_is_free(row, &record, 0)?;
        let agency = self.agency_of(row, &record)?;
        if !free || !self.writes() {
            return Ok(());
        }
        let mut contract = self.contract_of(record, agency);
        contract.id = contracts::insert_row(self.db, &contract, digest.to_owned(), &self.request.actor, self.now)?;
        if contract.state.was_confirmed() {
            let from = contract.confirmed_at.unwrap_or(self.now);
            standings::open(self.db, &contract, from, contract.ended.as_ref().map(|e| e.at))?;
        }
        self.add_ending(&contract)?;
        self.done.added += 1;
        if let Some(preview) = &mut self.preview {
            preview.adds(row, digest);
        }
        let pin = Change {
            pointer: "/row_digest".to_owned(),
            from: json!(null),
            to: json!(digest),
        };
        self.enter(
            row,
            "import",
            Some(contract.id),
            (None, Some(contract.state.id())),
            vec![pin],
        )
    }

    pub(super) fn add_ending(&mut self, contract: &Contract) -> Result<(), Error> {
        if let Some(ended) = &contract.ended {
            endings::insert(
                self.db,
                &Ending {
                    contract_id: contract.id,
                    at: ended.at,
                    state: ended.state,
                    ground: ended.ground.clone(),
                    amount_fen: contract.content.amount_fen.unwrap_or(0),
                },
            )?;
        }
        Ok(())
    }

    pub(super) fn national_number_is_free(&mut self, row: u32, record: &RegisterRow, id: i64) -> Result<bool, Error> {
        let Some(number) = &record.national_number else {
            return Ok(true);
        };
        // No key of a row begins so: registration numbers are ASCII.
        const COLUMN: &str = "国家登记编号";
        const CODE: &str = "duplicate_number";
        let place = self.place(row);
        if let Some(earlier) = imports::note(self.db, &format!("国家 {number}"), place)? {
            let detail = format!("国家登记编号与{}重复", self.place_label(earlier));
            self.wrong(row, COLUMN, number, CODE, detail)?;
            return Ok(false);
        }
        if !contracts::with_national_number(self.db, number, id)?.is_empty() {
            let detail = "国家登记编号已属于另一项合同".to_owned();
            self.wrong_by_register(row, COLUMN, number, CODE, detail)?;
            return Ok(false);
        }
        Ok(true)
    }

    /// The agency that a row names; made where it is not there yet.
    pub(super) fn agency_of(&mut self, row: u32, record: &RegisterRow) -> Result<Option<Agency>, Error> {
        let Some(name) = &record.agency else {
            return Ok(None);
        };
        self.agency(row, name, record.agency_code.as_deref()).map(Some)
    }

    /// What the row says to have happened must have happened.
    fn look_at_moments(&mut self, row: u32, record: &RegisterRow) -> Result<(), Error> {
        let moments = [
            (RegisterColumn::SubmittedAt, record.submitted_at),
            (RegisterColumn::ConfirmedAt, record.confirmed_at),
            (RegisterColumn::EndedAt, record.ended.as_ref().map(|e| e.at)),
            (RegisterColumn::RefusedAt, record.refusal.as_ref().and_then(|r| r.at)),
            (RegisterColumn::ReturnedAt, record.returned.as_ref().map(|r| r.at)),
            (RegisterColumn::SignedOn, record.content.signed_on.map(Moment::start_of)),
            (
                RegisterColumn::ReceivedOn,
                record.content.received_on.map(Moment::start_of),
            ),
        ];
        for (column, at) in moments {
            if let Some(at) = at.filter(|at| *at > self.now) {
                let header = REGISTER_COLUMNS.get(column as usize).map_or("", |c| c.header);
                let detail = format!("{header}晚于现在，不可能已经发生，请核对年份");
                self.wrong(row, header, &moment_text(at), "in_future", detail)?;
            }
        }
        Ok(())
    }

    /// The agency that a name means: of that very name, or else the one whose name is the same to a reader.
    pub(super) fn known_agency(&mut self, row: u32, name: &str) -> Result<Option<Agency>, Error> {
        if let Some(known) = self.agencies.get(name) {
            return Ok(Some(known.clone()));
        }
        if let Some(found) = agencies::find_by_name(self.db, name)? {
            return Ok(Some(found));
        }
        let mut alike = agencies::find_alike(self.db, name)?;
        if alike.len() > 1 {
            let names: Vec<String> = alike.iter().map(|a| format!("“{}”", a.name)).collect();
            let detail = format!(
                "名称相近的登记机构有 {} 个（{}），请写其中一个的全名",
                names.len(),
                names.join("、")
            );
            self.wrong(row, "登记机构", name, "agency_ambiguous", detail)?;
        }
        Ok((!alike.is_empty()).then(|| alike.swap_remove(0)))
    }

    /// An agency by its name; made where it is not there yet, given its code where it had none.
    pub(super) fn agency(&mut self, row: u32, name: &str, code: Option<&str>) -> Result<Agency, Error> {
        if let Some(known) = self.agencies.get(name)
            && (code.is_none() || known.code.as_deref() == code)
        {
            return Ok(known.clone());
        }
        let found = self.known_agency(row, name)?;
        let is_found = |other: &Agency| found.as_ref().is_some_and(|found| found.id == other.id);
        let other = match code {
            Some(code) => agencies::find_by_code(self.db, code)?.filter(|o| !is_found(o)),
            None => None,
        };
        if let (Some(code), Some(other)) = (code, other) {
            let detail = format!("机构代码 {code} 已属于“{}”", other.name);
            self.wrong(row, "机构代码", code, "agency_code_taken", detail)?;
            return Ok(other);
        }
        let agency = match found {
            None => {
                let id = agencies::insert(self.db, name, code, self.now)?;
                self.made.insert(id);
                self.enter_agency(row, name, code)?;
                self.new_agencies.push(name.to_owned());
                Agency {
                    id,
                    code: code.map(str::to_owned),
                    name: name.to_owned(),
                }
            }
            Some(Agency { id, code: None, name }) if code.is_some() => {
                let code = code.unwrap_or_default();
                agencies::set_code(self.db, id, code)?;
                self.enter_agency(row, &name, Some(code))?;
                Agency {
                    id,
                    code: Some(code.to_owned()),
                    name,
                }
            }
            Some(agency) => {
                if let Some(code) = code
                    && agency.code.as_deref() != Some(code)
                {
                    let known = agency.code.clone().unwrap_or_default();
                    let detail = format!("“{name}”的机构代码是 {known}");
                    self.wrong(row, "机构代码", code, "agency_code_differs", detail)?;
                }
                agency
            }
        };
        self.agencies.insert(name.to_owned(), agency.clone());
        Ok(agency)
    }

    fn enter_agency(&mut self, row: u32, name: &str, code: Option<&str>) -> Result<(), Error> {
        let change = Change {
            pointer: "/agency".to_owned(),
            from: json!(null),
            to: json!({"name": name, "code": code}),
        };
        self.enter(row, "import_agency", None, (None, None), vec![change])
    }

    /// A row as a contract that was never here before.
    pub(super) fn contract_of(&self, row: RegisterRow, agency: Option<Agency>) -> Contract {
        let accepted = row
            .content
            .received_on
            .or_else(|| row.submitted_at.map(Moment::date))
            .filter(|_| !matches!(row.state, State::Draft));
        let rule_set = accepted
            .or_else(|| row.confirmed_at.map(Moment::date))
            .and_then(|day| self.ctx.catalogue.rule_set_on(day));
        let technology_amount = row.content.technology_amount_fen.unwrap_or(0);
        let due_on = accepted.and_then(|day| {
            rule_set.map(|rules| rules.due_on(day, technology_amount, self.ctx.catalogue.calendar()).on)
        });
        let expert_concluded_at = row.concluded_at().filter(|_| row.expert_reviewed);
        Contract {
            id: 0,
            version: 1,
            revision: 1,
            state: row.state,
            registration_number: row.registration_number,
            national_number: row.national_number,
            agency,
            registrar_certificate: row.registrar_certificate,
            rule_set: rule_set.map(|r| r.id.clone()),
            entered_by: None,
            submitted_by: None,
            claimed_by: None,
            confirmed_by: None,
            created_at: self.now,
            submitted_at: row.submitted_at,
            due_on,
            confirmed_at: row.confirmed_at,
            returned: row.returned,
            refusal: row.refusal,
            ended: row.ended,
            expert_concluded_at,
            claimed_at: None,
            expert_conclusion: None,
            open_change_request: None,
            experts: Vec::new(),
            content: row.content,
        }
    }
}
