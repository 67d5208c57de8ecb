DROP TABLE report_paragraphs;
