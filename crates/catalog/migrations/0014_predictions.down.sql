DROP TABLE anomalies;
DROP TABLE holiday_calendars;
DROP TABLE networks;
