-- +goose Up
-- Finds any three characters in a row, whatever their case and script, among a million users.
CREATE VIRTUAL TABLE users_search USING fts5 (email, name, phone, content = 'users', content_rowid = 'id', tokenize = 'trigram');
INSERT INTO users_search (users_search) VALUES ('rebuild');
-- +goose StatementBegin
CREATE TRIGGER users_search_insert AFTER INSERT ON users BEGIN
    INSERT INTO users_search (rowid, email, name, phone) VALUES (new.id, new.email, new.name, new.phone);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER users_search_delete AFTER DELETE ON users BEGIN
    INSERT INTO users_search (users_search, rowid, email, name, phone) VALUES ('delete', old.id, old.email, old.name, old.phone);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER users_search_update AFTER UPDATE OF email, name, phone ON users BEGIN
    INSERT INTO users_search (users_search, rowid, email, name, phone) VALUES ('delete', old.id, old.email, old.name, old.phone);
    INSERT INTO users_search (rowid, email, name, phone) VALUES (new.id, new.email, new.name, new.phone);
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER users_search_update;
DROP TRIGGER users_search_delete;
DROP TRIGGER users_search_insert;
DROP TABLE users_search;
