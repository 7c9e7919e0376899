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


-- Sign-outs that applications are told of.

