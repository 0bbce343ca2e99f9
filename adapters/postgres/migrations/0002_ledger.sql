-- migrate:up

CREATE TABLE ledger_entry (
    seq bigint PRIMARY KEY,
    key text NOT NULL UNIQUE,
    payload text NOT NULL,
    recorded_at text NOT NULL,
    prev_hash text NOT NULL,
    hash text NOT NULL,
    system text NOT NULL GENERATED ALWAYS AS (payload::jsonb ->> 'system') STORED,
    case_id text NOT NULL GENERATED ALWAYS AS (payload::jsonb ->> 'case') STORED,
    kind text NOT NULL GENERATED ALWAYS AS (payload::jsonb ->> 'kind') STORED,
    occurred_at text NOT NULL GENERATED ALWAYS AS (payload::jsonb ->> 'occurred_at') STORED,
    CONSTRAINT ledger_key_is_the_payloads CHECK (key = payload::jsonb ->> 'key')
);
COMMENT ON TABLE ledger_entry IS 'The record: one hash chain, appended to by ledger_append and never changed.';
COMMENT ON COLUMN ledger_entry.seq IS 'Place in the chain, from 1, without gaps.';
COMMENT ON COLUMN ledger_entry.key IS 'Workflow, logical step and cycle; unique for ever.';
COMMENT ON COLUMN ledger_entry.payload IS 'The canonical text that is hashed; no free text, no personal data.';
COMMENT ON COLUMN ledger_entry.recorded_at IS 'The clock of the database as it was hashed, RFC 3339 in UTC.';
COMMENT ON COLUMN ledger_entry.prev_hash IS 'Hash of the entry before, 64 zeros before the first.';
COMMENT ON COLUMN ledger_entry.hash IS 'SHA-256 over domain, prev_hash, seq, recorded_at and payload.';
COMMENT ON COLUMN ledger_entry.system IS 'AI system, from the payload.';
COMMENT ON COLUMN ledger_entry.case_id IS 'Case, from the payload.';
COMMENT ON COLUMN ledger_entry.kind IS 'What kind of fact, from the payload.';
COMMENT ON COLUMN ledger_entry.occurred_at IS 'Time of the case, from the payload.';
CREATE INDEX ledger_entry_system ON ledger_entry (system, seq);

CREATE TABLE ledger_head (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    seq bigint NOT NULL,
    hash text NOT NULL
);
COMMENT ON TABLE ledger_head IS 'The end of the chain; its row is the lock of every append.';
COMMENT ON COLUMN ledger_head.single IS 'There is one row.';
COMMENT ON COLUMN ledger_head.seq IS 'Place of the last entry.';
COMMENT ON COLUMN ledger_head.hash IS 'Hash of the last entry.';
INSERT INTO ledger_head (seq, hash) VALUES (0, repeat('0', 64));

CREATE FUNCTION ledger_append(keys text[], payloads text[])
RETURNS TABLE (seq bigint, written boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    head public.ledger_head;
    stamp text;
BEGIN
    SELECT * INTO STRICT head FROM public.ledger_head FOR UPDATE;
    FOR i IN 1 .. cardinality(keys) LOOP
        SELECT e.seq, false INTO seq, written FROM public.ledger_entry e WHERE e.key = keys[i];
        IF FOUND THEN
            PERFORM FROM public.ledger_entry e WHERE e.key = keys[i] AND e.payload = payloads[i];
            IF NOT FOUND THEN
                RAISE unique_violation USING MESSAGE = 'this key was recorded with another payload',
                    CONSTRAINT = 'ledger_key_has_one_payload';
            END IF;
            RETURN NEXT;
            CONTINUE;
        END IF;
        stamp := to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
        INSERT INTO public.ledger_entry (seq, key, payload, recorded_at, prev_hash, hash)
        VALUES (head.seq + 1, keys[i], payloads[i], stamp, head.hash, encode(sha256(convert_to(concat_ws(
            E'\n', 'aims.ledger.v1', head.hash, head.seq + 1, stamp, payloads[i]), 'UTF8')), 'hex'))
        RETURNING ledger_entry.seq, ledger_entry.hash, ledger_entry.seq, true INTO head.seq, head.hash, seq, written;
        RETURN NEXT;
    END LOOP;
    UPDATE public.ledger_head SET seq = head.seq, hash = head.hash;
END
$$;
COMMENT ON FUNCTION ledger_append IS
    'The only way into the record; called last in the transaction that changes state. A known key keeps its place.';

CREATE FUNCTION ledger_forbid() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'the ledger is append-only';
END
$$;
COMMENT ON FUNCTION ledger_forbid IS 'Stops every change of the ledger, whoever tries it.';

CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_forbid();
-- Holds for replication roles, too.
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_is_append_only;
COMMENT ON TRIGGER ledger_is_append_only ON ledger_entry IS 'What is recorded stays.';

REVOKE ALL ON FUNCTION ledger_append, ledger_forbid FROM PUBLIC;
GRANT SELECT ON ledger_entry, ledger_head TO aims_app;
GRANT EXECUTE ON FUNCTION ledger_append TO aims_app;

-- migrate:down
DROP TABLE ledger_entry, ledger_head;
DROP FUNCTION ledger_append, ledger_forbid;
