-- The rest of OpenID Connect.

-- People: every standard claim.

-- What has no column of its own, by field (`domain::person`). Attributes of these names still count where a field is empty.
ALTER TABLE users ADD COLUMN person TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN phone_number_verified INTEGER NOT NULL DEFAULT 0 CHECK (phone_number_verified IN (0, 1));


-- Clients: authentication by keys, request objects, pushed authorization requests.

-- How a confidential client says who it is: by its secret as it is, or by a JWT that is signed with the secret or with
-- a key of the client's own.
ALTER TABLE providers ADD COLUMN client_auth TEXT NOT NULL DEFAULT 'secret'
  CHECK (client_auth IN ('secret', 'client_secret_jwt', 'private_key_jwt'));
-- The client's public keys: the set itself, or where it is fetched.
ALTER TABLE providers ADD COLUMN jwks TEXT;
ALTER TABLE providers ADD COLUMN jwks_uri TEXT;
-- Which request objects are read: none, signed ones, or unsigned ones too.
ALTER TABLE providers ADD COLUMN request_objects TEXT NOT NULL DEFAULT 'off'
  CHECK (request_objects IN ('off', 'signed', 'any'));
-- Where request objects are fetched: addresses with a line break between.
ALTER TABLE providers ADD COLUMN request_uris TEXT NOT NULL DEFAULT '';
-- Whether authorization requests must be pushed first.
ALTER TABLE providers ADD COLUMN require_par INTEGER NOT NULL DEFAULT 0 CHECK (require_par IN (0, 1));

-- Assertions by which clients authenticated, until they expire: each is good once.
CREATE TABLE assertions (
  -- SHA-256 of the jti and whose it is.
  hash        BLOB PRIMARY KEY,
  provider_id INTEGER NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX assertions_by_provider ON assertions (provider_id, expires_at);
CREATE INDEX assertions_by_expiry ON assertions (expires_at);

-- Authorization requests that were checked and wait for their browser. Of the request_uri the SHA-256.
CREATE TABLE pushed_requests (
  hash        BLOB PRIMARY KEY,
  provider_id INTEGER NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  request     TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pushed_requests_by_provider ON pushed_requests (provider_id, expires_at);
CREATE INDEX pushed_requests_by_expiry ON pushed_requests (expires_at);


-- Devices and service accounts.

-- How a grant began: see `domain::grant_type`.
ALTER TABLE grants ADD COLUMN grant_type TEXT NOT NULL DEFAULT 'authorization_code';

-- Whether devices may ask in the name of their user (RFC 8628).
ALTER TABLE providers ADD COLUMN device_flow INTEGER NOT NULL DEFAULT 0 CHECK (device_flow IN (0, 1));

-- Devices that wait for their user's yes. The row becomes a grant then, whose code is the device's.
CREATE TABLE device_requests (
  -- Of the device code, and of the code that the user types.
  hash           BLOB PRIMARY KEY,
  user_code_hash BLOB NOT NULL UNIQUE,
  provider_id    INTEGER NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  scopes         TEXT NOT NULL,
  -- Where the device asked from, for its user to compare.
  address        TEXT NOT NULL,
  -- What that is counted by. NULL: the client proved who it is, and answers for its devices.
  source         TEXT,
  user_agent     TEXT NOT NULL,
  created_at     INTEGER NOT NULL,
  expires_at     INTEGER NOT NULL,
  denied_at      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX device_requests_by_provider ON device_requests (provider_id);
CREATE INDEX device_requests_by_expiry ON device_requests (expires_at);

-- Users who are programs. They have no password and no right to administer.
ALTER TABLE users ADD COLUMN is_service_account INTEGER NOT NULL DEFAULT 0
  CHECK (is_service_account = 0 OR (is_service_account = 1 AND password_hash IS NULL AND is_administrator = 0));

-- What they prove themselves by, as SHA-256.
CREATE TABLE app_passwords (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  hash         BLOB NOT NULL UNIQUE,
  user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  label        TEXT NOT NULL,
  created_by   TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  -- NULL: it does not expire.
  expires_at   INTEGER,
  last_used_at INTEGER
) STRICT;
CREATE INDEX app_passwords_by_user ON app_passwords (user_id);
-- Tokens end with the app password that they came by.
ALTER TABLE grants ADD COLUMN app_password_id INTEGER REFERENCES app_passwords (id) ON DELETE CASCADE;
CREATE INDEX grants_by_app_password ON grants (app_password_id) WHERE app_password_id IS NOT NULL;
-- Programs hold a bounded number of them.
CREATE INDEX grants_of_programs ON grants (user_id, provider_id, expires_at) WHERE grant_type = 'client_credentials';

-- Whether tokens are given without a person (RFC 6749 section 4.4), and in whose name where the client alone asks.
ALTER TABLE providers ADD COLUMN client_credentials INTEGER NOT NULL DEFAULT 0 CHECK (client_credentials IN (0, 1));
ALTER TABLE providers ADD COLUMN service_account_id INTEGER REFERENCES users (id) ON DELETE SET NULL;
CREATE INDEX providers_by_service_account ON providers (service_account_id) WHERE service_account_id IS NOT NULL;


-- Sign-outs that applications are told of.

-- Where an application hears of them, by its server and by its user's browser; and what ends when it asks for one.
ALTER TABLE providers ADD COLUMN backchannel_logout_uri TEXT;
ALTER TABLE providers ADD COLUMN frontchannel_logout_uri TEXT;
ALTER TABLE providers ADD COLUMN sign_out_ends TEXT NOT NULL DEFAULT 'everything'
  CHECK (sign_out_ends IN ('everything', 'application'));

-- Where each session has signed its user in. A session is replaced under its `sid`, and the application's own one may
-- outlive it: so it is no foreign key.
CREATE TABLE signed_in_at (
  sid         TEXT NOT NULL,
  provider_id INTEGER NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  -- When it last did.
  at          INTEGER NOT NULL,
  PRIMARY KEY (sid, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX signed_in_at_by_user ON signed_in_at (user_id, provider_id);
CREATE INDEX signed_in_at_by_provider ON signed_in_at (provider_id);
INSERT INTO signed_in_at SELECT sid, provider_id, user_id, max(created_at) FROM grants
  WHERE instr(' ' || scopes || ' ', ' openid ') > 0 GROUP BY sid, provider_id;

-- What applications are still to be told. A message has what must be known when its user is gone.
CREATE TABLE logout_messages (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  provider_id INTEGER NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  sid         TEXT NOT NULL,
  sub         TEXT,
  username    TEXT NOT NULL,
  tries       INTEGER NOT NULL DEFAULT 0,
  -- When it is to be tried; 0 is at once.
  due_at      INTEGER NOT NULL DEFAULT 0,
  -- Of how many ends of sessions this row says that they are not told: too many messages waited.
  untold      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX logout_messages_by_provider ON logout_messages (provider_id);
CREATE INDEX logout_messages_by_time ON logout_messages (due_at);

