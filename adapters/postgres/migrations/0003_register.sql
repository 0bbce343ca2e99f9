-- migrate:up

CREATE TABLE policy (
    digest text PRIMARY KEY CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
    document jsonb NOT NULL,
    first_used_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE policy IS 'Every policy that ever decided a case, as it was.';
COMMENT ON COLUMN policy.digest IS 'SHA-256 of the canonical document.';
COMMENT ON COLUMN policy.document IS 'The whole policy.';
COMMENT ON COLUMN policy.first_used_at IS 'When it came into force here.';

CREATE TABLE ai_system (
    key text PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9-]{1,62}$'),
    workflow_id text NOT NULL UNIQUE,
    name text NOT NULL,
    purpose text NOT NULL,
    owner text NOT NULL REFERENCES person,
    requester text NOT NULL REFERENCES person,
    unit text NOT NULL DEFAULT '',
    stage text NOT NULL CHECK (stage IN ('intake', 'risk_assessment', 'approval', 'deployment_sign_off', 'in_operation',
        'periodic_review', 'suspended', 'decommissioning', 'rejected', 'withdrawn', 'decommissioned')),
    tier text CHECK (tier IN ('minimal', 'limited', 'high', 'prohibited')),
    risk_class text,
    findings text[] NOT NULL DEFAULT '{}',
    policy_digest text,
    waiting_for text[] NOT NULL DEFAULT '{}',
    due_at timestamptz,
    next_review_at timestamptz,
    requested_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    admitted_at timestamptz,
    CONSTRAINT operation_only_through_the_gate CHECK (stage <> 'in_operation' OR admitted_at IS NOT NULL)
);
COMMENT ON TABLE ai_system IS 'The register of AI systems: what the record says of each now.';
COMMENT ON COLUMN ai_system.key IS 'Stable key.';
COMMENT ON COLUMN ai_system.workflow_id IS 'The workflow that is its life.';
COMMENT ON COLUMN ai_system.name IS 'Name to show.';
COMMENT ON COLUMN ai_system.purpose IS 'What it is for, in words of the requester.';
COMMENT ON COLUMN ai_system.owner IS 'Who answers for it.';
COMMENT ON COLUMN ai_system.requester IS 'Who asked for it.';
COMMENT ON COLUMN ai_system.unit IS 'Business unit.';
COMMENT ON COLUMN ai_system.stage IS 'Where it stands in its life.';
COMMENT ON COLUMN ai_system.tier IS 'How much governance it gets.';
COMMENT ON COLUMN ai_system.risk_class IS 'Class in the sense of the AI Act.';
COMMENT ON COLUMN ai_system.findings IS 'What the classification found, worst first.';
COMMENT ON COLUMN ai_system.policy_digest IS 'Policy of its running case.';
COMMENT ON COLUMN ai_system.waiting_for IS 'Roles that its open cases wait for.';
COMMENT ON COLUMN ai_system.due_at IS 'Earliest due date of its open cases.';
COMMENT ON COLUMN ai_system.next_review_at IS 'When its next review is due.';
COMMENT ON COLUMN ai_system.requested_at IS 'When it was asked for.';
COMMENT ON COLUMN ai_system.updated_at IS 'When this row changed last.';
COMMENT ON COLUMN ai_system.admitted_at IS 'When its approvals were counted again and held; empty before and after a return.';
CREATE INDEX ai_system_stage ON ai_system (stage, key);
CREATE INDEX ai_system_owner ON ai_system (owner, key);

CREATE TABLE process_case (
    id text PRIMARY KEY,
    system_key text NOT NULL REFERENCES ai_system,
    process text NOT NULL,
    subject text NOT NULL,
    open boolean NOT NULL,
    outcome text NOT NULL,
    due_at timestamptz NOT NULL,
    pending text[] NOT NULL,
    view jsonb NOT NULL
);
COMMENT ON TABLE process_case IS 'Approvals and assignments as they stand, for reading; no free text.';
COMMENT ON COLUMN process_case.id IS 'The workflow of the case.';
COMMENT ON COLUMN process_case.system_key IS 'AI system it is about.';
COMMENT ON COLUMN process_case.process IS 'Which process.';
COMMENT ON COLUMN process_case.subject IS 'What is decided or owed.';
COMMENT ON COLUMN process_case.open IS 'Whether somebody can still act.';
COMMENT ON COLUMN process_case.outcome IS 'How it stands or ended.';
COMMENT ON COLUMN process_case.due_at IS 'When it expires.';
COMMENT ON COLUMN process_case.pending IS 'People who owe something now.';
COMMENT ON COLUMN process_case.view IS 'The whole view that people read.';
CREATE INDEX process_case_system ON process_case (system_key, id);
CREATE INDEX process_case_pending ON process_case USING gin (pending) WHERE open;

CREATE SEQUENCE act_settled_no;
CREATE TABLE act (
    id text PRIMARY KEY GENERATED ALWAYS AS (signed #>> '{act,id}') STORED,
    kind text NOT NULL GENERATED ALWAYS AS (signed #>> '{act,kind}') STORED,
    case_id text NOT NULL GENERATED ALWAYS AS (signed #>> '{act,case}') STORED,
    person_id text NOT NULL GENERATED ALWAYS AS (signed #>> '{act,person}') STORED REFERENCES person,
    idempotency_key text NOT NULL UNIQUE,
    system_key text NOT NULL REFERENCES ai_system DEFERRABLE INITIALLY DEFERRED,
    signed jsonb NOT NULL,
    content jsonb NOT NULL,
    reply jsonb,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'accepted', 'refused')),
    rule text,
    sentence text,
    taken_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    settled_no bigint UNIQUE,
    claimed_until timestamptz
);
COMMENT ON SEQUENCE act_settled_no IS 'The order of acceptance; no clock decides it.';
COMMENT ON TABLE act IS 'What people did, with their free text, stored before it is acknowledged or delivered.';
COMMENT ON COLUMN act.id IS 'Id, from the signed part.';
COMMENT ON COLUMN act.kind IS 'What kind of act, from the signed part.';
COMMENT ON COLUMN act.case_id IS 'Workflow that is addressed, from the signed part.';
COMMENT ON COLUMN act.person_id IS 'Who acted, from the signed part.';
COMMENT ON COLUMN act.idempotency_key IS 'Derived from the event at the entrance; the same event is one act.';
COMMENT ON COLUMN act.system_key IS 'AI system it is about.';
COMMENT ON COLUMN act.signed IS 'The act as the entrance signed it; never changed.';
COMMENT ON COLUMN act.content IS 'Free text: reasons, the content of forms.';
COMMENT ON COLUMN act.reply IS 'Where the person wants to be answered.';
COMMENT ON COLUMN act.state IS 'Whether the process took it.';
COMMENT ON COLUMN act.rule IS 'The rule that refused it.';
COMMENT ON COLUMN act.sentence IS 'What the person was told.';
COMMENT ON COLUMN act.taken_at IS 'When it was stored.';
COMMENT ON COLUMN act.settled_at IS 'When it was accepted or refused.';
COMMENT ON COLUMN act.settled_no IS 'Place in the order of acceptance.';
COMMENT ON COLUMN act.claimed_until IS 'Until when one sweeper delivers it.';
CREATE INDEX act_system ON act (system_key, settled_no) WHERE state = 'accepted';
CREATE INDEX act_case ON act (case_id);
CREATE INDEX act_pending ON act (taken_at) WHERE state = 'pending';

GRANT SELECT, INSERT ON policy TO aims_app;
GRANT SELECT, INSERT, UPDATE ON ai_system, process_case TO aims_app;
GRANT SELECT, INSERT, UPDATE (state, rule, sentence, settled_at, settled_no, claimed_until) ON act TO aims_app;
GRANT USAGE ON SEQUENCE act_settled_no TO aims_app;

-- migrate:down
DROP TABLE act, process_case, ai_system, policy;
DROP SEQUENCE act_settled_no;
