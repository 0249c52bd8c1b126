-- +goose Up
-- Letters that wait to be sent. Each is written in the transaction of the change that causes it.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never given again: who works on a letter knows it by this
    message_id TEXT    NOT NULL,
    recipient  TEXT    NOT NULL,
    language   TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    data       BLOB    NOT NULL,           -- sealed: what the letter says, links among it
    attempts   INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT  NOT NULL,
    due_at     BIGINT  NOT NULL
);
CREATE INDEX outbox_due ON outbox (due_at, id);

-- What a link in a letter is good for, once.
CREATE TABLE confirmations (
    token_hash BLOB    PRIMARY KEY,
    kind       TEXT    NOT NULL,
    user_id    INTEGER REFERENCES users (id) ON DELETE CASCADE, -- NULL for who has no account yet
    email      TEXT    NOT NULL,
    data       BLOB    NOT NULL,           -- sealed
    expires_at BIGINT  NOT NULL
);
CREATE INDEX confirmations_user ON confirmations (user_id, kind);
CREATE INDEX confirmations_email ON confirmations (email, kind);
CREATE INDEX confirmations_expiry ON confirmations (expires_at);

-- +goose Down
DROP TABLE confirmations;
DROP TABLE outbox;
