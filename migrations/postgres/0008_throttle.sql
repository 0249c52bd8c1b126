-- +goose Up
-- How much was tried lately. A key is a keyed hash: who tried what cannot be read here.
CREATE TABLE throttle (
    key     BYTEA    PRIMARY KEY,
    full_at BIGINT  NOT NULL,  -- when the allowance will be whole again, in unix milliseconds
    noted   BOOLEAN NOT NULL   -- whether the audit has been told that the allowance is used up
);
CREATE INDEX throttle_full ON throttle (full_at);

-- +goose Down
DROP TABLE throttle;
