-- +goose Up
-- Who did what to whom. Users are named by id only and not referenced, so that a line outlives
-- its users without keeping their names. Nothing is ever changed here.
CREATE TABLE audit (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       BIGINT  NOT NULL,
    event    TEXT    NOT NULL,
    user_id  INTEGER,           -- whom it concerns; empty for an account that does not exist
    actor_id INTEGER,           -- who did it; empty for a stranger and for the command line
    address  TEXT    NOT NULL,  -- from where; empty for the command line
    detail   TEXT    NOT NULL
);
CREATE INDEX audit_user ON audit (user_id, id);
CREATE INDEX audit_actor ON audit (actor_id, id);
CREATE INDEX audit_event ON audit (event, id);
-- +goose StatementBegin
CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = new.id) BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER audit_not_deleted;
DROP TRIGGER audit_not_replaced;
DROP TRIGGER audit_not_changed;
DROP TABLE audit;
