-- +goose Up
-- The id by which Webim knows a user: random, given once, and never another's.
CREATE TABLE webim_visitors (
    user_id    INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    visitor_id TEXT    NOT NULL UNIQUE
);
INSERT INTO webim_visitors SELECT id, lower(hex(randomblob(16))) FROM users;
-- Whoever has an account has an id, however the account was made, so that no page has to make one.
-- +goose StatementBegin
CREATE TRIGGER webim_visitor_of_user AFTER INSERT ON users BEGIN
    INSERT INTO webim_visitors VALUES (new.id, lower(hex(randomblob(16))));
END;
-- +goose StatementEnd

-- What Webim has told of chats. The digest is of what was signed: a repeat is known by it.
CREATE TABLE webim_events (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at BIGINT  NOT NULL,
    event       TEXT    NOT NULL CHECK (event IN ('chat_started', 'chat_assigned', 'chat_closed')),
    chat_id     TEXT    NOT NULL,  -- empty where Webim's text does not have it where we look
    operator    TEXT    NOT NULL,
    user_id     INTEGER REFERENCES users (id) ON DELETE CASCADE,  -- empty for a visitor who is none of ours
    digest      BLOB    NOT NULL UNIQUE
);
CREATE INDEX webim_events_user ON webim_events (user_id, id);

-- +goose Down
DROP TABLE webim_events;
DROP TRIGGER webim_visitor_of_user;
DROP TABLE webim_visitors;
