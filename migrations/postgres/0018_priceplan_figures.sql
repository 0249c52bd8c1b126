-- +goose Up
-- What PricePlan said of a client last, as JSON, and when that was: empty and 0 for nothing yet.
ALTER TABLE priceplan_clients ADD COLUMN figures  TEXT   NOT NULL DEFAULT '';
ALTER TABLE priceplan_clients ADD COLUMN known_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE priceplan_clients DROP COLUMN known_at;
ALTER TABLE priceplan_clients DROP COLUMN figures;
