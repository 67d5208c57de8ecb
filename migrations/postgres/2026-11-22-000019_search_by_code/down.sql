-- What was added to the texts stays: the program before finds no less by it.
SELECT 1;
