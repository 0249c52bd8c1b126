-- +goose Up
-- The audit may lose what is old, if it says so itself before: a newer line audit_expired begins with the time before
-- which lines go, in seconds, and addresses_expired with the time before which they lose their address. Neither is
-- believed about what is younger than 30 days, or one, by the database's own clock.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (
            SELECT 1 FROM audit e WHERE e.event = 'audit_expired' AND e.id > old.id
            AND CAST(split_part(e.detail, ' ', 1) AS BIGINT) > old.at
            AND old.at < extract(epoch FROM clock_timestamp()) - 30 * 86400
        ) THEN
            RETURN old;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF new.address = '~' AND new.id = old.id AND new.at = old.at AND new.event = old.event
            AND new.detail = old.detail AND new.user_id IS NOT DISTINCT FROM old.user_id
            AND new.actor_id IS NOT DISTINCT FROM old.actor_id AND EXISTS (
                SELECT 1 FROM audit e WHERE e.event = 'addresses_expired' AND e.id > old.id
                AND CAST(split_part(e.detail, ' ', 1) AS BIGINT) > old.at
                AND old.at < extract(epoch FROM clock_timestamp()) - 86400
            )
        THEN
            RETURN new;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit is append-only';
END $$;
-- +goose StatementEnd

-- What is old is found without looking at what is not.
CREATE INDEX audit_age ON audit (at);
CREATE INDEX audit_addresses ON audit (at) WHERE address NOT IN ('', '-', '~');

-- +goose Down
DROP INDEX audit_addresses;
DROP INDEX audit_age;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END $$;
-- +goose StatementEnd
