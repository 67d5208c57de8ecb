-- 技术合同登记证明: one for each confirmed revision that was ever handed out. Whether it holds is read off the contract.
CREATE TABLE registration_certificates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    revision BIGINT NOT NULL,
    -- Random, so that nobody can walk the numbers.
    code TEXT NOT NULL UNIQUE,
    issued_at BIGINT NOT NULL,
    issued_by TEXT NOT NULL,
    UNIQUE (contract_id, revision)
);
