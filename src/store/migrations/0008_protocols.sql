-- The rest of OpenID Connect.

-- People: every standard claim.

-- What has no column of its own, by field (`domain::person`). Attributes of these names still count where a field is empty.
ALTER TABLE users ADD COLUMN person TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN phone_number_verified INTEGER NOT NULL DEFAULT 0 CHECK (phone_number_verified IN (0, 1));


-- Clients: authentication by keys, request objects, pushed authorization requests.


-- Devices and service accounts.


-- Sign-outs that applications are told of.

-- Where an application hears of them, by its server and by its user's browser; and what ends when it asks for one.
ALTER TABLE providers ADD COLUMN backchannel_logout_uri TEXT;
ALTER TABLE providers ADD COLUMN frontchannel_logout_uri TEXT;
ALTER TABLE providers ADD COLUMN sign_out_ends TEXT NOT NULL DEFAULT 'everything'
  CHECK (sign_out_ends IN ('everything', 'application'));

-- Where each session has signed its user in. A session is replaced under its `sid`, and may be over before what an
-- application was granted offline: so it is no foreign key.
CREATE TABLE signed_in_at (
  sid         TEXT NOT NULL,
  provider_id INTEGER NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (sid, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX signed_in_at_by_user ON signed_in_at (user_id, provider_id);
CREATE INDEX signed_in_at_by_provider ON signed_in_at (provider_id);
INSERT INTO signed_in_at SELECT DISTINCT sid, provider_id, user_id FROM grants
  WHERE instr(' ' || scopes || ' ', ' openid ') > 0;

-- What applications are still to be told. A message has what must be known when its user is gone.
CREATE TABLE logout_messages (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  provider_id INTEGER NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  sid         TEXT NOT NULL,
  sub         TEXT,
  username    TEXT NOT NULL,
  tries       INTEGER NOT NULL DEFAULT 0,
  -- When it is to be tried; 0 is at once.
  due_at      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX logout_messages_by_provider ON logout_messages (provider_id);
CREATE INDEX logout_messages_by_time ON logout_messages (due_at);

