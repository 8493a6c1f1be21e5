DROP TABLE forecasts;
DROP TABLE trainings;
