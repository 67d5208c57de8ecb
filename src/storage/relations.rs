//! Which tables belong together, and which may stand in one query.

use super::schema::*;

diesel::joinable!(contracts -> agencies (agency_id));
diesel::joinable!(users -> agencies (agency_id));
diesel::joinable!(users -> registrars (registrar_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(registrars -> agencies (agency_id));
diesel::joinable!(change_requests -> contracts (contract_id));
diesel::joinable!(training_participants -> trainings (training_id));
diesel::joinable!(training_participants -> agencies (agency_id));
diesel::joinable!(training_participants -> registrars (registrar_id));
diesel::joinable!(contract_likeness -> contracts (contract_id));
diesel::joinable!(import_differences -> contracts (contract_id));
diesel::joinable!(outbox -> messages (message_id));
diesel::joinable!(self_audit_items -> contracts (contract_id));
diesel::joinable!(self_audit_findings -> self_audit_items (item_id));
diesel::allow_tables_to_appear_in_same_query!(
    agencies,
    registrars,
    users,
    sessions,
    page_sessions,
    refresh_tokens,
    contracts,
    contract_revisions,
    standings,
    endings,
    ledger,
    ledger_subjects,
    expert_reviews,
    expert_review_members,
    expert_review_contracts,
    expert_recusals,
    expert_opinions,
    change_requests,
    registrar_periods,
    registrar_suspensions,
    registrar_reminders,
    trainings,
    training_participants,
    deadline_notices,
    contract_likeness,
    attachments,
    self_audits,
    self_audit_items,
    self_audit_findings,
    returns,
    import_differences,
);
diesel::allow_tables_to_appear_in_same_query!(messages, outbox);
