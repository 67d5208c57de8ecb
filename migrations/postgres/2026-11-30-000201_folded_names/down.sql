-- What was made of texts stays as it is; the program before folds what it compares with it otherwise.
SELECT 1;
