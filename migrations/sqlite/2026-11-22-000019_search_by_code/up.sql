-- Contracts are found by the credit codes of their parties too: a registrar who types a code gets the party that it belongs to.
UPDATE contracts SET search_text = search_text || coalesce((
    SELECT coalesce(char(10) || lower(json_extract(r.content, '$.seller.uscc')), '')
        || coalesce(char(10) || lower(json_extract(r.content, '$.buyer.uscc')), '')
    FROM contract_revisions r WHERE r.contract_id = contracts.id AND r.revision = contracts.revision), '');
