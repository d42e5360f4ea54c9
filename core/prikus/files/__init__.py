"""Files of clinics: bytes in a folder or in S3, a row for each in the database, and what plugins do with them."""
