//! Rows of registrar certificates; importing them makes the agencies they name.

use serde_json::json;

use super::run::Taker;
use crate::{
    domain::{account::Certificate, interchange::RegistrarRow, ledger::Change, time::Date},
    storage::registrars::{self, Registrar},
    usecases::Error,
};

const NUMBER: &str = "证书编号";
const VALID_UNTIL: &str = "有效期至";

fn shown(day: Option<Date>) -> String {
    day.map(|d| d.to_string()).unwrap_or_default()
}

impl Taker<'_> {
    pub(super) fn take_registrar(&mut self, row: u32, record: &RegistrarRow) -> Result<(), Error> {
        let number = &record.certificate_number;
        let agency = self.agency(row, &record.agency_name, record.agency_code.as_deref())?;
        let known = registrars::find(self.db, number)?;
        let before = known.as_ref().map(|k| {
            json!({"certificate_number": k.certificate.number, "name": k.name, "agency_id": k.agency_id,
                "issued_on": k.certificate.issued_on, "valid_until": k.certificate.valid_until,
                "last_training_on": k.last_training_on})
        });
        let registrar = Registrar {
            id: known.as_ref().map_or(0, |k| k.id),
            certificate: Certificate {
                number: number.clone(),
                issued_on: record.issued_on,
                valid_until: record.valid_until,
                suspension: known.as_ref().and_then(|k| k.certificate.suspension),
            },
            name: record.name.clone(),
            agency_id: agency.id,
            last_training_on: record.last_training_on,
        };
        match known {
            Some(known) if known == registrar => {
                self.done.unchanged += 1;
                return Ok(());
            }
            Some(_) if !self.request.update => {
                return self.wrong(
                    row,
                    NUMBER,
                    number,
                    "changed",
                    "该证书已有记录，内容不同；如确需更正，请允许更正已有记录（命令行加 --update）",
                );
            }
            _ if !self.writes() => return Ok(()),
            Some(_) => {
                if !registrars::correct(self.db, &registrar)? {
                    let detail = "与本系统登记的续期不符：有效期应在最近一次续期开始之日或其后";
                    return self.wrong(row, VALID_UNTIL, &shown(record.valid_until), "periods_disagree", detail);
                }
                self.done.updated += 1;
            }
            None => {
                registrars::insert(self.db, &registrar)?;
                self.done.added += 1;
            }
        }
        let change = Change {
            pointer: format!("/registrars/{number}"),
            from: json!(before),
            to: json!(record),
        };
        self.enter(row, "import_registrar", None, (None, None), vec![change])
    }
}
