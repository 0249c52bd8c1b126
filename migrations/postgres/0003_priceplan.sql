-- +goose Up
-- PricePlan's numeric client id, one to one with our user: a client id shared by
-- two users would open one customer's billing to another.
CREATE TABLE priceplan_clients (
    user_id   BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    client_id BIGINT  NOT NULL UNIQUE CHECK (client_id > 0)
);

-- +goose Down
DROP TABLE priceplan_clients;
