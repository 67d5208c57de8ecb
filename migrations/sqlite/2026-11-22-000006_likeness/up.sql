-- What contracts that count, or may come to, are recognised by (domain: likeness): parties and pair as the first 64 bits of a
-- SHA-256, the name made comparable, its sketch. The program fills it for what is there, in the transaction of this migration.
CREATE TABLE contract_likeness (
    contract_id INTEGER PRIMARY KEY REFERENCES contracts (id),
    name TEXT NOT NULL,
    sketch BIGINT NOT NULL,
    seller_key BIGINT NOT NULL,
    buyer_key BIGINT NOT NULL,
    pair_key BIGINT NOT NULL,
    signed_on DATE NOT NULL,
    amount_fen BIGINT NOT NULL
);
-- Look-alikes by day and amount; the sketch is read from the index alone.
CREATE INDEX contract_likeness_by_day ON contract_likeness (signed_on, amount_fen, sketch);
-- What the same two parties agreed.
CREATE INDEX contract_likeness_by_pair ON contract_likeness (pair_key, signed_on, amount_fen);
