-- What is guessed at is known to the program alone: a check here would have to be made anew for each further kind.
CREATE TABLE new_throttled (
  key          BLOB PRIMARY KEY,
  user_id      INTEGER REFERENCES users (id) ON DELETE CASCADE,
  -- The user's `throttle_round` at that time.
  round        INTEGER NOT NULL,
  guessed      TEXT NOT NULL,
  source       TEXT NOT NULL,
  failures     INTEGER NOT NULL,
  last_failure INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO new_throttled SELECT key, user_id, round, guessed, source, failures, last_failure FROM throttled;
DROP TABLE throttled;
ALTER TABLE new_throttled RENAME TO throttled;
CREATE INDEX throttled_by_user ON throttled (user_id);
