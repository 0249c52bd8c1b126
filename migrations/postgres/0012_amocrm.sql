-- +goose Up
-- Which deals at amoCRM a customer has linked. One deal shows one customer's data and nobody else's.
CREATE TABLE amocrm_links (
    account_id BIGINT  NOT NULL,
    deal_id    BIGINT  NOT NULL,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    linked_at  BIGINT  NOT NULL,
    PRIMARY KEY (account_id, deal_id)
);
CREATE INDEX amocrm_links_user ON amocrm_links (user_id);

-- The code that a customer was shown last, to be typed into the widget. It goes with the session that asked
-- for it; and with its token, which is another after a change of password.
CREATE TABLE amocrm_codes (
    user_id    BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    session    BYTEA    REFERENCES sessions (token_hash) ON DELETE CASCADE ON UPDATE SET NULL, -- NULL is good for nothing
    code_hash  BYTEA    NOT NULL UNIQUE,  -- keyed: the codes are too few for a plain hash
    expires_at BIGINT  NOT NULL
);
CREATE INDEX amocrm_codes_session ON amocrm_codes (session);

-- +goose Down
DROP TABLE amocrm_codes;
DROP TABLE amocrm_links;
