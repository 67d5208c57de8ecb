-- What people are told, and the mail that carries it out: both written in the transaction of the act that they tell of.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL REFERENCES users (username),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    contract_id BIGINT REFERENCES contracts (id),
    -- What it tells of, so that nobody is told of the same thing twice.
    dedup TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    read_at BIGINT
);
CREATE INDEX messages_by_user ON messages (username, id);
CREATE INDEX messages_unread ON messages (username) WHERE read_at IS NULL;
CREATE INDEX messages_by_contract ON messages (contract_id) WHERE contract_id IS NOT NULL;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- One mail a message.
    message_id BIGINT NOT NULL UNIQUE REFERENCES messages (id),
    address TEXT NOT NULL,
    -- Message-ID, the same at every attempt.
    header_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- pending: when it is to be sent; sending: until when its sender has it to itself; otherwise nothing is to come.
    due_at BIGINT,
    last_error TEXT,
    sent_at BIGINT,
    CHECK ((state IN ('pending', 'sending') AND due_at IS NOT NULL) OR (state IN ('sent', 'dead') AND due_at IS NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_by_state ON outbox (state, id);
