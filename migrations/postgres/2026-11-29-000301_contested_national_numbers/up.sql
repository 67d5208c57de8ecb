-- A number of the national system that another contract holds (contracts.national_number is unique), reported by a registrar who may
-- not know of that contract and so is not told. The contract carries it all the same; check A04 tells reviewers.
ALTER TABLE contracts ADD COLUMN contested_national_number TEXT;
CREATE INDEX contracts_by_contested_number ON contracts (contested_national_number)
    WHERE contested_national_number IS NOT NULL;
