-- Texts are folded otherwise (domain: text::key): the program fills what was made of them anew, in the transaction of this migration.
SELECT 1;
