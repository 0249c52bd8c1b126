-- +goose Up
-- Clients that PricePlan is to be asked to create. "asking" is written before PricePlan is asked,
-- so that after a crash it is known that the answer was lost.
CREATE TABLE priceplan_provisions (
    user_id  BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    state    TEXT    NOT NULL CHECK (state IN ('waiting', 'asking', 'unclear', 'refused')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at   BIGINT  NOT NULL,            -- when it is tried, or tried again
    reason   TEXT    NOT NULL DEFAULT ''  -- PricePlan's code, where it refused
);
CREATE INDEX priceplan_provisions_due ON priceplan_provisions (due_at) WHERE state = 'waiting';

-- +goose Down
DROP TABLE priceplan_provisions;
