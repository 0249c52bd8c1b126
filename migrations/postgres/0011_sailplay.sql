-- +goose Up
-- A customer's one account at SailPlay, one to one with our user: whoever could slip another's account
-- under theirs would spend another's points.
CREATE TABLE sailplay_links (
    user_id        BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    origin_user_id TEXT    NOT NULL UNIQUE,
    auth_hash      BYTEA    NOT NULL,            -- sealed, and bound to this row
    linked_at      BIGINT  NOT NULL,
    figures        TEXT    NOT NULL DEFAULT '', -- what SailPlay said last, as JSON; empty for nothing yet
    known_at       BIGINT  NOT NULL DEFAULT 0   -- when that was
);

-- Who is on the way to SailPlay and back. A state is good once, for the session that it was made in; a
-- session that ends takes its states along.
CREATE TABLE sailplay_states (
    state_hash BYTEA    PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session    BYTEA    NOT NULL REFERENCES sessions (token_hash) ON DELETE CASCADE ON UPDATE CASCADE,
    popup      BOOLEAN NOT NULL,
    replacing  BOOLEAN NOT NULL,                -- whether the password was asked, so that a link may be replaced
    expires_at BIGINT  NOT NULL,
    used       BOOLEAN NOT NULL DEFAULT false
);
CREATE INDEX sailplay_states_expires ON sailplay_states (expires_at);
CREATE INDEX sailplay_states_session ON sailplay_states (session);

-- +goose Down
DROP TABLE sailplay_states;
DROP TABLE sailplay_links;
