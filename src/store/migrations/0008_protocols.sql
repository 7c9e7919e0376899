-- The rest of OpenID Connect.

-- People: every standard claim.

-- What has no column of its own, by field (`domain::person`). Attributes of these names still count where a field is empty.
ALTER TABLE users ADD COLUMN person TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN phone_number_verified INTEGER NOT NULL DEFAULT 0 CHECK (phone_number_verified IN (0, 1));


-- Clients: authentication by keys, request objects, pushed authorization requests.


-- Devices and service accounts.


-- Sign-outs that applications are told of.

