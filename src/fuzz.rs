//! What strangers' bytes are put through, and what must hold of the outcome. The fuzzer (`tests/fuzz`) calls these with
//! bytes that it makes up; every test run calls them with those that were kept in `tests/fuzz/corpus`.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::crypto::jwt::{ExpectedTyp, SignedBy, VerifyingKeys};
use crate::domain::authorize::{self, AuthorizationRequest, ClientFacts, Refusal, ResponseTypes};
use crate::domain::client::ClientType;
use crate::domain::pkce::PkcePolicy;
use crate::domain::redirect_uri::{Matching, Purpose, RegisteredUri, find, origin};
use crate::domain::request_object;
use crate::domain::scope::ScopeSet;
use crate::http::{Multipart, Params};
use crate::server::{Head, Limits, parse_head};

/// A check that panics when something does not hold.
pub type Check = fn(&[u8]);

/// Every target: its name, which the fuzz target and the folder of its corpus have too, and its check.
pub const TARGETS: [(&str, Check); 6] = [
    ("request_head", request_head),
    ("form_body", form_body),
    ("redirect_uri", redirect_uri),
    ("jwt", jwt),
    ("claims_parameter", claims_parameter),
    ("request_object", request_object),
];

/// What is accepted as the head of a request has one spelling, which means the same again.
pub fn request_head(bytes: &[u8]) {
    let limits = Limits::default();
    let Ok(head) = parse_head(bytes, &limits) else { return };
    assert!(head.length <= limits.upload && head.target.starts_with('/'), "{head:?}");
    let mut spelt = Vec::new();
    head.write_canonical("", &mut spelt);
    let again = parse_head(&spelt, &Limits { head: usize::MAX, ..limits }).expect("its own spelling is accepted");
    let parts = |h: &Head<'_>| {
        let fields: Vec<_> = h.fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        (h.method.to_owned(), h.target.to_owned(), h.host.to_owned(), h.length, fields)
    };
    assert_eq!(parts(&head), parts(&again));
}

/// The pairs of a form survive being written down; a form with files holds no byte that was not sent. The first line is
/// the Content-Type.
pub fn form_body(bytes: &[u8]) {
    let (media_type, body) = split(bytes);
    let params = Params::parse(body);
    let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(params.iter()).finish();
    assert_eq!(Params::parse(written.as_bytes()), params);
    if let Some(Ok(form)) = Multipart::parse(&String::from_utf8_lossy(media_type), body) {
        for (name, _) in form.fields.iter() {
            let _ = (form.fields.first(name), form.fields.one("client_id"));
        }
        assert!(form.file("file").is_none_or(|file| file.len() <= body.len()));
    }
}

/// Whatever is found among what is registered goes to the origin that was registered. The first line is registered, the
/// second requested.
pub fn redirect_uri(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (registered, requested) = text.split_once('\n').unwrap_or((text, text));
    for matching in [Matching::Strict, Matching::Regex] {
        for client in [ClientType::Confidential, ClientType::Public] {
            for purpose in [Purpose::Authorization, Purpose::Logout] {
                let Ok(known) = RegisteredUri::register(matching, purpose, client, registered) else { continue };
                let stored = RegisteredUri::from_store(matching, purpose, known.uri().to_owned());
                assert_eq!(stored, known);
                let same = find(std::slice::from_ref(&known), purpose, client, known.uri());
                assert!(matching == Matching::Regex || same.is_some(), "{known:?} does not find itself");
                let Some(found) = find(std::slice::from_ref(&known), purpose, client, requested) else { continue };
                assert_eq!(found.as_str(), requested);
                goes_where_it_should(&known, client, requested);
                let answer = found.with_query(&[("code", "a b&c=d#e"), ("state", "\u{e4}\r\n")]);
                assert!(!answer.contains(['\r', '\n', ' ']), "{answer:?}");
                assert_eq!(origin(&answer), origin(requested));
            }
        }
    }
}

/// As a browser reads it: the same origin, but for the port of a program on the user's own machine (RFC 8252 section 7.3).
fn goes_where_it_should(known: &RegisteredUri, client: ClientType, requested: &str) {
    let Some(expected) = known.origin() else { return assert_eq!(known.uri(), requested) };
    let read = url::Url::parse(requested).expect("what was found is an address");
    assert!(read.username().is_empty() && read.password().is_none(), "{requested}");
    let is_same = read.origin().ascii_serialization() == expected;
    let at_home = |text: &str| {
        let url = url::Url::parse(text).ok()?;
        let loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]"));
        loopback.then(|| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.path().to_owned()))
    };
    let is_program =
        client == ClientType::Public && at_home(requested).is_some_and(|at| Some(at) == at_home(known.uri()));
    assert!(is_same || is_program, "{requested:?} is not at {expected:?}");
}

const ISSUER: &str = "https://id.example/application/o/app/";

/// The public half of the tests' key `ed25519.pem`.
static KEYS: LazyLock<VerifyingKeys> = LazyLock::new(|| {
    let x = "6wG0hKdDyVbyzeiN6PpwH0mbvN8pq6icS6CaEQWgKxQ";
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "ed", "x": x});
    VerifyingKeys::from_jwks(&[jwk]).expect("a key")
});

/// A token is one of ours by its signature, its kind and its issuer, or it is none.
pub fn jwt(bytes: &[u8]) {
    let Ok(token) = std::str::from_utf8(bytes) else { return };
    let verified = KEYS.verify(token, ISSUER, ExpectedTyp::Id);
    assert!(KEYS.verify(token, "https://another.example/", ExpectedTyp::Id).is_err());
    assert!(KEYS.verify(token, ISSUER, ExpectedTyp::Access).is_err());
    if let Ok(claims) = verified {
        assert_eq!(claims.get("iss").and_then(Value::as_str), Some(ISSUER));
        assert_eq!(token.split('.').count(), 3);
    }
}

/// A `claims` parameter is refused by name or kept by what is understood of it, and what is kept is read again as the same.
pub fn claims_parameter(bytes: &[u8]) {
    let Ok(claims) = std::str::from_utf8(bytes) else { return };
    match request(&[("claims", claims)]) {
        Ok(request) => {
            let kept = serde_json::to_string(&request).expect("it can be sealed");
            assert_eq!(serde_json::from_str::<AuthorizationRequest>(&kept).expect("it can be taken up"), request);
            let asked = request.claims.unwrap_or_default();
            assert!(asked.id_token.iter().all(|name| asked.names.contains(name)), "{asked:?}");
            assert!(asked.names.iter().all(|name| !name.contains(char::is_whitespace)), "{asked:?}");
        }
        Err(Refusal::Redirect { error, .. }) => assert_eq!(error, "invalid_request"),
        Err(Refusal::Page(why)) => panic!("client and redirect URI were right: {why}"),
    }
}

/// A request object makes a request of its own client, in which no other object hides, or it is none. The first line is
/// what stands beside it.
pub fn request_object(bytes: &[u8]) {
    let (outside, object) = split(bytes);
    let Ok(object) = std::str::from_utf8(object) else { return };
    let by = SignedBy { nothing: true, ..SignedBy::default() };
    let Ok(claims) = by.claims(object.trim_end(), &["jwt", "oauth-authz-req+jwt"]) else { return };
    let outside = Params::parse(outside);
    match request_object::merged(&outside, &claims, "app", ISSUER, 1_800_000_000) {
        Ok(params) => {
            assert_eq!(params.all("client_id").collect::<Vec<_>>(), ["app"]);
            assert!(!params.has("request") && !params.has("request_uri"), "{params:?}");
            let inside = claims.get("redirect_uri").and_then(Value::as_str);
            assert!(inside.is_none_or(|uri| params.all("redirect_uri").eq([uri])), "{params:?}");
            match parsed(&params) {
                Ok(request) => assert_eq!(request.redirect_uri, CALLBACK),
                Err(Refusal::Redirect { to, .. }) => assert_eq!(to.as_str(), CALLBACK),
                Err(Refusal::Page(_)) => {}
            }
        }
        Err(bad) => assert!(bad.to_string().bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))),
    }
}

const CALLBACK: &str = "https://app.example/callback";

/// A request that is right but for what is added.
fn request(added: &[(&str, &str)]) -> Result<AuthorizationRequest, Refusal> {
    let uri = CALLBACK;
    let mut params = Params::default();
    params.push_all(&[("client_id", "app"), ("redirect_uri", uri), ("response_type", "code"), ("scope", "openid")]);
    params.push_all(added);
    parsed(&params)
}

fn parsed(params: &Params) -> Result<AuthorizationRequest, Refusal> {
    let uri = CALLBACK;
    let client = ClientType::Confidential;
    let registered =
        RegisteredUri::register(Matching::Strict, Purpose::Authorization, client, uri).expect("a redirect URI");
    let offered = ScopeSet::from_store("openid profile email");
    let facts = ClientFacts {
        client_id: "app",
        client_type: client,
        registered: std::slice::from_ref(&registered),
        offered: &offered,
        pkce: PkcePolicy::Optional,
        response_types: ResponseTypes::Code,
    };
    authorize::parse(params, &facts)
}

/// The first line, and what comes after it.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    (&bytes[..at], bytes.get(at + 1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
    }

    fn names_in(folder: &Path) -> BTreeSet<String> {
        let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn every_target_can_be_fuzzed_and_has_a_corpus() {
        let expected: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(names_in(&folder().join("targets")), expected);
        assert_eq!(names_in(&folder().join("corpus")), expected);
        let manifest = std::fs::read_to_string(folder().join("Cargo.toml")).unwrap();
        for (name, _) in TARGETS {
            let source = std::fs::read_to_string(folder().join("targets").join(name).with_extension("rs")).unwrap();
            assert!(source.contains(&format!("latchkey::fuzz::{name}(")), "{name}");
            assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name}");
        }
    }

    #[test]
    fn the_corpora_hold() {
        for (name, check) in TARGETS {
            let files: Vec<_> = std::fs::read_dir(folder().join("corpus").join(name)).unwrap().collect();
            assert!(files.len() >= 8, "{name} has {} files", files.len());
            for file in files {
                let path = file.unwrap().path();
                let bytes = std::fs::read(&path).unwrap();
                let outcome = std::panic::catch_unwind(|| check(&bytes));
                assert!(outcome.is_ok(), "{} does not hold: see above", path.display());
            }
        }
    }

    /// A corpus of refusals alone would prove little.
    #[test]
    fn each_corpus_has_a_file_that_is_accepted() {
        let read = |name: &str| std::fs::read(folder().join("corpus").join(name)).unwrap();
        assert!(parse_head(&read("request_head/browser"), &Limits::default()).is_ok());
        let (media_type, body) = (read("form_body/files"), read("form_body/files"));
        let form = Multipart::parse(&String::from_utf8_lossy(split(&media_type).0), split(&body).1).unwrap().unwrap();
        assert!(form.file("file").is_some());
        let token = String::from_utf8(read("jwt/valid")).unwrap();
        KEYS.verify(&token, ISSUER, ExpectedTyp::Id).unwrap();
        let claims = String::from_utf8(read("claims_parameter/both")).unwrap();
        assert!(!request(&[("claims", &claims)]).unwrap().claims.unwrap().names.is_empty());
        for name in ["core", "alone"] {
            let bytes = read(&format!("request_object/{name}"));
            let (outside, object) = split(&bytes);
            let by = SignedBy { nothing: true, ..SignedBy::default() };
            let claims = by.claims(std::str::from_utf8(object).unwrap().trim_end(), &[]).unwrap();
            let merged =
                request_object::merged(&Params::parse(outside), &claims, "app", ISSUER, 1_800_000_000).unwrap();
            assert_eq!(parsed(&merged).unwrap().state.as_deref(), Some("inside"));
        }
        for name in ["strict", "pattern", "loopback"] {
            let text = String::from_utf8(read(&format!("redirect_uri/{name}"))).unwrap();
            let (registered, requested) = text.split_once('\n').unwrap();
            let matching = if name == "pattern" { Matching::Regex } else { Matching::Strict };
            let known =
                RegisteredUri::register(matching, Purpose::Authorization, ClientType::Public, registered).unwrap();
            assert!(find(&[known], Purpose::Authorization, ClientType::Public, requested).is_some(), "{text}");
        }
    }
}
