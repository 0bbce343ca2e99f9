-- migrate:up

CREATE TABLE effect (
    key text PRIMARY KEY,
    kind text NOT NULL,
    case_id text NOT NULL,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'sending', 'done')),
    attempts integer NOT NULL DEFAULT 0,
    quiet_until timestamptz,
    result text,
    problem text,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at timestamptz,
    CONSTRAINT effect_done_has_a_result CHECK ((state = 'done') = (result IS NOT NULL))
);
COMMENT ON TABLE effect IS 'Effects on the outside: the intent stands here before the call, the result after it.';
COMMENT ON COLUMN effect.key IS 'Workflow, logical step and cycle.';
COMMENT ON COLUMN effect.kind IS 'What kind of effect.';
COMMENT ON COLUMN effect.case_id IS 'The case it belongs to.';
COMMENT ON COLUMN effect.state IS 'new: did not happen; sending: may have happened; done: happened.';
COMMENT ON COLUMN effect.attempts IS 'Fence: only the newest attempt may call out.';
COMMENT ON COLUMN effect.quiet_until IS 'Until when an attempt in doubt settles outside.';
COMMENT ON COLUMN effect.result IS 'What came of it.';
COMMENT ON COLUMN effect.problem IS 'Why it was refused last.';
COMMENT ON COLUMN effect.started_at IS 'When it was meant first.';
COMMENT ON COLUMN effect.settled_at IS 'When its result was recorded.';
CREATE INDEX effect_case ON effect (case_id, kind) WHERE state = 'done';

CREATE TABLE ticket (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE,
    title text NOT NULL,
    body text NOT NULL,
    labels text[] NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'in_progress', 'done', 'dropped')),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ticket IS 'Tickets of organisations without a ticketing system.';
COMMENT ON COLUMN ticket.id IS 'Number people see.';
COMMENT ON COLUMN ticket.key IS 'Idempotency key.';
COMMENT ON COLUMN ticket.title IS 'Headline.';
COMMENT ON COLUMN ticket.body IS 'Text.';
COMMENT ON COLUMN ticket.labels IS 'Labels.';
COMMENT ON COLUMN ticket.state IS 'Where the work stands.';
COMMENT ON COLUMN ticket.created_at IS 'When it was created.';

CREATE TABLE ticket_comment (
    key text PRIMARY KEY,
    ticket_id bigint NOT NULL REFERENCES ticket,
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ticket_comment IS 'Comments on local tickets.';
COMMENT ON COLUMN ticket_comment.key IS 'Idempotency key.';
COMMENT ON COLUMN ticket_comment.ticket_id IS 'The ticket.';
COMMENT ON COLUMN ticket_comment.text IS 'What was said.';
COMMENT ON COLUMN ticket_comment.created_at IS 'When it was said.';
CREATE INDEX ticket_comment_ticket ON ticket_comment (ticket_id);

CREATE TABLE evidence (
    digest text NOT NULL CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
    system_key text NOT NULL REFERENCES ai_system,
    size bigint NOT NULL CHECK (size >= 0),
    media_type text NOT NULL,
    name text NOT NULL,
    uploaded_by text NOT NULL REFERENCES person,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (digest, system_key)
);
COMMENT ON TABLE evidence IS 'What is known of each stored piece of evidence; its bytes are in the object storage.';
COMMENT ON COLUMN evidence.digest IS 'SHA-256 of the bytes, and their address.';
COMMENT ON COLUMN evidence.system_key IS 'AI system it speaks of.';
COMMENT ON COLUMN evidence.size IS 'Bytes.';
COMMENT ON COLUMN evidence.media_type IS 'Media type.';
COMMENT ON COLUMN evidence.name IS 'File name as uploaded.';
COMMENT ON COLUMN evidence.uploaded_by IS 'Who uploaded it.';
COMMENT ON COLUMN evidence.uploaded_at IS 'When.';
CREATE INDEX evidence_system ON evidence (system_key, uploaded_at);

CREATE TABLE idempotency (
    caller text NOT NULL,
    key text NOT NULL,
    request_digest text NOT NULL,
    status integer NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
);
COMMENT ON TABLE idempotency IS 'First answers of the REST interface: the same key again gets the same answer.';
COMMENT ON COLUMN idempotency.caller IS 'Who asked.';
COMMENT ON COLUMN idempotency.key IS 'The key that the caller chose.';
COMMENT ON COLUMN idempotency.request_digest IS 'What was asked, so that another request under the key is noticed.';
COMMENT ON COLUMN idempotency.status IS 'HTTP status of the answer.';
COMMENT ON COLUMN idempotency.body IS 'Body of the answer.';
COMMENT ON COLUMN idempotency.created_at IS 'When it was answered.';

CREATE TABLE slack_replay (
    signature_digest bytea PRIMARY KEY CHECK (length(signature_digest) = 32),
    seen_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE slack_replay IS 'Signatures of Slack requests seen in the last minutes; a second use is a replay.';
COMMENT ON COLUMN slack_replay.signature_digest IS 'SHA-256 of the signature.';
COMMENT ON COLUMN slack_replay.seen_at IS 'When it came first.';
CREATE INDEX slack_replay_seen ON slack_replay (seen_at);

GRANT SELECT, INSERT, UPDATE ON effect TO aims_app;
GRANT SELECT, INSERT, UPDATE (state) ON ticket TO aims_app;
GRANT SELECT, INSERT ON ticket_comment, evidence, idempotency TO aims_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON slack_replay TO aims_app;

-- migrate:down
DROP TABLE slack_replay, idempotency, evidence, ticket_comment, ticket, effect;
