-- +goose Up
-- Of what SailPlay said of a link last so much as the dashboard shows, as JSON; empty for nothing yet.
ALTER TABLE sailplay_links ADD COLUMN card TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE sailplay_links DROP COLUMN card;
