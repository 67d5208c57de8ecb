-- Who a store is: one row. `store_id` is chance, given once; the marker of the folder of the files names it, so that no program with
-- another store touches that folder. `purpose` is `register`, or `demo` for one that `dengji demo` made and may make anew.
CREATE TABLE store_identity (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    store_id TEXT NOT NULL CHECK (length(store_id) = 32),
    purpose TEXT NOT NULL CHECK (purpose IN ('register', 'demo'))
);
INSERT INTO store_identity (id, store_id, purpose) VALUES (1, lower(hex(randomblob(16))), 'register');
