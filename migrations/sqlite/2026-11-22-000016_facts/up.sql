-- That a contract was returned for correction; the contract itself forgets it when it is submitted again.
CREATE TABLE returns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id BIGINT NOT NULL REFERENCES contracts (id) ON DELETE CASCADE,
    returned_at BIGINT NOT NULL
);
CREATE INDEX returns_by_contract ON returns (contract_id);

-- Those made before, as the ledger tells of them.
INSERT INTO returns (contract_id, returned_at)
SELECT s.contract_id, CAST(round(unixepoch(json_extract(l.entry, '$.at'), 'subsec') * 1000) AS BIGINT) * 1000
FROM ledger l JOIN ledger_subjects s ON s.sequence = l.sequence JOIN contracts c ON c.id = s.contract_id
WHERE json_extract(l.entry, '$.action') = 'return'
ORDER BY l.sequence;

CREATE INDEX contracts_refused ON contracts (id) WHERE refusal IS NOT NULL;
