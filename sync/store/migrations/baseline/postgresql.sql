CREATE TABLE activity_block (
    shard SMALLSERIAL NOT NULL,
    covers BIGINT NOT NULL,
    since BIGINT,
    columns VARCHAR(400),
    body BYTEA,
    CONSTRAINT pk_activity_block PRIMARY KEY (shard)
);

CREATE TABLE activity_contact (
    shard SMALLINT NOT NULL,
    person_no BIGINT NOT NULL,
    activity_no BIGINT NOT NULL,
    contact_no BIGINT NOT NULL,
    connection_no INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    asset_no BIGINT,
    direction TEXT,
    outcome TEXT,
    duration_s BIGINT,
    message_id TEXT,
    link TEXT,
    machine BOOLEAN NOT NULL,
    count INTEGER NOT NULL,
    counted BOOLEAN NOT NULL,
    CONSTRAINT pk_activity_contact PRIMARY KEY (shard, person_no, activity_no, contact_no)
);

CREATE INDEX ix_activity_contact_activity ON activity_contact (activity_no);

CREATE INDEX ix_activity_contact_contact ON activity_contact (contact_no);

CREATE TABLE activity_moved (
    shard SMALLINT NOT NULL,
    person_no BIGINT NOT NULL,
    contact_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    CONSTRAINT pk_activity_moved PRIMARY KEY (shard, person_no, contact_no)
);

CREATE TABLE activity_orphan (
    activity_no BIGINT NOT NULL,
    connection_no INTEGER NOT NULL,
    object VARCHAR(80) DEFAULT '' NOT NULL,
    record_id VARCHAR(40) DEFAULT '' NOT NULL,
    email TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_activity_orphan PRIMARY KEY (activity_no, object, record_id, email)
);

CREATE INDEX ix_activity_orphan_email ON activity_orphan (connection_no, email);

CREATE INDEX ix_activity_orphan_record ON activity_orphan (connection_no, object, record_id);

CREATE TABLE ambiguous (
    workspace_no INTEGER NOT NULL,
    kind VARCHAR(20) NOT NULL,
    digest VARCHAR(64) NOT NULL,
    reason VARCHAR(40) NOT NULL,
    contacts TEXT NOT NULL,
    since BIGINT NOT NULL,
    CONSTRAINT pk_ambiguous PRIMARY KEY (workspace_no, kind, digest)
);

CREATE TABLE api_calls (
    connection_no INTEGER NOT NULL,
    day INTEGER NOT NULL,
    calls BIGINT NOT NULL,
    CONSTRAINT pk_api_calls PRIMARY KEY (connection_no, day)
);

CREATE TABLE asset (
    asset_no BIGSERIAL NOT NULL,
    workspace_no INTEGER NOT NULL,
    digest VARCHAR(64) NOT NULL,
    url TEXT,
    asset TEXT,
    campaign TEXT,
    product TEXT,
    CONSTRAINT pk_asset PRIMARY KEY (asset_no),
    CONSTRAINT uq_asset_workspace_no_digest UNIQUE (workspace_no, digest)
);

CREATE TABLE audit (
    audit_no BIGSERIAL NOT NULL,
    at BIGINT NOT NULL,
    actor VARCHAR(80) NOT NULL,
    action VARCHAR(80) NOT NULL,
    detail TEXT NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (audit_no)
);

CREATE TABLE company (
    company_no BIGSERIAL NOT NULL,
    workspace_no INTEGER NOT NULL,
    domain TEXT,
    profile TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    stale BOOLEAN DEFAULT '0' NOT NULL,
    CONSTRAINT pk_company PRIMARY KEY (company_no),
    CONSTRAINT uq_company_workspace_no_domain UNIQUE (workspace_no, domain)
);

CREATE INDEX ix_company_stale ON company (workspace_no, company_no) WHERE stale IS true;

CREATE TABLE company_score (
    company_no BIGINT NOT NULL,
    score INTEGER,
    people INTEGER NOT NULL,
    qualified INTEGER NOT NULL,
    covered TEXT,
    rise INTEGER,
    day INTEGER NOT NULL,
    version VARCHAR(64) NOT NULL,
    CONSTRAINT pk_company_score PRIMARY KEY (company_no)
);

CREATE TABLE delivery (
    delivery_no BIGSERIAL NOT NULL,
    connection_no INTEGER NOT NULL,
    object VARCHAR(80) NOT NULL,
    record_id VARCHAR(40) NOT NULL,
    run_no BIGINT,
    at BIGINT NOT NULL,
    outcome VARCHAR(10) NOT NULL,
    code TEXT,
    message TEXT,
    outputs TEXT NOT NULL,
    CONSTRAINT pk_delivery PRIMARY KEY (delivery_no)
);

CREATE INDEX ix_delivery_record ON delivery (connection_no, object, record_id);

CREATE INDEX ix_delivery_run ON delivery (run_no);

CREATE TABLE enrichment (
    workspace_no INTEGER NOT NULL,
    source VARCHAR(40) NOT NULL,
    subject TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    confidence INTEGER,
    at BIGINT NOT NULL,
    CONSTRAINT pk_enrichment PRIMARY KEY (workspace_no, source, subject, attribute)
);

CREATE INDEX ix_enrichment_subject ON enrichment (subject);

CREATE TABLE identity_key (
    workspace_no INTEGER NOT NULL,
    kind VARCHAR(20) NOT NULL,
    value TEXT NOT NULL,
    person_no BIGINT NOT NULL,
    since BIGINT NOT NULL,
    CONSTRAINT pk_identity_key PRIMARY KEY (workspace_no, kind, value)
);

CREATE INDEX ix_identity_key_person ON identity_key (person_no);

CREATE TABLE identity_link (
    link_no BIGSERIAL NOT NULL,
    workspace_no INTEGER NOT NULL,
    a BIGINT NOT NULL,
    b BIGINT NOT NULL,
    reason VARCHAR(16) NOT NULL,
    since BIGINT NOT NULL,
    diverged_at BIGINT,
    ended_at BIGINT,
    CONSTRAINT pk_identity_link PRIMARY KEY (link_no),
    CONSTRAINT uq_identity_link_a_b_reason UNIQUE (a, b, reason)
);

CREATE INDEX ix_identity_link_b ON identity_link (b);

CREATE INDEX ix_identity_link_diverged ON identity_link (diverged_at) WHERE diverged_at IS NOT NULL;

CREATE TABLE lease (
    name VARCHAR(80) NOT NULL,
    holder VARCHAR(120) NOT NULL,
    epoch BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    seconds INTEGER NOT NULL,
    CONSTRAINT pk_lease PRIMARY KEY (name)
);

CREATE TABLE marker (
    name VARCHAR(80) NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_marker PRIMARY KEY (name)
);

CREATE TABLE model_version (
    workspace_no INTEGER NOT NULL,
    version VARCHAR(64) NOT NULL,
    model VARCHAR(80) NOT NULL,
    source TEXT NOT NULL,
    lists TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    live BOOLEAN NOT NULL,
    CONSTRAINT pk_model_version PRIMARY KEY (workspace_no, version)
);

CREATE TABLE person (
    shard SMALLINT NOT NULL,
    person_no BIGINT NOT NULL,
    workspace_no INTEGER NOT NULL,
    alias_of BIGINT,
    profile TEXT NOT NULL,
    profile_version INTEGER DEFAULT '0' NOT NULL,
    company_no BIGINT,
    created_at BIGINT NOT NULL,
    contacts INTEGER DEFAULT '0' NOT NULL,
    dirty_seq BIGINT DEFAULT '1' NOT NULL,
    scored_seq BIGINT DEFAULT '0' NOT NULL,
    dirty_cause VARCHAR(12) DEFAULT 'profile' NOT NULL,
    CONSTRAINT pk_person PRIMARY KEY (shard, person_no)
);

CREATE INDEX ix_person_company ON person (company_no);

CREATE INDEX ix_person_dirty ON person (shard, person_no) WHERE dirty_seq > scored_seq;

CREATE UNIQUE INDEX ix_person_no ON person (person_no);

CREATE TABLE score (
    shard SMALLINT NOT NULL,
    person_no BIGINT NOT NULL,
    in_scope BOOLEAN NOT NULL,
    total INTEGER,
    fit INTEGER,
    engagement INTEGER,
    quality INTEGER,
    enrichment INTEGER,
    completeness SMALLINT,
    grade VARCHAR(2),
    rating VARCHAR(12),
    stars SMALLINT,
    qualified BOOLEAN,
    disqualified BOOLEAN,
    disqualify_code VARCHAR(80),
    disqualify_codes TEXT,
    recent INTEGER,
    active_share SMALLINT,
    trend INTEGER,
    machines_dropped INTEGER,
    overridden BOOLEAN,
    attention_code VARCHAR(80),
    others TEXT,
    day INTEGER NOT NULL,
    model VARCHAR(80) NOT NULL,
    version VARCHAR(64) NOT NULL,
    changed_by VARCHAR(12) NOT NULL,
    scored_at BIGINT NOT NULL,
    CONSTRAINT pk_score PRIMARY KEY (shard, person_no)
);

CREATE UNIQUE INDEX ix_score_person ON score (person_no);

CREATE TABLE score_history (
    history_no BIGSERIAL NOT NULL,
    shard SMALLINT NOT NULL,
    person_no BIGINT NOT NULL,
    day INTEGER NOT NULL,
    at BIGINT NOT NULL,
    total INTEGER,
    grade VARCHAR(2),
    rating VARCHAR(12),
    qualified BOOLEAN,
    disqualify_code VARCHAR(80),
    version VARCHAR(64) NOT NULL,
    changed_by VARCHAR(12) NOT NULL,
    lines TEXT,
    run_no BIGINT,
    CONSTRAINT pk_score_history PRIMARY KEY (history_no)
);

CREATE INDEX ix_score_history_person ON score_history (person_no, day);

CREATE TABLE score_snapshot (
    day INTEGER NOT NULL,
    shard SMALLINT NOT NULL,
    person_no BIGINT NOT NULL,
    total INTEGER,
    grade VARCHAR(2),
    CONSTRAINT pk_score_snapshot PRIMARY KEY (day, shard, person_no)
);

CREATE TABLE scored_day (
    workspace_no INTEGER NOT NULL,
    day INTEGER NOT NULL,
    at BIGINT NOT NULL,
    activity_no BIGINT NOT NULL,
    version VARCHAR(64) NOT NULL,
    CONSTRAINT pk_scored_day PRIMARY KEY (workspace_no, day)
);

CREATE TABLE sequence (
    name VARCHAR(40) NOT NULL,
    value BIGINT NOT NULL,
    CONSTRAINT pk_sequence PRIMARY KEY (name)
);

CREATE TABLE suppressed (
    workspace_no INTEGER NOT NULL,
    kind VARCHAR(20) NOT NULL,
    digest VARCHAR(64) NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_suppressed PRIMARY KEY (workspace_no, kind, digest)
);

CREATE TABLE sync_run (
    run_no BIGSERIAL NOT NULL,
    workspace_no INTEGER NOT NULL,
    connection_no INTEGER,
    parent_no INTEGER,
    kind VARCHAR(12) NOT NULL,
    status VARCHAR(12) NOT NULL,
    requested_by VARCHAR(80) NOT NULL,
    requested_at BIGINT NOT NULL,
    options TEXT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    heartbeat_at BIGINT,
    day INTEGER,
    version VARCHAR(64),
    stage VARCHAR(20),
    counts TEXT NOT NULL,
    progress TEXT,
    resume_at BIGINT,
    suspensions INTEGER DEFAULT '0' NOT NULL,
    message TEXT,
    next_step TEXT,
    cancel_asked BOOLEAN DEFAULT '0' NOT NULL,
    released_by VARCHAR(80),
    holder VARCHAR(80),
    CONSTRAINT pk_sync_run PRIMARY KEY (run_no)
);

CREATE INDEX ix_sync_run_connection ON sync_run (connection_no, kind, run_no);

CREATE INDEX ix_sync_run_parent ON sync_run (parent_no);

CREATE INDEX ix_sync_run_status ON sync_run (status);

CREATE TABLE workspace (
    workspace_no BIGSERIAL NOT NULL,
    name VARCHAR(80) NOT NULL,
    CONSTRAINT pk_workspace PRIMARY KEY (workspace_no),
    CONSTRAINT uq_workspace_name UNIQUE (name)
);

CREATE TABLE connection (
    connection_no BIGSERIAL NOT NULL,
    workspace_no BIGINT NOT NULL,
    name VARCHAR(80) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    org_id VARCHAR(80),
    host TEXT,
    is_sandbox BOOLEAN,
    org_name TEXT,
    currency VARCHAR(3),
    pinned_at BIGINT,
    writes VARCHAR(10) DEFAULT 'off' NOT NULL,
    writes_changed_at BIGINT,
    CONSTRAINT pk_connection PRIMARY KEY (connection_no),
    CONSTRAINT uq_connection_workspace_no_name UNIQUE (workspace_no, name),
    CONSTRAINT fk_connection_workspace_no FOREIGN KEY(workspace_no) REFERENCES workspace (workspace_no)
);

CREATE TABLE slice (
    slice_no BIGSERIAL NOT NULL,
    run_no BIGINT NOT NULL,
    stage VARCHAR(20) NOT NULL,
    connection_no INTEGER,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    counts TEXT NOT NULL,
    CONSTRAINT pk_slice PRIMARY KEY (slice_no),
    CONSTRAINT fk_slice_run_no FOREIGN KEY(run_no) REFERENCES sync_run (run_no)
);

CREATE INDEX ix_slice_connection ON slice (connection_no, ended_at);

CREATE INDEX ix_slice_run ON slice (run_no);

CREATE TABLE account (
    account_no BIGSERIAL NOT NULL,
    workspace_no INTEGER NOT NULL,
    connection_no BIGINT NOT NULL,
    object VARCHAR(80) NOT NULL,
    record_id VARCHAR(40) NOT NULL,
    company_no BIGINT,
    domain TEXT,
    attributes TEXT NOT NULL,
    derived TEXT NOT NULL,
    derived_version INTEGER NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    created_at BIGINT,
    modified_at BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    writable BOOLEAN NOT NULL,
    gone_at BIGINT,
    gone_kind VARCHAR(12),
    moved_to_object VARCHAR(80),
    moved_to_id VARCHAR(40),
    CONSTRAINT pk_account PRIMARY KEY (account_no),
    CONSTRAINT uq_account_connection_no_object_record_id UNIQUE (connection_no, object, record_id),
    CONSTRAINT fk_account_connection_no FOREIGN KEY(connection_no) REFERENCES connection (connection_no)
);

CREATE INDEX ix_account_company ON account (company_no);

CREATE INDEX ix_account_domain ON account (workspace_no, domain);

CREATE TABLE activity (
    activity_no BIGSERIAL NOT NULL,
    workspace_no INTEGER NOT NULL,
    connection_no BIGINT NOT NULL,
    object VARCHAR(80) NOT NULL,
    record_id VARCHAR(120) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    at_precision VARCHAR(12) NOT NULL,
    asset_no BIGINT,
    direction TEXT,
    outcome TEXT,
    duration_s BIGINT,
    message_id TEXT,
    link TEXT,
    machine BOOLEAN NOT NULL,
    count INTEGER NOT NULL,
    supersedes_object VARCHAR(80),
    supersedes_id VARCHAR(120),
    superseded BOOLEAN DEFAULT '0' NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    gone_at BIGINT,
    CONSTRAINT pk_activity PRIMARY KEY (activity_no),
    CONSTRAINT uq_activity_connection_no_object_record_id UNIQUE (connection_no, object, record_id),
    CONSTRAINT fk_activity_connection_no FOREIGN KEY(connection_no) REFERENCES connection (connection_no)
);

CREATE INDEX ix_activity_supersedes ON activity (connection_no, supersedes_object, supersedes_id) WHERE supersedes_id IS NOT NULL;

CREATE TABLE checkpoint (
    connection_no BIGINT NOT NULL,
    stream VARCHAR(20) NOT NULL,
    track VARCHAR(12) DEFAULT 'main' NOT NULL,
    cursor TEXT NOT NULL,
    mapping_digest VARCHAR(64) NOT NULL,
    baseline_at BIGINT,
    rows BIGINT DEFAULT '0' NOT NULL,
    expected BIGINT,
    moved_at BIGINT NOT NULL,
    CONSTRAINT pk_checkpoint PRIMARY KEY (connection_no, stream, track),
    CONSTRAINT fk_checkpoint_connection_no FOREIGN KEY(connection_no) REFERENCES connection (connection_no)
);

CREATE TABLE contact (
    contact_no BIGSERIAL NOT NULL,
    workspace_no INTEGER NOT NULL,
    connection_no BIGINT NOT NULL,
    object VARCHAR(80) NOT NULL,
    record_id VARCHAR(40) NOT NULL,
    person_no BIGINT,
    account_object VARCHAR(80),
    account_id VARCHAR(40),
    email TEXT,
    attributes TEXT NOT NULL,
    derived TEXT NOT NULL,
    derived_version INTEGER NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    created_at BIGINT,
    modified_at BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    writable BOOLEAN NOT NULL,
    unwritable_reason TEXT,
    completeness SMALLINT,
    gone_at BIGINT,
    gone_kind VARCHAR(12),
    moved_to_object VARCHAR(80),
    moved_to_id VARCHAR(40),
    CONSTRAINT pk_contact PRIMARY KEY (contact_no),
    CONSTRAINT uq_contact_connection_no_object_record_id UNIQUE (connection_no, object, record_id),
    CONSTRAINT fk_contact_connection_no FOREIGN KEY(connection_no) REFERENCES connection (connection_no)
);

CREATE INDEX ix_contact_account ON contact (connection_no, account_object, account_id);

CREATE INDEX ix_contact_email ON contact (workspace_no, email);

CREATE INDEX ix_contact_person ON contact (person_no, connection_no, gone_at);

CREATE INDEX ix_contact_vanished ON contact (connection_no, gone_at) WHERE gone_kind = 'vanished';

CREATE TABLE opportunity (
    opportunity_no BIGSERIAL NOT NULL,
    workspace_no INTEGER NOT NULL,
    connection_no BIGINT NOT NULL,
    object VARCHAR(80) NOT NULL,
    record_id VARCHAR(40) NOT NULL,
    account_object VARCHAR(80),
    account_id VARCHAR(40),
    name TEXT,
    stage TEXT NOT NULL,
    outcome VARCHAR(8) NOT NULL,
    amount VARCHAR(40),
    currency VARCHAR(3),
    created_at BIGINT,
    closed_at BIGINT,
    fingerprint VARCHAR(64) NOT NULL,
    modified_at BIGINT NOT NULL,
    gone_at BIGINT,
    CONSTRAINT pk_opportunity PRIMARY KEY (opportunity_no),
    CONSTRAINT uq_opportunity_connection_no_object_record_id UNIQUE (connection_no, object, record_id),
    CONSTRAINT fk_opportunity_connection_no FOREIGN KEY(connection_no) REFERENCES connection (connection_no)
);

CREATE TABLE outbox (
    connection_no BIGINT NOT NULL,
    object VARCHAR(80) NOT NULL,
    record_id VARCHAR(40) NOT NULL,
    shard SMALLINT NOT NULL,
    person_no BIGINT,
    contact_no BIGINT,
    account_no BIGINT,
    desired TEXT,
    sent TEXT,
    observed TEXT,
    observed_at BIGINT,
    due BOOLEAN DEFAULT '0' NOT NULL,
    urgent BOOLEAN DEFAULT '0' NOT NULL,
    held_run BIGINT,
    attempts INTEGER DEFAULT '0' NOT NULL,
    due_at BIGINT,
    claim VARCHAR(80),
    claimed_at BIGINT,
    refusal TEXT,
    refusal_text TEXT,
    refusal_scope VARCHAR(8),
    refused TEXT,
    refused_at BIGINT,
    drift_day INTEGER,
    drift_times SMALLINT DEFAULT '0' NOT NULL,
    model_version VARCHAR(64),
    run_no BIGINT,
    sent_at BIGINT,
    CONSTRAINT pk_outbox PRIMARY KEY (connection_no, object, record_id),
    CONSTRAINT one_owner CHECK ((account_no IS NULL) = (contact_no IS NOT NULL AND person_no IS NOT NULL)),
    CONSTRAINT fk_outbox_connection_no FOREIGN KEY(connection_no) REFERENCES connection (connection_no)
);

CREATE INDEX ix_outbox_account ON outbox (account_no);

CREATE INDEX ix_outbox_claimed ON outbox (connection_no) WHERE claim IS NOT NULL;

CREATE INDEX ix_outbox_contact ON outbox (contact_no);

CREATE INDEX ix_outbox_due ON outbox (connection_no, urgent, due_at) WHERE due IS true;

CREATE INDEX ix_outbox_person ON outbox (person_no);

CREATE INDEX ix_outbox_refused ON outbox (connection_no, refusal) WHERE refusal IS NOT NULL;

CREATE TABLE pause (
    connection_no BIGINT NOT NULL,
    scope VARCHAR(12) NOT NULL,
    subject TEXT DEFAULT '' NOT NULL,
    access VARCHAR(8) NOT NULL,
    code VARCHAR(40) NOT NULL,
    reason TEXT NOT NULL,
    next_step TEXT,
    since BIGINT NOT NULL,
    CONSTRAINT pk_pause PRIMARY KEY (connection_no, scope, subject, access),
    CONSTRAINT fk_pause_connection_no FOREIGN KEY(connection_no) REFERENCES connection (connection_no)
);

CREATE TABLE quarantine (
    connection_no BIGINT NOT NULL,
    stream VARCHAR(20) NOT NULL,
    object VARCHAR(80) NOT NULL,
    record_id VARCHAR(120) NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    times INTEGER NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    CONSTRAINT pk_quarantine PRIMARY KEY (connection_no, stream, object, record_id),
    CONSTRAINT fk_quarantine_connection_no FOREIGN KEY(connection_no) REFERENCES connection (connection_no)
);

CREATE TABLE unmapped (
    connection_no BIGINT NOT NULL,
    stream VARCHAR(20) NOT NULL,
    name TEXT NOT NULL,
    times BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    CONSTRAINT pk_unmapped PRIMARY KEY (connection_no, stream, name),
    CONSTRAINT fk_unmapped_connection_no FOREIGN KEY(connection_no) REFERENCES connection (connection_no)
);

CREATE TABLE account_link (
    account_no BIGINT NOT NULL,
    crm VARCHAR(20) NOT NULL,
    object VARCHAR(80) NOT NULL,
    record_id VARCHAR(40) NOT NULL,
    reason VARCHAR(20) NOT NULL,
    CONSTRAINT pk_account_link PRIMARY KEY (account_no, crm, object, record_id, reason),
    CONSTRAINT fk_account_link_account_no FOREIGN KEY(account_no) REFERENCES account (account_no)
);

CREATE INDEX ix_account_link_target ON account_link (crm, object, record_id);

CREATE TABLE contact_change (
    change_no BIGSERIAL NOT NULL,
    contact_no BIGINT NOT NULL,
    attribute TEXT NOT NULL,
    "old" TEXT,
    "new" TEXT,
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    source VARCHAR(20) NOT NULL,
    CONSTRAINT pk_contact_change PRIMARY KEY (change_no),
    CONSTRAINT fk_contact_change_contact_no FOREIGN KEY(contact_no) REFERENCES contact (contact_no)
);

CREATE INDEX ix_contact_change_contact ON contact_change (contact_no, at);

CREATE TABLE contact_counter (
    contact_no BIGINT NOT NULL,
    counts TEXT NOT NULL,
    merged INTEGER NOT NULL,
    seen_at BIGINT NOT NULL,
    CONSTRAINT pk_contact_counter PRIMARY KEY (contact_no),
    CONSTRAINT fk_contact_counter_contact_no FOREIGN KEY(contact_no) REFERENCES contact (contact_no)
);

CREATE TABLE opportunity_contact (
    opportunity_no BIGINT NOT NULL,
    object VARCHAR(80) NOT NULL,
    record_id VARCHAR(40) NOT NULL,
    strength VARCHAR(16) NOT NULL,
    CONSTRAINT pk_opportunity_contact PRIMARY KEY (opportunity_no, object, record_id),
    CONSTRAINT fk_opportunity_contact_opportunity_no FOREIGN KEY(opportunity_no) REFERENCES opportunity (opportunity_no)
);

CREATE INDEX ix_opportunity_contact_record ON opportunity_contact (object, record_id);

CREATE TABLE opportunity_stage (
    opportunity_no BIGINT NOT NULL,
    entered BIGINT NOT NULL,
    stage TEXT NOT NULL,
    "left" BIGINT,
    recorded_at BIGINT NOT NULL,
    CONSTRAINT pk_opportunity_stage PRIMARY KEY (opportunity_no, entered, stage),
    CONSTRAINT fk_opportunity_stage_opportunity_no FOREIGN KEY(opportunity_no) REFERENCES opportunity (opportunity_no)
);

CREATE TABLE vendor_link (
    contact_no BIGINT NOT NULL,
    crm VARCHAR(20) NOT NULL,
    object VARCHAR(80) NOT NULL,
    record_id VARCHAR(40) NOT NULL,
    reason VARCHAR(20) NOT NULL,
    CONSTRAINT pk_vendor_link PRIMARY KEY (contact_no, crm, object, record_id, reason),
    CONSTRAINT fk_vendor_link_contact_no FOREIGN KEY(contact_no) REFERENCES contact (contact_no)
);

CREATE INDEX ix_vendor_link_target ON vendor_link (crm, object, record_id);

