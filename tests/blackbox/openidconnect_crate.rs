//! An independent client: the `openidconnect` crate discovers us, signs alice in with PKCE and nonce, and verifies
//! every signature and hash with its own cryptography.

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IntrospectionUrl, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, SignatureVerificationError, TokenIntrospectionResponse,
    TokenResponse, http,
};

use crate::support::client::INTROSPECT;
use crate::support::oauth::alice_and_app;
use crate::support::{App, Browser, Http, Server};

/// Sends what the crate asks for with the tests' own client.
fn send(http: &Http, request: &HttpRequest) -> Result<HttpResponse, http::Error> {
    let headers: Vec<(&str, &str)> =
        request.headers().iter().map(|(n, v)| (n.as_str(), v.to_str().expect("ASCII"))).collect();
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let body = std::str::from_utf8(request.body()).expect("UTF-8");
    let answer = http.send(request.method().as_str(), path, &headers, body);
    let mut response = http::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(answer.body.into_bytes())
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// A relying party that knows no more than issuer, client id and secret.
struct RelyingParty {
    http: Http,
    client: Client,
}

/// A sign-in that it completed.
struct SignedIn {
    tokens: CoreTokenResponse,
    nonce: Nonce,
}

impl RelyingParty {
    fn discover(server: &Server, app: &App) -> Self {
        let http = server.http();
        let issuer = IssuerUrl::new(app.issuer.clone()).expect("an issuer");
        let metadata = CoreProviderMetadata::discover(&issuer, &|r: HttpRequest| send(&http, &r)).expect("discovery");
        let secret = (!app.secret.is_empty()).then(|| ClientSecret::new(app.secret.clone()));
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new(app.id.clone()), secret)
            .set_redirect_uri(RedirectUrl::new(app.redirect.clone()).expect("a redirect URI"));
        Self { http, client }
    }

    fn authorize(&self, browser: &mut Browser) -> (AuthorizationCode, PkceCodeVerifier, Nonce) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (url, state, nonce) = self
            .client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(["profile", "email", "offline_access"].map(|s| Scope::new(s.into())))
            .set_pkce_challenge(challenge)
            .url();
        let back = browser.open(url.as_str());
        assert_eq!(back.location_param("state").as_ref(), Some(state.secret()), "{back:?}");
        let code = back.location_param("code").unwrap_or_else(|| panic!("no code: {back:?}"));
        (AuthorizationCode::new(code), verifier, nonce)
    }

    fn sign_in(&self, browser: &mut Browser) -> SignedIn {
        let (code, verifier, nonce) = self.authorize(browser);
        let exchange = self.client.exchange_code(code).expect("a token endpoint").set_pkce_verifier(verifier);
        let tokens = exchange.request(&|r: HttpRequest| send(&self.http, &r)).expect("tokens");
        SignedIn { tokens, nonce }
    }

    fn verify<'a>(&self, done: &'a SignedIn) -> Result<&'a CoreIdTokenClaims, ClaimsVerificationError> {
        done.tokens.id_token().expect("an ID token").claims(&self.client.id_token_verifier(), &done.nonce)
    }

    /// Verifies all that there is to verify, and asks userinfo, which the crate compares with the ID token's `sub`.
    fn learn(&self, done: &SignedIn) -> CoreUserInfoClaims {
        let claims = self.verify(done).expect("a valid ID token");
        let id_token = done.tokens.id_token().expect("an ID token");
        let alg = id_token.signing_alg().expect("an algorithm").clone();
        let verifier = self.client.id_token_verifier();
        let key = id_token.signing_key(&verifier).expect("its key");
        let at_hash = AccessTokenHash::from_token(done.tokens.access_token(), &alg, key).expect("a hash");
        assert_eq!(claims.access_token_hash(), Some(&at_hash));
        let request = self
            .client
            .user_info(done.tokens.access_token().clone(), Some(claims.subject().clone()))
            .expect("a userinfo endpoint");
        request.request(&|r: HttpRequest| send(&self.http, &r)).expect("userinfo")
    }

    fn signing_alg(done: &SignedIn) -> CoreJwsSigningAlgorithm {
        done.tokens.id_token().expect("an ID token").signing_alg().expect("an algorithm").clone()
    }
}

#[track_caller]
fn is_alice(told: &CoreUserInfoClaims) {
    assert_eq!(told.preferred_username().map(|n| n.as_str()), Some("alice"));
    assert_eq!(told.email().map(|e| e.as_str()), Some("alice@example.com"));
    assert_eq!(told.email_verified(), Some(true));
    assert_eq!(told.name().and_then(|n| n.get(None)).map(|n| n.as_str()), Some("Alice Liddell"));
}

#[test]
fn it_signs_alice_in_with_every_algorithm_that_we_sign_with() {
    for (alg, expected) in [
        ("RS256", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256),
        ("ES256", CoreJwsSigningAlgorithm::EcdsaP256Sha256),
        ("EdDSA", CoreJwsSigningAlgorithm::EdDsa),
    ] {
        let server = Server::start();
        server.alice();
        if alg == "EdDSA" {
            server.cli(&["key", "add", "--alg", alg]).ok();
        }
        let app = server.app("App", &["--redirect-uri", "https://app.company/callback", "--signing-key", alg]);
        let party = RelyingParty::discover(&server, &app);
        let done = party.sign_in(&mut Browser::signed_in(&server, "alice"));
        assert_eq!(RelyingParty::signing_alg(&done), expected);
        is_alice(&party.learn(&done));
        // The twin: another nonce is refused, so it did look.
        let other = SignedIn { nonce: Nonce::new("another".into()), ..done };
        let refused = party.verify(&other).expect_err("another nonce");
        assert!(matches!(refused, ClaimsVerificationError::InvalidNonce(_)), "{refused:?}");
    }
}

#[test]
fn a_public_client_signs_in_with_pkce_alone() {
    let (server, _) = alice_and_app(&[]);
    let app = server.app("Native", &["--public", "--redirect-uri", "http://127.0.0.1/callback"]);
    // On whatever port was free, as a program on the user's machine does.
    let app = App { redirect: "http://127.0.0.1:51234/callback".into(), ..app };
    let party = RelyingParty::discover(&server, &app);
    let done = party.sign_in(&mut Browser::signed_in(&server, "alice"));
    is_alice(&party.learn(&done));
}

#[test]
fn another_verifier_is_refused_and_the_crate_understands_why() {
    let (server, app) = alice_and_app(&[]);
    let party = RelyingParty::discover(&server, &app);
    let (code, _, _) = party.authorize(&mut Browser::signed_in(&server, "alice"));
    let (_, another) = PkceCodeChallenge::new_random_sha256();
    let exchange = party.client.exchange_code(code).expect("a token endpoint").set_pkce_verifier(another);
    let refused = exchange.request(&|r: HttpRequest| send(&party.http, &r)).expect_err("another verifier");
    let openidconnect::RequestTokenError::ServerResponse(told) = refused else { panic!("{refused:?}") };
    assert_eq!(told.error().as_ref(), "invalid_grant");
    assert!(told.error_description().is_some_and(|d| !d.is_empty()));
}

#[test]
fn refreshing_and_introspecting_work_with_it() {
    let (server, app) = alice_and_app(&[]);
    let party = RelyingParty::discover(&server, &app);
    let done = party.sign_in(&mut Browser::signed_in(&server, "alice"));
    let first = party.verify(&done).expect("a valid ID token").subject().clone();
    let refresh = done.tokens.refresh_token().expect("a refresh token");
    let request = party.client.exchange_refresh_token(refresh).expect("a token endpoint");
    let tokens = request.request(&|r: HttpRequest| send(&party.http, &r)).expect("tokens");
    let verifier = party.client.id_token_verifier();
    let no_nonce = |nonce: Option<&Nonce>| match nonce {
        None => Ok(()),
        Some(_) => Err("a refreshed ID token repeats no nonce".to_owned()),
    };
    let claims = tokens.id_token().expect("an ID token").claims(&verifier, no_nonce).expect("a valid ID token");
    assert_eq!(*claims.subject(), first);
    let url = IntrospectionUrl::new(format!("{}{INTROSPECT}", server.base)).expect("a URL");
    let client = party.client.clone().set_introspection_url(url);
    let ask = |token: &openidconnect::AccessToken| {
        client.introspect(token).request(&|r: HttpRequest| send(&party.http, &r)).expect("an answer")
    };
    assert!(ask(tokens.access_token()).active());
    assert_eq!(ask(tokens.access_token()).username(), Some("alice"));
    assert!(!ask(&openidconnect::AccessToken::new("unknown".into())).active());
}

#[test]
fn after_a_key_rotation_old_and_new_tokens_verify_with_what_is_published() {
    for alg in ["RS256", "ES256"] {
        let server = Server::start();
        server.alice();
        let app = server.app("App", &["--redirect-uri", "https://app.company/callback", "--signing-key", alg]);
        let mut browser = Browser::signed_in(&server, "alice");
        let before = RelyingParty::discover(&server, &app);
        let old = before.sign_in(&mut browser);
        server.cli(&["key", "rotate", "--alg", alg, "--now"]).ok();
        let new = before.sign_in(&mut browser);
        let after = RelyingParty::discover(&server, &app);
        for done in [&old, &new] {
            is_alice(&after.learn(done));
        }
        // The twin: whoever kept the old keys can verify the old token, and has to fetch the new ones for the new.
        before.verify(&old).expect("a valid ID token");
        let refused = before.verify(&new).expect_err("a key that it does not know");
        let no_key = ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey);
        assert_eq!(refused.to_string(), no_key.to_string());
    }
}

#[test]
fn an_ordinary_rotation_publishes_the_next_key_before_it_signs() {
    let (server, app) = alice_and_app(&[]);
    let mut browser = Browser::signed_in(&server, "alice");
    let before = RelyingParty::discover(&server, &app);
    let keys = || server.http().get("/application/o/app/jwks/").json()["keys"].as_array().expect("keys").len();
    let n = keys();
    server.cli(&["key", "rotate", "--alg", "RS256"]).ok();
    assert_eq!(keys(), n + 1, "clients can fetch it while the old one signs");
    let done = before.sign_in(&mut browser);
    before.verify(&done).expect("whoever kept the old keys has not noticed");
}
