-- Strong sign-in: second factors, passkeys, recovery codes.

-- The one-time codes of an authenticator app (RFC 6238), one of each user at most.
CREATE TABLE totp (
  user_id       INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  secret_sealed BLOB NOT NULL,
  -- The step of the last code that was taken: it and older ones are never taken again.
  last_step     INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  last_used_at  INTEGER NOT NULL
) STRICT;

-- Single-use codes for who lost the other factors.
CREATE TABLE recovery_codes (
  hash       BLOB PRIMARY KEY,
  user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);

-- Public keys of authenticators (Web Authentication). `credential` is what the library keeps of one, as JSON.
CREATE TABLE passkeys (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name          TEXT NOT NULL,
  credential_id BLOB NOT NULL UNIQUE,
  -- The RP ID it was made for: it works under no other.
  rp_id         TEXT NOT NULL,
  credential    TEXT NOT NULL,
  -- How often it was used, as it says: of two uses that say the same, one is a copy's. 0 by those that do not count.
  counter       INTEGER NOT NULL DEFAULT 0,
  -- Whether it may be on several devices (backup eligible).
  is_synced     INTEGER NOT NULL CHECK (is_synced IN (0, 1)),
  created_at    INTEGER NOT NULL,
  last_used_at  INTEGER
) STRICT;
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- A policy that asks for a way of signing in. Its expression is the one that belongs to its kind.
ALTER TABLE policies ADD COLUMN kind TEXT NOT NULL DEFAULT 'expression'
  CHECK (kind IN ('expression', 'second-factor', 'passkey'));

-- When an administrator without a second factor was first told to add one.
ALTER TABLE users ADD COLUMN second_factor_asked_at INTEGER;

-- Single-use links: setup (no user), recovery (made by an administrator, or mailed to who asked), and verification of
-- an e-mail address.
CREATE TABLE new_links (
  hash         BLOB PRIMARY KEY,
  purpose      TEXT NOT NULL CHECK (purpose IN ('setup', 'recovery', 'mailed-recovery', 'verification')),
  user_id      INTEGER REFERENCES users (id) ON DELETE CASCADE,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  -- Whether a recovery link takes away the factors besides the password too, for who lost everything.
  drop_factors INTEGER NOT NULL DEFAULT 0 CHECK (drop_factors IN (0, 1)),
  -- The address that a verification is about.
  email        TEXT CHECK ((email IS NOT NULL) = (purpose = 'verification'))
) STRICT, WITHOUT ROWID;
INSERT INTO new_links (hash, purpose, user_id, created_at, expires_at)
  SELECT hash, purpose, user_id, created_at, expires_at FROM links;
DROP TABLE links;
ALTER TABLE new_links RENAME TO links;
CREATE INDEX links_by_user ON links (user_id);

-- The password at the mail server, when it was typed on the page: one row at most.
CREATE TABLE mail_server (
  id              INTEGER PRIMARY KEY CHECK (id = 1),
  password_sealed BLOB NOT NULL
) STRICT;

-- Failed sign-ins that still count, written down now and then, so that a restart does not forget them. `key` is a keyed
-- hash of who was guessed at and from where: what strangers type as a name may be somebody's password. Of a user it is
-- known who that was.
CREATE TABLE throttled (
  key          BLOB PRIMARY KEY,
  user_id      INTEGER REFERENCES users (id) ON DELETE CASCADE,
  -- The user's `throttle_round` at that time.
  round        INTEGER NOT NULL,
  guessed      TEXT NOT NULL CHECK (guessed IN ('password', 'second-factor', 'name', 'wish', 'mail', 'mails', 'verification')),
  source       TEXT NOT NULL,
  failures     INTEGER NOT NULL,
  last_failure INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX throttled_by_user ON throttled (user_id);

-- Failures are counted by round: in the next one, those of this one count no more. A command raises it beside the server.
ALTER TABLE users ADD COLUMN throttle_round INTEGER NOT NULL DEFAULT 0;

-- Browsers in which a user has signed in: guesses of strangers do not make them wait.
CREATE TABLE known_devices (
  hash         BLOB NOT NULL,
  user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  address      TEXT NOT NULL,
  user_agent   TEXT NOT NULL,
  -- Until when a password is enough there, where the settings allow that.
  remembered_until INTEGER,
  PRIMARY KEY (hash, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_devices_by_user ON known_devices (user_id, last_seen_at);
CREATE INDEX known_devices_by_age ON known_devices (last_seen_at);

-- Links by which guests make accounts of their own.
CREATE TABLE invitations (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  -- The SHA-256 of the token.
  hash           BLOB NOT NULL UNIQUE,
  -- For administrators, who may have several.
  label          TEXT NOT NULL,
  -- Whether it may make administrators: what becomes of one of its groups later does not.
  administrators INTEGER NOT NULL CHECK (administrators IN (0, 1)),
  created_by     TEXT NOT NULL,
  created_at     INTEGER NOT NULL,
  expires_at     INTEGER NOT NULL,
  uses_left      INTEGER NOT NULL CHECK (uses_left >= 0)
) STRICT;

-- The groups that guests are put into.
CREATE TABLE invitation_groups (
  invitation_id INTEGER NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
  group_id      INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  PRIMARY KEY (invitation_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_groups_by_group ON invitation_groups (group_id);
