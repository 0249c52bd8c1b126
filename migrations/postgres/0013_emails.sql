-- +goose Up
-- Nothing: no database here is of before e-mails were stored as people write them.
SELECT 1;

-- +goose Down
SELECT 1;
