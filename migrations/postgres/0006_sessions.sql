-- +goose Up
-- What their owner knows sessions apart by.
ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- To drop those that have ended without looking at the others.
CREATE INDEX sessions_seen ON sessions (remember, seen_at);
CREATE INDEX sessions_created ON sessions (remember, created_at);

-- +goose Down
DROP INDEX sessions_created;
DROP INDEX sessions_seen;
ALTER TABLE sessions DROP COLUMN address;
ALTER TABLE sessions DROP COLUMN user_agent;
