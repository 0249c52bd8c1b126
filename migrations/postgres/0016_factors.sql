-- +goose Up
-- When whoever is in the session last proved who they are.
ALTER TABLE sessions ADD COLUMN proven_at BIGINT NOT NULL DEFAULT 0;

-- An app that shows a code for each half minute (TOTP).
CREATE TABLE totp (
    user_id    BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret     BYTEA    NOT NULL,           -- sealed, and bound to this row
    last_step  BIGINT  NOT NULL,           -- the newest half minute whose code was used: each is good once
    created_at BIGINT  NOT NULL
);

CREATE TABLE passkeys (
    credential_id   BYTEA    PRIMARY KEY,
    user_id         BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_handle     BYTEA    NOT NULL,      -- what authenticators know the user by
    name            TEXT    NOT NULL,
    public_key      BYTEA    NOT NULL,
    transports      TEXT    NOT NULL,      -- separated by commas
    backup_eligible BOOLEAN NOT NULL,
    backed_up       BOOLEAN NOT NULL,
    sign_count      BIGINT  NOT NULL,
    created_at      BIGINT  NOT NULL,
    used_at         BIGINT  NOT NULL       -- 0 for never
);
CREATE INDEX passkeys_user ON passkeys (user_id);

-- Each is good once, and goes then.
CREATE TABLE recovery_codes (
    code_hash BYTEA    PRIMARY KEY,         -- keyed, and of the user's own
    user_id   BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

-- Browsers in which the password is enough.
CREATE TABLE trusted_browsers (
    token_hash BYTEA    PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at BIGINT  NOT NULL
);
CREATE INDEX trusted_browsers_user ON trusted_browsers (user_id);
CREATE INDEX trusted_browsers_expiry ON trusted_browsers (expires_at);

-- What a passkey has signed, so that it is good once. Challenges are not stored before.
CREATE TABLE used_challenges (
    challenge_hash BYTEA   PRIMARY KEY,
    expires_at     BIGINT NOT NULL
);
CREATE INDEX used_challenges_expiry ON used_challenges (expires_at);

-- +goose Down
DROP TABLE used_challenges;
DROP TABLE trusted_browsers;
DROP TABLE recovery_codes;
DROP TABLE passkeys;
DROP TABLE totp;
ALTER TABLE sessions DROP COLUMN proven_at;
