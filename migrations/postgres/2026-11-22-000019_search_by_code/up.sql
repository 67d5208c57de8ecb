-- Contracts are found by the credit codes of their parties too: a registrar who types a code gets the party that it belongs to.
UPDATE contracts SET search_text = contracts.search_text
    || coalesce(chr(10) || lower(r.content::json #>> '{seller,uscc}'), '')
    || coalesce(chr(10) || lower(r.content::json #>> '{buyer,uscc}'), '')
FROM contract_revisions r WHERE r.contract_id = contracts.id AND r.revision = contracts.revision;
