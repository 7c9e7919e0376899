-- The rest of OpenID Connect.

-- People: every standard claim.


-- Clients: authentication by keys, request objects, pushed authorization requests.


-- Devices and service accounts.


-- Sign-outs that applications are told of.

