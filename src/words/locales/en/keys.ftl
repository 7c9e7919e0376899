# System > Certificates and keys

keys-what = Latchkey signs every token with one of these keys, and applications verify it with the public half, which they fetch by themselves. The private half never leaves Latchkey.
keys-signing = What signs now
keys-next-from = the next key takes over
keys-following = { $count ->
    [0] no provider asks for it
    [one] for one provider
   *[other] for { $count } providers
  }
keys-naming = { $count ->
    [one] named by one provider
   *[other] named by { $count } providers
  }
keys-all = All keys
key-generate = Generate key
key-import = Import key
key-rotate = Rotate keys
key-name = Name
key-name-hint = For you to recognise it by. Left empty, it is the algorithm and the day.
key-kind = Algorithm
key-kind-hint = RS256 works everywhere. An RSA key of 4096 bits can take several seconds to make on a small computer, and signs more slowly.
key-kind-rsa-2048 = RS256: RSA, 2048 bits
key-kind-rsa-3072 = RS256: RSA, 3072 bits
key-kind-rsa-4096 = RS256: RSA, 4096 bits
key-kind-ec-p256 = ES256: EC on P-256
key-kind-ed25519 = EdDSA: Ed25519
key-kind-rsa-pss-2048 = PS256: RSA, 2048 bits
key-kind-rsa-pss-3072 = PS256: RSA, 3072 bits
key-kind-rsa-pss-4096 = PS256: RSA, 4096 bits
key-start = When does it sign?
key-start-published = Publish it now, and let it take over in 24 hours
key-start-now = Let it take over at once
key-start-additional = Keep it as an additional key: only providers that name it use it
key-start-hint = Applications keep the published keys for some hours. A key that takes over at once can be unknown to them until they fetch the keys again, and until then they may refuse sign-ins. When there is no active key of its algorithm yet, the new one signs at once in any case.
key-pem = Private key in PEM
key-pem-hint = Not encrypted: BEGIN PRIVATE KEY (PKCS#8), BEGIN RSA PRIVATE KEY (PKCS#1) or BEGIN EC PRIVATE KEY (SEC 1). RSA of 2048 to 4096 bits (it signs RS256), EC on P-256, or Ed25519. Its certificate may stand in the same text; of a chain only the key's own is kept. Without one, a self-signed certificate is made.
key-pem-again = For its safety the key is not shown again: paste it once more.
key-state = State
key-created = Created
key-certificate = Certificate
key-certificate-until = Certificate ends
key-certificate-unreadable = it cannot be read
key-certificate-pem = Download certificate (.pem)
key-certificate-der = Download certificate (.crt, DER)
key-fingerprint = SHA-256 fingerprint
key-kid = Key id (kid)
key-public = Public key (JWK)
key-public-what = This is what is published for applications to verify with. It is no secret.
key-bits = { $bits } bits
key-signs = signs
key-signs-additional = additional
key-signs-additional-what = Signs only for the providers that name it.
key-signs-what = Signs for every provider that asks for { $alg } and names no key.
key-signs-from = signs from
key-published-until = published until
key-unpublished = retired
key-unpublished-what = No longer published: everything that it signed has expired.
key-retired-what = Signs no more. It stays published until the last token that it signed has expired.
key-next-what = Published already, so that applications know it when it takes over.
key-revoked = revoked
key-revoked-what = Nobody believes what it signs.
key-providers-naming = Providers that name this key
key-providers-following = Providers that use the active { $alg } key
key-providers-none = none
key-providers-more = and { $count } more
key-rename = Save name
key-rotate-this = Rotate this key
key-retire = Retire key
key-revoke = Revoke as stolen
key-keep = Keep key

key-rotate-what = Rotating makes a new key for each algorithm that signs now, of the same size as the old one. Additional keys stay as they are.
key-rotate-alg = Which keys?
key-rotate-all = All that sign
key-rotate-one = Only the { $alg } key
key-rotate-how = How?
key-rotate-published = Publish the new keys now, and let them take over in 24 hours
key-rotate-now = Let the new keys take over at once
key-rotate-stolen = The old keys may be stolen: replace them at once and revoke them
key-rotate-how-hint = The first is right for every ordinary rotation: nobody notices. At once, applications may refuse sign-ins until they fetch the keys again. Stolen: every key of these algorithms is revoked, additional and retired ones too; everybody who is signed in to an application may have to sign in again there.
key-rotate-do = Rotate

key-retire-question = Retire the key <bdi>{ $name }</bdi>?
key-retire-what = It signs no more. What it signed stays valid: the key is published until the last of its tokens has expired.
key-revoke-question = Revoke the key <bdi>{ $name }</bdi>?
key-revoke-what = For a key that somebody else may have. It is taken out of what is published at once: applications refuse every ID token and access token that it signed as soon as they fetch the keys again, and sign-outs that they ask for with such a token are asked about. People may have to sign in to their applications again. This cannot be undone, and the key cannot be imported again.
key-revoke-others = Who got at this key through the data folder and the master key got at all of them: then rotate all keys as stolen.
key-follows-nothing = Nothing else changes in what signs.
key-follows-nobody = No provider asks for { $alg }, so no other key takes its place.
key-follows-next = The next key { $name } takes over at once.
key-follows-new = A new { $alg } key is made in its place and signs at once.
key-naming-follow = Providers that name it use the active { $alg } key from then on: { $names }.
key-naming-follow-more = Providers that name it use the active { $alg } key from then on: { $names } and { $count } more.

key-made-now = { $name } signs from now on.
key-made-from = { $name } is published now and takes over in 24 hours.
key-made-named = { $name } is there. Choose it as the signing key of a provider to use it.
key-renamed = The key is now called { $name }.
key-rotated-published = The new keys are published now and take over in 24 hours.
key-rotated-now = The new keys sign from now on.
key-rotated-stolen = The old keys are revoked. The new ones sign from now on.
key-rotated-none = There is no key that signs.
key-retired = Retired the key { $name }.
key-retired-next = Retired the key { $name }. { $next } signs from now on.
key-is-revoked = Revoked the key { $name }.
key-is-revoked-next = Revoked the key { $name }. { $next } signs from now on.

key-busy = Another key is being made at the moment. Try again in a few seconds.
key-under-way = A rotation is under way: the key { $name } ({ $kid }) signs from { $at }. Wait for it, or let the new key sign at once.
key-none-to-rotate = There is no active { $alg } key to rotate; generate one first.
key-changed-meanwhile = The keys were changed meanwhile, and nothing was done. Look at them again.
key-is-there = This key is here already: { $name } ({ $kid }).
key-is-there-revoked = This key was revoked here ({ $name }, { $kid }): somebody else may have it. Import another one.
key-revoked-already = { $name } is revoked already.
key-retired-already = { $name } is retired already.

bad-pem-too-long = The text is longer than 16 KiB. Expected one private key and, at most, its certificate.
bad-pem-no-key = There is no private key in it. Expected PEM: a text that begins with -----BEGIN PRIVATE KEY-----.
bad-pem-several-keys = There is more than one private key in it. Expected one.
bad-pem-encrypted = The key is encrypted. Decrypt it first, for example with: openssl pkey -in key.pem -out plain.pem
bad-pem-public = This is a public key. Expected the private one: it begins with -----BEGIN PRIVATE KEY-----.
bad-pem-openssh = This is a key in OpenSSH's own form. Expected PKCS#8, for example from: ssh-keygen -p -m PKCS8 -f COPY-OF-THE-KEY
bad-pem-damaged = The text is damaged or not whole. Expected everything from -----BEGIN to -----END, as it stands in the file.
bad-pem-rsa-too-small = The RSA key is too small to be safe. Expected 2048 to 4096 bits.
bad-pem-rsa-too-large = The RSA key is too large: every sign-in would wait for it. Expected 2048 to 4096 bits.
bad-pem-rsa-exponent = The RSA key has a small public exponent, which many applications refuse. Expected 65537.
bad-pem-curve = The key is on another curve. Of elliptic curves P-256 (prime256v1) is expected, or an Ed25519 key.
bad-pem-kind = This is no key that tokens can be signed with here. Expected RSA of 2048 to 4096 bits, EC on P-256, or Ed25519.
bad-pem-inconsistent = The key does not work: what it signs does not verify with its own public half.
bad-pem-certificate = The certificate beside the key cannot be read. Expected X.509 in PEM; without one, one is made.
bad-pem-certificate-of-another = The certificate beside the key belongs to another key. Leave it out, and one is made.
bad-pem-certificate-ended = The certificate beside the key ended on { $at }. Leave it out, and one is made.
