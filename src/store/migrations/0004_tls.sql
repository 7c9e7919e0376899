-- The own certificate authority: one root, and the server's certificate under it.
CREATE TABLE tls_authority (
  id               INTEGER PRIMARY KEY CHECK (id = 1),
  name             TEXT NOT NULL,
  -- The names and addresses that the root is limited to.
  permitted        TEXT NOT NULL,
  root_certificate BLOB NOT NULL,
  root_key_sealed  BLOB NOT NULL,
  root_not_before  INTEGER NOT NULL,
  root_not_after   INTEGER NOT NULL,
  leaf_names       TEXT,
  leaf_certificate BLOB,
  leaf_key_sealed  BLOB,
  leaf_not_before  INTEGER,
  leaf_not_after   INTEGER
) STRICT;
