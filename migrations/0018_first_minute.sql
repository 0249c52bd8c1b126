-- +goose Up
-- What PricePlan said of a client last, as JSON, and when that was: empty and 0 for nothing yet.
ALTER TABLE priceplan_clients ADD COLUMN figures  TEXT   NOT NULL DEFAULT '';
ALTER TABLE priceplan_clients ADD COLUMN known_at BIGINT NOT NULL DEFAULT 0;

-- Of what SailPlay said of a link last so much as the dashboard shows, as JSON; empty for nothing yet.
ALTER TABLE sailplay_links ADD COLUMN card TEXT NOT NULL DEFAULT '';

-- When a user agreed to the terms; 0 where nobody asked.
ALTER TABLE users ADD COLUMN consented_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE users DROP COLUMN consented_at;
ALTER TABLE sailplay_links DROP COLUMN card;
ALTER TABLE priceplan_clients DROP COLUMN known_at;
ALTER TABLE priceplan_clients DROP COLUMN figures;
