-- Signing keys have names, and some sign only for the providers that name them.

ALTER TABLE signing_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
-- regular: signs for whoever asks for its algorithm. additional: for providers that name it by its kid.
ALTER TABLE signing_keys ADD COLUMN role TEXT NOT NULL DEFAULT 'regular' CHECK (role IN ('regular', 'additional'));
UPDATE signing_keys SET name = alg || ' ' || coalesce(date(created_at, 'unixepoch'), kid);

-- A provider names a key only as long as that key signs; then it follows the active one of the algorithm.
UPDATE providers SET signing_alg = (SELECT alg FROM signing_keys WHERE kid = signing_kid)
  WHERE signing_kid IS NOT NULL;
UPDATE providers SET signing_kid = NULL
  WHERE signing_kid IN (SELECT kid FROM signing_keys WHERE state IN ('retired', 'revoked'));
CREATE INDEX providers_by_signing_kid ON providers (signing_kid) WHERE signing_kid IS NOT NULL;
