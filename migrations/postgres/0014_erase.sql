-- +goose Up
-- Nothing: what is deleted is out of the index once its pages are vacuumed.
SELECT 1;

-- +goose Down
SELECT 1;
