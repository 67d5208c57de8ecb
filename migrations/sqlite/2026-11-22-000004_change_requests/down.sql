DROP TABLE national_reports;
DROP TABLE reinstatements;
DROP TABLE change_requests;
