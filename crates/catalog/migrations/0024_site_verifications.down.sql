DROP TABLE site_verifications;
