DROP TABLE counted_records;
