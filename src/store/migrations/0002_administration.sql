-- Administration on the pages: policies, scope mappings, icons, settings, and what long lists need to stay quick.

-- Named expressions that bindings ask.
CREATE TABLE policies (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL,
  name_key   TEXT NOT NULL UNIQUE,
  expression TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- Expressions that add claims to a scope, at every provider that offers the scope.
CREATE TABLE scope_mappings (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  name        TEXT NOT NULL,
  name_key    TEXT NOT NULL UNIQUE,
  scope       TEXT NOT NULL,
  -- What users are told of the scope when they are asked for consent.
  description TEXT NOT NULL DEFAULT '',
  expression  TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX scope_mappings_by_scope ON scope_mappings (scope);

-- Uploaded pictures, by the SHA-256 of their content in hexadecimal.
CREATE TABLE icons (
  hash         TEXT PRIMARY KEY,
  content_type TEXT NOT NULL,
  bytes        BLOB NOT NULL,
  created_at   INTEGER NOT NULL
) STRICT;
ALTER TABLE applications ADD COLUMN icon TEXT REFERENCES icons (hash);
ALTER TABLE users ADD COLUMN picture TEXT REFERENCES icons (hash);
-- Whether applications are told the e-mail address: not one that its user changed, until it is verified.
ALTER TABLE users ADD COLUMN email_told INTEGER NOT NULL DEFAULT 1 CHECK (email_told IN (0, 1));
CREATE INDEX applications_by_icon ON applications (icon) WHERE icon IS NOT NULL;
CREATE INDEX users_by_picture ON users (picture) WHERE picture IS NOT NULL;

-- What is set on the pages. What the command line, the environment or the settings file says goes before it.
CREATE TABLE settings (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A picture that nothing shows any more goes with its last use, whatever ended that.
CREATE VIEW icons_in_use (hash) AS
  SELECT icon FROM applications WHERE icon IS NOT NULL
  UNION ALL SELECT picture FROM users WHERE picture IS NOT NULL
  UNION ALL SELECT value FROM settings WHERE key = 'brand.logo';
CREATE TRIGGER applications_icon_deleted AFTER DELETE ON applications WHEN old.icon IS NOT NULL BEGIN
  DELETE FROM icons WHERE hash = old.icon AND NOT EXISTS (SELECT 1 FROM icons_in_use u WHERE u.hash = old.icon);
END;
CREATE TRIGGER applications_icon_changed AFTER UPDATE OF icon ON applications WHEN old.icon IS NOT NULL BEGIN
  DELETE FROM icons WHERE hash = old.icon AND NOT EXISTS (SELECT 1 FROM icons_in_use u WHERE u.hash = old.icon);
END;
CREATE TRIGGER users_picture_deleted AFTER DELETE ON users WHEN old.picture IS NOT NULL BEGIN
  DELETE FROM icons WHERE hash = old.picture AND NOT EXISTS (SELECT 1 FROM icons_in_use u WHERE u.hash = old.picture);
END;
CREATE TRIGGER users_picture_changed AFTER UPDATE OF picture ON users WHEN old.picture IS NOT NULL BEGIN
  DELETE FROM icons WHERE hash = old.picture AND NOT EXISTS (SELECT 1 FROM icons_in_use u WHERE u.hash = old.picture);
END;
CREATE TRIGGER settings_logo_deleted AFTER DELETE ON settings WHEN old.key = 'brand.logo' BEGIN
  DELETE FROM icons WHERE hash = old.value AND NOT EXISTS (SELECT 1 FROM icons_in_use u WHERE u.hash = old.value);
END;
CREATE TRIGGER settings_logo_changed AFTER UPDATE OF value ON settings WHEN old.key = 'brand.logo' BEGIN
  DELETE FROM icons WHERE hash = old.value AND NOT EXISTS (SELECT 1 FROM icons_in_use u WHERE u.hash = old.value);
END;

-- Bindings may name a policy too. A CHECK cannot be changed in place.
CREATE TABLE new_bindings (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  application_id INTEGER NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
  kind           TEXT NOT NULL CHECK (kind IN ('group', 'user', 'policy')),
  group_id       INTEGER REFERENCES groups (id) ON DELETE SET NULL,
  user_id        INTEGER REFERENCES users (id) ON DELETE SET NULL,
  policy_id      INTEGER REFERENCES policies (id) ON DELETE SET NULL,
  label          TEXT NOT NULL,
  position       INTEGER NOT NULL DEFAULT 0,
  enabled        INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  negate         INTEGER NOT NULL DEFAULT 0 CHECK (negate IN (0, 1))
) STRICT;
INSERT INTO new_bindings (id, application_id, kind, group_id, user_id, label, position, enabled, negate)
  SELECT id, application_id, kind, group_id, user_id, label, position, enabled, negate FROM bindings;
DROP TABLE bindings;
ALTER TABLE new_bindings RENAME TO bindings;
CREATE INDEX bindings_by_application ON bindings (application_id, position);
CREATE INDEX bindings_by_group ON bindings (group_id);
CREATE INDEX bindings_by_user ON bindings (user_id);
CREATE INDEX bindings_by_policy ON bindings (policy_id);

-- Where the user was when the grant was made: policies are asked again at each use of its tokens, which come from the
-- client's server.
ALTER TABLE grants ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- Events are filtered by user, application and kind, newest first.
ALTER TABLE events ADD COLUMN application TEXT;
UPDATE events SET application = coalesce(
  json_extract(details, '$.application'),
  (SELECT a.slug FROM applications a JOIN providers p ON p.id = a.provider_id WHERE p.client_id = events.client_id));
CREATE INDEX events_by_user ON events (username, id) WHERE username IS NOT NULL;
CREATE INDEX events_by_application ON events (application, id) WHERE application IS NOT NULL;
CREATE INDEX events_by_kind ON events (kind, id);

-- Counted as they happen: the chart of the last days must not read a million events. A day is `at / 86400`. The ids say
-- between which events those of some days lie, also where the clock has jumped.
CREATE TABLE event_days (
  day      INTEGER PRIMARY KEY,
  sign_ins INTEGER NOT NULL DEFAULT 0,
  refusals INTEGER NOT NULL DEFAULT 0,
  first_id INTEGER NOT NULL,
  last_id  INTEGER NOT NULL
) STRICT;
INSERT INTO event_days (day, sign_ins, refusals, first_id, last_id)
  SELECT at / 86400, sum(kind = 'login'), sum(is_refusal), min(id), max(id) FROM events GROUP BY at / 86400;

CREATE INDEX users_who_administer ON users (is_administrator) WHERE is_administrator = 1;

-- Users are found by the beginnings of the words in their names and addresses.
CREATE VIRTUAL TABLE users_search USING fts5 (
  username, name, email,
  content = 'users', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);
INSERT INTO users_search (users_search) VALUES ('rebuild');
CREATE TRIGGER users_search_insert AFTER INSERT ON users BEGIN
  INSERT INTO users_search (rowid, username, name, email) VALUES (new.id, new.username, new.name, new.email);
END;
CREATE TRIGGER users_search_delete AFTER DELETE ON users BEGIN
  INSERT INTO users_search (users_search, rowid, username, name, email)
    VALUES ('delete', old.id, old.username, old.name, old.email);
END;
CREATE TRIGGER users_search_update AFTER UPDATE OF username, name, email ON users BEGIN
  INSERT INTO users_search (users_search, rowid, username, name, email)
    VALUES ('delete', old.id, old.username, old.name, old.email);
  INSERT INTO users_search (rowid, username, name, email) VALUES (new.id, new.username, new.name, new.email);
END;
