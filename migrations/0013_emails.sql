-- +goose Up
-- Browsers send the domain пример.рф as xn--e1afmkfd.xn--p1ai; since now an e-mail is stored as people write it.
-- Where both spellings have an account, both stay: nobody knows whose is whose.
UPDATE OR IGNORE users SET email = as_people_write(email) WHERE email LIKE '%xn--%';

-- +goose Down
-- Nothing: both spellings are right.
SELECT 1;
