-- +goose Up
-- When an administrator switched the account off; empty while it is on.
ALTER TABLE users ADD COLUMN disabled_at BIGINT;

-- An id is never given again: the audit speaks of its bearer for ever.
CREATE TABLE deleted_users (id BIGINT PRIMARY KEY);
-- +goose StatementBegin
CREATE FUNCTION users_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO deleted_users (id) VALUES (old.id);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER users_deleted AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION users_deleted();

-- To know whether an administrator is the last.
CREATE INDEX users_administrators ON users (id) WHERE role = 'administrator';

-- +goose Down
DROP INDEX users_administrators;
DROP TRIGGER users_deleted ON users;
DROP FUNCTION users_deleted;
DROP TABLE deleted_users;
ALTER TABLE users DROP COLUMN disabled_at;
