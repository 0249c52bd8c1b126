-- +goose Up
-- Finds any three characters in a row, whatever their case and script, among a million users.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX users_search ON users USING gin (email gin_trgm_ops, name gin_trgm_ops, phone gin_trgm_ops);

-- +goose Down
DROP INDEX users_search;
