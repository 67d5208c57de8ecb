//! The papers without which no contract is submitted.

use dengji::{
    domain::attachment::{Attachment, MediaType},
    storage::{StoreError, attachments, contracts},
    usecases::{
        Context,
        ledger::register::{RegisterFault, verify},
    },
};
use serde_json::Value;

use super::Client;

/// A small PDF; no two with different `n` are equal.
pub fn small_pdf(n: u32) -> Vec<u8> {
    format!("%PDF-1.7\n% 合同文本 {n}\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n")
        .into_bytes()
}

/// The text of one contract: no two have the same.
fn text_of(contract_id: i64) -> Vec<u8> {
    small_pdf(1_000_000 + u32::try_from(contract_id).unwrap())
}

/// Adds the text to a contract as anybody would; the contract's version after it.
#[track_caller]
pub fn attach_text(client: &Client, contract: &Value) -> i64 {
    let path = format!("/contracts/{}", contract["id"]);
    let version = contract["version"].as_i64().unwrap();
    let reply = client.attach_at(
        &path,
        version,
        "contract_text",
        "合同文本.pdf",
        &text_of(contract["id"].as_i64().unwrap()),
    );
    reply.expect(201)["contract_version"].as_i64().unwrap()
}

/// What of the register the ledgers do not bear out, but for the texts that [`give_text`] put beside drafts: an entry binds them once the
/// contract is submitted.
pub async fn register_faults(ctx: &Context) -> Vec<RegisterFault> {
    let mut faults = verify(ctx).await.unwrap().faults;
    let only_papers = |fault: &RegisterFault| fault.contract.filter(|_| fault.tables == ["attachments"]);
    let suspects: Vec<i64> = faults.iter().filter_map(only_papers).collect();
    let of_drafts = ctx
        .store
        .read(move |db| contracts::find_all(db, &suspects))
        .await
        .unwrap();
    faults.retain(|fault| {
        let contract = only_papers(fault).and_then(|id| of_drafts.get(&id));
        contract.is_none_or(|contract| contract.submitted_at.is_some())
    });
    faults
}

/// Puts a text beside a contract that has none, behind the program's back: neither version nor ledger tell of it. For tests of other
/// things, where the text must only be there.
pub async fn give_text(ctx: &Context, contract_id: i64) {
    let files = ctx.files.clone();
    let mut spool = files.spool().unwrap();
    spool.write(&text_of(contract_id)).unwrap();
    let spooled = spool.finish().unwrap();
    files.prepare(&spooled).unwrap();
    let text = Attachment {
        id: 0,
        contract_id,
        kind: "contract_text".to_owned(),
        file_name: "合同文本.pdf".to_owned(),
        media_type: MediaType::Pdf,
        size: i64::try_from(spooled.size).unwrap(),
        sha256: spooled.sha256.clone(),
        added_by: "test".to_owned(),
        added_at: ctx.clock.now(),
    };
    let insert = move |db: &mut dengji::storage::Db| {
        if attachments::count(db, contract_id)? == 0 {
            attachments::insert(db, &text)?;
            files.keep(&spooled).unwrap();
        }
        Ok::<_, StoreError>(())
    };
    // On a connection of its own: a transaction of the store would want an entry.
    ctx.store.with_connection(insert).unwrap();
}
