-- OpenID Connect to the letter.

-- What may come straight from the authorization endpoint: a code alone, by the hybrid flow tokens beside it, or all
-- that there is.
ALTER TABLE providers ADD COLUMN response_types TEXT NOT NULL DEFAULT 'code'
  CHECK (response_types IN ('code', 'hybrid', 'all'));

-- The class of the sign-in as the client is told it (`acr`). NULL in grants from before: what `amr` amounts to.
ALTER TABLE grants ADD COLUMN acr TEXT;
