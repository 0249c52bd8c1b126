-- +goose Up
-- What is deleted is taken out of the search's index at once, and not when its parts are next merged.
INSERT INTO users_search (users_search, rank) VALUES ('secure-delete', 1);

-- +goose Down
INSERT INTO users_search (users_search, rank) VALUES ('secure-delete', 0);
