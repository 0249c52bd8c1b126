-- +goose Up
CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    email         TEXT    NOT NULL UNIQUE CHECK (email = lower(email)),
    name          TEXT    NOT NULL,
    phone         TEXT    NOT NULL DEFAULT '',
    language      TEXT    NOT NULL DEFAULT 'ru',
    role          TEXT    NOT NULL CHECK (role IN ('customer', 'administrator')),
    password_hash TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL
);

-- +goose Down
DROP TABLE users;
