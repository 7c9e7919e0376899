-- OpenID Connect to the letter.

-- What may come straight from the authorization endpoint: a code alone, by the hybrid flow tokens beside it, or all
-- that there is.
ALTER TABLE providers ADD COLUMN response_types TEXT NOT NULL DEFAULT 'code'
  CHECK (response_types IN ('code', 'hybrid', 'all'));

-- The class of the sign-in as the client is told it (`acr`). NULL in grants from before: what `amr` amounts to.
ALTER TABLE grants ADD COLUMN acr TEXT;
-- Those of the claims asked for one by one that are for the ID token, separated by spaces.
ALTER TABLE grants ADD COLUMN id_token_claims TEXT NOT NULL DEFAULT '';

-- Whether userinfo answers by a signed JWT.
ALTER TABLE providers ADD COLUMN sign_userinfo INTEGER NOT NULL DEFAULT 0 CHECK (sign_userinfo IN (0, 1));

-- PS256 among the algorithms of keys. The table is made anew, because a check cannot be changed; meanwhile no provider
-- names a key.
CREATE TABLE named_keys AS SELECT id, signing_kid FROM providers WHERE signing_kid IS NOT NULL;
UPDATE providers SET signing_kid = NULL WHERE signing_kid IS NOT NULL;
CREATE TABLE new_signing_keys (
  kid            TEXT PRIMARY KEY,
  alg            TEXT NOT NULL CHECK (alg IN ('RS256', 'PS256', 'ES256', 'EdDSA')),
  name           TEXT NOT NULL,
  -- regular: signs for whoever asks for its algorithm. additional: for providers that name it by its kid.
  role           TEXT NOT NULL CHECK (role IN ('regular', 'additional')),
  state          TEXT NOT NULL CHECK (state IN ('next', 'active', 'retired', 'revoked')),
  public_jwk     TEXT NOT NULL,
  certificate    BLOB NOT NULL,
  private_sealed BLOB NOT NULL,
  created_at     INTEGER NOT NULL,
  -- From when a next key signs, and until when a retired one is published.
  activates_at   INTEGER,
  expires_at     INTEGER
) STRICT;
INSERT INTO new_signing_keys
  SELECT kid, alg, name, role, state, public_jwk, certificate, private_sealed, created_at, activates_at, expires_at
  FROM signing_keys;
DROP TABLE signing_keys;
ALTER TABLE new_signing_keys RENAME TO signing_keys;
UPDATE providers SET signing_kid = (SELECT signing_kid FROM named_keys n WHERE n.id = providers.id)
  WHERE id IN (SELECT id FROM named_keys);
DROP TABLE named_keys;
