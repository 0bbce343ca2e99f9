-- migrate:up

-- Roles belong to the whole server: another database of it may have made this one, even at this moment.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'aims_app') THEN
        CREATE ROLE aims_app NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;
GRANT USAGE ON SCHEMA public TO aims_app;

CREATE TABLE person (
    id text PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL CHECK (email = lower(email)),
    roles text[] NOT NULL DEFAULT '{}',
    manager text REFERENCES person DEFERRABLE INITIALLY DEFERRED,
    active boolean NOT NULL DEFAULT true,
    CONSTRAINT person_email_taken UNIQUE (email) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE person IS 'People of the organisation; someone who leaves becomes inactive and is never deleted.';
COMMENT ON COLUMN person.id IS 'Opaque handle; the only thing of a person that leaves this table.';
COMMENT ON COLUMN person.name IS 'Name to show.';
COMMENT ON COLUMN person.email IS 'Address in lower case; binds accounts to the person.';
COMMENT ON COLUMN person.roles IS 'Roles held now.';
COMMENT ON COLUMN person.manager IS 'Whom the person reports to.';
COMMENT ON COLUMN person.active IS 'Whether the person may act and is asked.';
CREATE INDEX person_roles ON person USING gin (roles) WHERE active;

CREATE TABLE slack_identity (
    enterprise_id text NOT NULL DEFAULT '',
    team_id text NOT NULL,
    user_id text NOT NULL,
    person_id text NOT NULL REFERENCES person,
    verified_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (enterprise_id, team_id, user_id)
);
COMMENT ON TABLE slack_identity IS 'Slack accounts that were bound to a person through a verified address.';
COMMENT ON COLUMN slack_identity.enterprise_id IS 'Enterprise of the workspace; empty when it belongs to none.';
COMMENT ON COLUMN slack_identity.team_id IS 'Workspace.';
COMMENT ON COLUMN slack_identity.user_id IS 'Account within the workspace.';
COMMENT ON COLUMN slack_identity.person_id IS 'Who acts through the account.';
COMMENT ON COLUMN slack_identity.verified_at IS 'When the binding was verified last.';

CREATE TABLE api_token (
    digest bytea PRIMARY KEY CHECK (length(digest) = 32),
    person_id text NOT NULL REFERENCES person,
    label text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
COMMENT ON TABLE api_token IS 'Tokens of the REST interface; their text is shown once and stored nowhere.';
COMMENT ON COLUMN api_token.digest IS 'SHA-256 of the token.';
COMMENT ON COLUMN api_token.person_id IS 'Who acts with the token.';
COMMENT ON COLUMN api_token.label IS 'What the person calls it.';
COMMENT ON COLUMN api_token.created_at IS 'When it was made.';
COMMENT ON COLUMN api_token.expires_at IS 'From when it is worth nothing; empty for never.';
COMMENT ON COLUMN api_token.revoked_at IS 'When it was revoked.';
CREATE INDEX api_token_person ON api_token (person_id);

GRANT SELECT, INSERT, UPDATE ON person, slack_identity TO aims_app;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON api_token TO aims_app;

-- migrate:down
DROP TABLE api_token, slack_identity, person;
