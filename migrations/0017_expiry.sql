-- +goose Up
-- The audit may lose what is old, if it says so itself before: a newer line audit_expired begins with the time before
-- which lines go, in seconds, and addresses_expired with the time before which they lose their address. Neither is
-- believed about what is younger than 30 days, or one, by the database's own clock.
DROP TRIGGER audit_not_deleted;
-- +goose StatementBegin
CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit WHEN NOT EXISTS (
    SELECT 1 FROM audit e WHERE e.event = 'audit_expired' AND e.id > old.id
    AND CAST(e.detail AS INTEGER) > old.at AND old.at < unixepoch() - 30 * 86400
) BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
-- +goose StatementEnd
DROP TRIGGER audit_not_changed;
-- +goose StatementBegin
CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit WHEN NOT (
    new.address = '~' AND new.id = old.id AND new.at = old.at AND new.event = old.event AND new.detail = old.detail
    AND new.user_id IS old.user_id AND new.actor_id IS old.actor_id AND EXISTS (
        SELECT 1 FROM audit e WHERE e.event = 'addresses_expired' AND e.id > old.id
        AND CAST(e.detail AS INTEGER) > old.at AND old.at < unixepoch() - 86400
    )
) BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
-- +goose StatementEnd

-- What is old is found without looking at what is not.
CREATE INDEX audit_age ON audit (at);
CREATE INDEX audit_addresses ON audit (at) WHERE address NOT IN ('', '-', '~');

-- +goose Down
DROP INDEX audit_addresses;
DROP INDEX audit_age;
DROP TRIGGER audit_not_deleted;
-- +goose StatementBegin
CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
-- +goose StatementEnd
DROP TRIGGER audit_not_changed;
-- +goose StatementBegin
CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
-- +goose StatementEnd
