-- The first schema. Times are effective seconds since 1970; secrets are either sealed (BLOB, AEAD) or SHA-256.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: an id is never given to another user or provider, since subjects are derived from it.
CREATE TABLE users (
  id                  INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid                TEXT NOT NULL UNIQUE,
  username            TEXT NOT NULL,
  username_key        TEXT NOT NULL UNIQUE,
  name                TEXT NOT NULL,
  given_name          TEXT,
  family_name         TEXT,
  email               TEXT,
  email_key           TEXT UNIQUE,
  email_verified      INTEGER NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1)),
  locale              TEXT,
  is_active           INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  is_administrator    INTEGER NOT NULL DEFAULT 0 CHECK (is_administrator IN (0, 1)),
  attributes          TEXT NOT NULL DEFAULT '{}',
  password_hash       TEXT,
  created_at          INTEGER NOT NULL,
  updated_at          INTEGER NOT NULL
) STRICT;

-- Usernames and e-mail addresses share one namespace and are never given to somebody else: applications match
-- their own accounts by them. A row without a user belonged to one who was deleted.
CREATE TABLE login_names (
  key     TEXT PRIMARY KEY,
  user_id INTEGER REFERENCES users (id) ON DELETE SET NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_names_by_user ON login_names (user_id);

CREATE TABLE groups (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  name             TEXT NOT NULL,
  name_key         TEXT NOT NULL UNIQUE,
  parent_id        INTEGER REFERENCES groups (id) ON DELETE SET NULL,
  is_administrator INTEGER NOT NULL DEFAULT 0 CHECK (is_administrator IN (0, 1)),
  attributes       TEXT NOT NULL DEFAULT '{}',
  created_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX groups_by_parent ON groups (parent_id);

CREATE TABLE group_members (
  group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  user_id  INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_by_group ON group_members (group_id);

CREATE TABLE signing_keys (
  kid            TEXT PRIMARY KEY,
  alg            TEXT NOT NULL CHECK (alg IN ('RS256', 'ES256', 'EdDSA')),
  state          TEXT NOT NULL CHECK (state IN ('next', 'active', 'retired', 'revoked')),
  public_jwk     TEXT NOT NULL,
  certificate    BLOB NOT NULL,
  private_sealed BLOB NOT NULL,
  created_at     INTEGER NOT NULL,
  -- From when a next key signs, and until when a retired one is published.
  activates_at   INTEGER,
  expires_at     INTEGER
) STRICT;

CREATE TABLE providers (
  id                       INTEGER PRIMARY KEY AUTOINCREMENT,
  name                     TEXT NOT NULL UNIQUE,
  client_type              TEXT NOT NULL CHECK (client_type IN ('confidential', 'public')),
  client_id                TEXT NOT NULL UNIQUE,
  client_secret_sealed     BLOB,
  preset                   TEXT NOT NULL DEFAULT 'generic',
  app_url                  TEXT,
  authorization_flow       TEXT NOT NULL DEFAULT 'implicit' CHECK (authorization_flow IN ('implicit', 'explicit')),
  consent_validity         INTEGER NOT NULL DEFAULT 2419200,
  scopes                   TEXT NOT NULL DEFAULT 'openid email profile',
  -- NULL: the active RS256 key. Otherwise an algorithm of which the active key signs, or one key's kid.
  signing_alg              TEXT,
  signing_kid              TEXT REFERENCES signing_keys (kid),
  subject_mode             TEXT NOT NULL DEFAULT 'hashed_user_id',
  pkce                     TEXT NOT NULL DEFAULT 'optional' CHECK (pkce IN ('optional', 'required')),
  code_validity            INTEGER NOT NULL DEFAULT 60,
  access_token_validity    INTEGER NOT NULL DEFAULT 3600,
  refresh_token_validity   INTEGER NOT NULL DEFAULT 2592000,
  refresh_token_maximum    INTEGER NOT NULL DEFAULT 7776000,
  claims_in_id_token       INTEGER NOT NULL DEFAULT 1 CHECK (claims_in_id_token IN (0, 1)),
  created_at               INTEGER NOT NULL,
  updated_at               INTEGER NOT NULL
) STRICT;

CREATE TABLE provider_uris (
  provider_id INTEGER NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  position    INTEGER NOT NULL,
  purpose     TEXT NOT NULL CHECK (purpose IN ('authorization', 'logout')),
  matching    TEXT NOT NULL CHECK (matching IN ('strict', 'regex')),
  uri         TEXT NOT NULL,
  PRIMARY KEY (provider_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE applications (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  name               TEXT NOT NULL,
  slug               TEXT NOT NULL UNIQUE,
  app_group          TEXT NOT NULL DEFAULT '',
  launch_url         TEXT,
  open_in_new_tab    INTEGER NOT NULL DEFAULT 0 CHECK (open_in_new_tab IN (0, 1)),
  description        TEXT NOT NULL DEFAULT '',
  publisher          TEXT NOT NULL DEFAULT '',
  policy_engine_mode TEXT NOT NULL DEFAULT 'any' CHECK (policy_engine_mode IN ('any', 'all')),
  everybody          INTEGER NOT NULL DEFAULT 1 CHECK (everybody IN (0, 1)),
  provider_id        INTEGER UNIQUE REFERENCES providers (id) ON DELETE SET NULL,
  created_at         INTEGER NOT NULL,
  updated_at         INTEGER NOT NULL
) STRICT;

-- A binding outlives the group or user it names: it then never matches, so that deleting a group closes and never
-- opens a door. `label` says to people what it named.
CREATE TABLE bindings (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  application_id INTEGER NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
  kind           TEXT NOT NULL CHECK (kind IN ('group', 'user')),
  group_id       INTEGER REFERENCES groups (id) ON DELETE SET NULL,
  user_id        INTEGER REFERENCES users (id) ON DELETE SET NULL,
  label          TEXT NOT NULL,
  position       INTEGER NOT NULL DEFAULT 0,
  enabled        INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  negate         INTEGER NOT NULL DEFAULT 0 CHECK (negate IN (0, 1))
) STRICT;
CREATE INDEX bindings_by_application ON bindings (application_id, position);
CREATE INDEX bindings_by_group ON bindings (group_id);
CREATE INDEX bindings_by_user ON bindings (user_id);

CREATE TABLE sessions (
  hash         BLOB PRIMARY KEY,
  -- What ID tokens say of the session (`sid`): a random id of its own, of no use as a cookie.
  sid          TEXT NOT NULL UNIQUE,
  user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  auth_time    INTEGER NOT NULL,
  amr          TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  address      TEXT NOT NULL,
  user_agent   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE consents (
  user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider_id INTEGER NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  scopes      TEXT NOT NULL,
  given_at    INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (user_id, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_by_provider ON consents (provider_id);

-- One authorization that a user gave a client: its code, and every token that came of it. Deleting the row revokes
-- them all at once.
CREATE TABLE grants (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  provider_id       INTEGER NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  user_id           INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  sid               TEXT NOT NULL,
  scopes            TEXT NOT NULL,
  nonce             TEXT,
  -- Claims asked for one by one (the `claims` parameter), separated by spaces.
  claims            TEXT NOT NULL DEFAULT '',
  auth_time         INTEGER NOT NULL,
  amr               TEXT NOT NULL,
  created_at        INTEGER NOT NULL,
  -- When nothing of it can be valid any more: it may be purged then.
  expires_at        INTEGER NOT NULL,
  -- The code, by hash. It stays after its redemption, so that a second one is recognised.
  code_hash         BLOB NOT NULL UNIQUE,
  code_redirect_uri TEXT NOT NULL,
  code_challenge    TEXT,
  code_expires_at   INTEGER NOT NULL,
  code_redeemed_at  INTEGER
) STRICT;
CREATE INDEX grants_by_user ON grants (user_id);
CREATE INDEX grants_by_provider ON grants (provider_id);
CREATE INDEX grants_by_sid ON grants (sid);
CREATE INDEX grants_by_expiry ON grants (expires_at);

CREATE TABLE access_tokens (
  hash       BLOB PRIMARY KEY,
  grant_id   INTEGER NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  scopes     TEXT NOT NULL,
  issued_at  INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_tokens_by_grant ON access_tokens (grant_id);
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
  hash                BLOB PRIMARY KEY,
  grant_id            INTEGER NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  issued_at           INTEGER NOT NULL,
  idle_expires_at     INTEGER NOT NULL,
  absolute_expires_at INTEGER NOT NULL,
  used_at             INTEGER,
  successor_hash      BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_grant ON refresh_tokens (grant_id);

-- Single-use links: setup (no user) and recovery.
CREATE TABLE links (
  hash       BLOB PRIMARY KEY,
  purpose    TEXT NOT NULL CHECK (purpose IN ('setup', 'recovery')),
  user_id    INTEGER REFERENCES users (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_user ON links (user_id);

CREATE TABLE events (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  at         INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  username   TEXT,
  client_id  TEXT,
  address    TEXT,
  request_id TEXT,
  details    TEXT NOT NULL DEFAULT '{}',
  -- Refusals are caused by strangers too: they are counted apart, so that they cannot wash away the rest.
  is_refusal INTEGER NOT NULL DEFAULT 0 CHECK (is_refusal IN (0, 1))
) STRICT;
CREATE INDEX events_by_time ON events (at);
CREATE INDEX events_by_refusal ON events (is_refusal, id);
