# Providers

provider-bad-client-id = A client ID has 1 to 255 visible ASCII characters, without spaces.
provider-bad-preset = There is no preset { $given }; there are portainer, gravitee and generic.
provider-preset-needs-url = The preset { $preset } needs the address that people open it at, such as https://{ $preset }.home.example
provider-bad-scopes = Expected scope names such as openid email profile groups.
provider-bad-uri-row = Choose Strict or Regex, and what the address is for.
provider-uri-not-registered = { $uri } is not registered.
provider-too-many-uris = A provider has { $most } addresses at most.
provider-code-too-long = A code works for 10 minutes at most.
provider-no-key-of-alg = There is no { $alg } key yet; generate one first.
provider-no-such-key = There is no signing key { $kid }.
provider-public-no-secret = A public client has no secret.
provider-bad-secret = A client secret has 16 to 512 visible ASCII characters, without spaces.
provider-confidential-needs-secret = A confidential client needs a secret: give one.
provider-name-taken = There is a provider { $name } already; choose another name.
provider-client-id-taken = There is a client { $id } already; choose another client ID.
provider-connected-already = That provider is connected to { $application } already.
provider-not-there = There is no such provider (any more).
provider-needs-redirect-uri = Where may the application be answered? It needs at least one redirect URI.
