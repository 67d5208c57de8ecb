-- PostgreSQL keeps rows apart from their indexes already: nothing changes.
SELECT 1;
