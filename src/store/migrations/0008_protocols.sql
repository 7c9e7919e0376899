-- The rest of OpenID Connect.

-- People: every standard claim.

-- What has no column of its own, by field (`domain::person`). Attributes of these names still count where a field is empty.
ALTER TABLE users ADD COLUMN person TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN phone_number_verified INTEGER NOT NULL DEFAULT 0 CHECK (phone_number_verified IN (0, 1));


-- Clients: authentication by keys, request objects, pushed authorization requests.


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
  user_agent     TEXT NOT NULL,
  created_at     INTEGER NOT NULL,
  expires_at     INTEGER NOT NULL,
  denied_at      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX device_requests_by_provider ON device_requests (provider_id);
CREATE INDEX device_requests_by_expiry ON device_requests (expires_at);


-- Sign-outs that applications are told of.

