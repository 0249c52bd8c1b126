-- +goose Up
-- When a user agreed to the terms; 0 where nobody asked.
ALTER TABLE users ADD COLUMN consented_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE users DROP COLUMN consented_at;
