//! System > Certificates and keys: on pages, by command, and in the tokens that clients verify.

mod ends;
mod imports;
mod pages;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::Value;

use crate::support::client::header;
use crate::support::{Answer, App, Browser, HtmlForm, Server};

const LIST: &str = "/if/admin/keys/";
const GENERATE: &str = "/if/admin/keys/generate/";
const IMPORT: &str = "/if/admin/keys/import/";
const ROTATE: &str = "/if/admin/keys/rotate/";
const HOSTILE: &str = "<script>alert(1)</script>\"'";

/// A house with an administrator, alice, and an application of hers.
struct House {
    server: Server,
    app: App,
    admin: Browser,
    alice: Browser,
}

impl House {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(options: &[&str]) -> Self {
        let server = Server::start();
        server.user("ada", &["--admin"]);
        server.alice();
        let usual =
            ["--redirect-uri", "https://app.company/callback", "--post-logout-uri", "https://app.company/goodbye"];
        let app = server.app("App", &[&usual[..], options].concat());
        let (admin, alice) = (Browser::signed_in(&server, "ada"), Browser::signed_in(&server, "alice"));
        Self { server, app, admin, alice }
    }

    /// Fills a form of the keys' in and sends it.
    fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.admin.get(path).expect(200);
        let action = path.split('?').next().unwrap_or_default();
        let form = fields.iter().fold(HtmlForm::find(&page, action), |form, (name, value)| form.with(name, value));
        form.send(&mut self.admin)
    }

    fn generate(&mut self, kind: &str, start: &str) -> Key {
        let name = format!("{kind} {start}");
        self.send(GENERATE, &[("kind", kind), ("start", start), ("name", &name)]).expect(303);
        self.key(|k| k["name"] == name)
    }

    /// The newest key of which something holds.
    fn key(&self, is_it: impl Fn(&Value) -> bool) -> Key {
        let found = keys(&self.server).into_iter().rfind(|k| is_it(&k.0));
        found.unwrap_or_else(|| panic!("no such key: {}", self.server.cli(&["key", "list", "--json"]).ok()))
    }

    fn active(&self, alg: &str) -> Key {
        self.key(|k| k["alg"] == alg && k["state"] == "active" && k["role"] == "regular")
    }

    /// A new ID token of alice's, which verifies with what is published.
    #[track_caller]
    fn id_token(&mut self) -> String {
        let tokens = self.app.tokens(&mut self.alice, "openid");
        let id = tokens.id.expect("an ID token");
        verify(&self.jwks(), &id, &self.app).unwrap_or_else(|why| panic!("{why}"));
        id
    }

    /// The kid that a new ID token is signed with.
    #[track_caller]
    fn signs(&mut self) -> String {
        kid_of(&self.id_token())
    }

    fn jwks(&self) -> Value {
        self.server.http().get(&format!("/application/o/{}/jwks/", self.app.slug)).expect(200).json()
    }

    fn is_published(&self, kid: &str) -> bool {
        kids(&self.jwks()).contains(kid)
    }

    fn use_key(&self, key: &str) {
        self.server.cli(&["app", "set", "app", "--signing-key", key]).ok();
    }

    fn has_event(&self, kind: &str, kid: &str) -> bool {
        let is_it = |e: &Value| e["kind"] == kind && e["details"]["kid"] == kid && e["details"]["by"] == "ada";
        self.server.events().iter().filter(|e| is_it(e)).count() == 1
    }
}

/// A key as `latchkey key list --json` tells of it.
#[derive(Debug, Clone)]
struct Key(Value);

impl Key {
    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    fn kid(&self) -> &str {
        self.text("kid")
    }

    /// The path of its page, or of one below.
    fn path(&self, tail: &str) -> String {
        format!("{LIST}{}/{tail}", self.kid())
    }
}

fn keys(server: &Server) -> Vec<Key> {
    let json: Value = serde_json::from_str(&server.cli(&["key", "list", "--json"]).ok()).expect("JSON");
    json.as_array().expect("keys").iter().cloned().map(Key).collect()
}

fn kid_of(jwt: &str) -> String {
    header(jwt)["kid"].as_str().expect("a kid").to_owned()
}

fn kids(jwks: &Value) -> BTreeSet<String> {
    jwks["keys"].as_array().expect("keys").iter().map(|k| k["kid"].as_str().expect("a kid").to_owned()).collect()
}

/// Verifies an ID token as a client does: with the published key that it names, by that key's algorithm.
pub(crate) fn verify(jwks: &Value, jwt: &str, app: &App) -> Result<Value, String> {
    // An error says that another test was faster.
    _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let set: JwkSet = serde_json::from_value(jwks.clone()).map_err(|e| e.to_string())?;
    let jwk: &Jwk = set.find(&kid_of(jwt)).ok_or("its key is not published")?;
    let alg = jwk.common.key_algorithm.ok_or("no alg")?.to_string().parse().map_err(|_| "an unknown alg")?;
    let mut validation = Validation::new(alg);
    validation.set_audience(&[&app.id]);
    validation.set_issuer(&[&app.issuer]);
    let key = DecodingKey::from_jwk(jwk).map_err(|e| e.to_string())?;
    jsonwebtoken::decode::<Value>(jwt, &key, &validation).map(|data| data.claims).map_err(|e| e.to_string())
}

#[test]
fn every_kind_is_generated_and_signs_what_clients_verify() {
    let mut house = House::new();
    let before = house.active("RS256");
    for (kind, alg, bits) in [
        ("rsa-2048", "RS256", 2048),
        ("rsa-3072", "RS256", 3072),
        ("rsa-4096", "RS256", 4096),
        ("ec-p256", "ES256", 0),
        ("ed25519", "EdDSA", 0),
        ("rsa-pss-2048", "PS256", 2048),
        ("rsa-pss-3072", "PS256", 3072),
        ("rsa-pss-4096", "PS256", 4096),
    ] {
        let key = house.generate(kind, "now");
        assert_eq!((key.text("alg"), key.text("state")), (alg, "active"), "{key:?}");
        assert_eq!(key.0["bits"].as_i64().unwrap_or(0), bits, "{key:?}");
        assert!(house.has_event("key_created", key.kid()));
        house.use_key(alg);
        assert_eq!(house.signs(), key.kid(), "{kind}");
        let page = house.admin.get(&key.path("")).expect(200);
        assert!(page.body.contains(key.kid()) && page.body.contains(&format!("{kind} now")), "{page:?}");
    }
    house.use_key("RS256");
    assert_eq!(house.key(|k| k["kid"] == before.0["kid"]).text("state"), "retired");
    assert!(house.is_published(before.kid()), "until the last token that it signed has expired");
    let list = house.admin.get(LIST).expect(200).body;
    for words in ["3072", "4096", "published until", "ed25519 now", "What signs now"] {
        assert!(list.contains(words), "{words}: {list}");
    }
}

#[test]
fn a_key_is_published_before_it_takes_over() {
    let mut house = House::new();
    let old = house.active("RS256");
    let next = house.generate("rsa-3072", "published");
    assert_eq!(next.text("state"), "next");
    assert!(house.is_published(next.kid()) && house.is_published(old.kid()));
    assert_eq!(house.signs(), old.kid());
    let list = house.admin.get(LIST).expect(200).body;
    assert!(list.contains("the next key takes over") && list.contains("signs from"), "{list}");
    // One at a time waits.
    for (path, fields, field) in [
        (GENERATE, &[("kind", "rsa-2048"), ("start", "published")][..], "start"),
        (ROTATE, &[("alg", "RS256"), ("how", "published")], "how"),
        (ROTATE, &[("alg", ""), ("how", "published")], "how"),
    ] {
        let answer = house.send(path, fields).expect(422);
        let problem = problem(&answer, field);
        assert!(problem.contains("A rotation is under way") && problem.contains(next.kid()), "{answer:?}");
    }
    // Its time comes.
    let sql = "UPDATE signing_keys SET activates_at = 1 WHERE state = 'next'";
    crate::support::disk::execute(&house.server.data(), sql);
    assert_eq!(house.signs(), next.kid(), "whether or not that was noted yet");
    crate::support::disk::eventually("the old key is retired", || {
        keys(&house.server).iter().any(|k| k.kid() == old.kid() && k.text("state") == "retired")
    });
    assert!(house.is_published(old.kid()));
}

#[test]
fn an_additional_key_signs_for_the_providers_that_name_it_alone() {
    let mut house = House::new();
    let usual = house.active("ES256");
    house.use_key("ES256");
    let own = house.generate("ec-p256", "additional");
    assert_eq!((own.text("state"), own.text("role")), ("active", "additional"));
    assert_eq!(house.signs(), usual.kid());
    house.use_key(own.kid());
    assert_eq!(house.signs(), own.kid());
    assert!(house.admin.get(&own.path("")).expect(200).body.contains(">App</bdi>"), "its page names the provider");
    assert!(house.admin.get(LIST).expect(200).body.contains("named by one provider"));
    // Rotations pass it by.
    house.send(ROTATE, &[("alg", "ES256"), ("how", "now")]).expect(303);
    assert_eq!(house.signs(), own.kid());
    assert_ne!(house.active("ES256").kid(), usual.kid());
    // Retired, it is followed by the active one.
    let page = house.admin.get(&own.path("retire/")).expect(200);
    assert!(page.body.contains("use the active ES256 key from then on: App."), "{page:?}");
    house.send(&own.path("retire/"), &[]).expect(303);
    assert_eq!(house.signs(), house.active("ES256").kid());
    let words = house.server.cli(&["app", "set", "app", "--signing-key", own.kid()]).refused(2);
    assert!(words.contains("signs no more"), "{words}");
}

#[test]
fn the_first_key_of_an_algorithm_signs_at_once_whatever_was_wished() {
    for start in ["published", "additional"] {
        let mut house = House::new();
        let words = house.server.cli(&["app", "set", "app", "--signing-key", "EdDSA"]).refused(2);
        assert!(words.contains("no active EdDSA key"), "{words}");
        let key = house.generate("ed25519", start);
        assert_eq!((key.text("state"), key.text("role")), ("active", "regular"), "{key:?}");
        house.use_key("EdDSA");
        assert_eq!(house.signs(), key.kid());
    }
}

#[test]
fn all_that_sign_are_rotated_together_in_their_own_sizes() {
    let mut house = House::new();
    house.generate("rsa-3072", "now");
    let old: Vec<Key> = ["RS256", "ES256"].map(|alg| house.active(alg)).into();
    let done = house.send(ROTATE, &[("alg", ""), ("how", "now")]).expect(303);
    assert!(house.admin.follow(done).body.contains("The new keys sign from now on."));
    for old in &old {
        let new = house.active(old.text("alg"));
        assert_ne!(new.kid(), old.kid());
        assert_eq!(new.0["bits"], old.0["bits"]);
        assert!(house.has_event("key_created", new.kid()) && house.is_published(old.kid()));
    }
    let stolen = house.active("RS256");
    house.send(ROTATE, &[("alg", "RS256"), ("how", "stolen")]).expect(303);
    assert!(!house.is_published(stolen.kid()) && house.has_event("key_revoked", stolen.kid()));
    assert!(!house.is_published(old[0].kid()), "whoever got at one got at all");
    assert!(house.is_published(old[1].kid()), "another algorithm's");
    let new = house.active("RS256");
    assert_eq!(house.signs(), new.kid());
    for (alg, how, field) in [("HS256", "now", "alg"), ("", "tomorrow", "how"), ("EdDSA", "now", "alg")] {
        let answer = house.send(ROTATE, &[("alg", alg), ("how", how)]).expect(422);
        assert!(!problem(&answer, field).is_empty(), "{answer:?}");
    }
    assert_eq!(house.signs(), new.kid());
}

#[test]
fn what_is_published_is_public_and_each_key_once() {
    let mut house = House::new();
    house.generate("ed25519", "now");
    house.generate("rsa-2048", "published");
    house.generate("ec-p256", "now");
    house.generate("ec-p256", "additional");
    let jwks = house.jwks();
    let all = jwks["keys"].as_array().expect("keys");
    assert_eq!((all.len(), kids(&jwks).len()), (6, 6));
    for key in all {
        assert_eq!(key["use"], "sig");
        let allowed = ["alg", "crv", "e", "kid", "kty", "n", "use", "x", "x5c", "x5t#S256", "y"];
        for name in key.as_object().expect("a key").keys() {
            assert!(allowed.contains(&name.as_str()), "{name}: {key}");
        }
    }
}

#[test]
fn a_certificate_is_downloaded_as_it_is_published() {
    let house = House::new();
    let key = house.active("RS256");
    let published = house.jwks();
    let of_key = published["keys"].as_array().expect("keys").iter().find(|k| k["kid"] == key.0["kid"]).expect("it");
    let x5c = of_key["x5c"][0].as_str().expect("x5c");
    let mut admin = house.admin;
    let pem = admin.get(&key.path("certificate/")).expect(200);
    assert!(pem.header("Content-Disposition").is_some_and(|d| d.contains("attachment") && d.ends_with(".pem\"")));
    let body: String = pem.body.lines().filter(|l| !l.starts_with('-')).collect();
    assert_eq!(body, x5c);
    assert!(pem.body.lines().all(|l| l.len() <= 64), "{}", pem.body);
    assert_eq!(house.server.cli(&["key", "certificate", key.kid()]).ok(), pem.body);
    let der = admin.get(&key.path("certificate/?format=der")).expect(200);
    assert!(der.header("Content-Disposition").is_some_and(|d| d.ends_with(".crt\"")), "{der:?}");
    let length = BASE64_STANDARD.decode(x5c).expect("base64").len().to_string();
    assert_eq!(der.header("Content-Length"), Some(length.as_str()));
    let (rest, certificate) = x509_parser::pem::parse_x509_pem(pem.body.as_bytes()).expect("PEM");
    assert!(rest.is_empty());
    let certificate = certificate.parse_x509().expect("a certificate");
    assert_eq!(certificate.subject().to_string(), "CN=Latchkey");
    let ends = jiff::Timestamp::from_second(certificate.validity().not_after.timestamp()).expect("a time");
    assert_eq!(key.text("certificate_expires_at"), ends.to_string());
    assert_eq!(admin.get(&format!("{LIST}nothing/certificate/")).status, 404);
}

#[test]
fn no_client_fails_to_verify_while_keys_are_rotated_and_codes_redeemed() {
    let house = House::new();
    let House { server, app, admin, alice: _ } = &house;
    let until = Instant::now() + Duration::from_secs(6);
    let cookies = admin.cookies.clone();
    std::thread::scope(|scope| {
        let redeem = || {
            let mut alice = Browser::signed_in(server, "alice");
            let (mut count, mut signers) = (0, BTreeSet::new());
            while Instant::now() < until {
                let id = app.tokens(&mut alice, "openid").id.expect("an ID token");
                // As a client that fetches the keys when it meets one that it does not know.
                let jwks = server.http().get("/application/o/app/jwks/").expect(200).json();
                verify(&jwks, &id, app).unwrap_or_else(|why| panic!("{why}: {}", kid_of(&id)));
                signers.insert(kid_of(&id));
                count += 1;
            }
            (count, signers)
        };
        let redeemers: Vec<_> = (0..3).map(|_| scope.spawn(redeem)).collect();
        let mut admin = Browser::new(server);
        admin.cookies = cookies;
        let mut rotations = 0;
        while Instant::now() < until {
            let page = admin.get(ROTATE).expect(200);
            HtmlForm::find(&page, ROTATE).with("alg", "RS256").with("how", "now").send(&mut admin).expect(303);
            rotations += 1;
        }
        for redeemer in redeemers {
            let (count, signers) = redeemer.join().expect("every token verified");
            assert!(count > 3 && signers.len() > 1, "{count} tokens by {signers:?} in {rotations} rotations");
        }
    });
}

#[test]
fn one_key_is_made_at_a_time_and_nobody_else_waits() {
    let house = House::new();
    let House { server, admin, .. } = &house;
    std::thread::scope(|scope| {
        let makers: Vec<_> = (0..4)
            .map(|n| {
                let mut browser = Browser::new(server);
                browser.cookies = admin.cookies.clone();
                let page = browser.get(GENERATE).expect(200);
                let name = format!("large {n}");
                let form = HtmlForm::find(&page, GENERATE).with("kind", "rsa-4096").with("start", "additional");
                scope.spawn(move || form.with("name", &name).send(&mut browser))
            })
            .collect();
        let begun = Instant::now();
        Browser::signed_in(server, "alice");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        let answers: Vec<Answer> = makers.into_iter().map(|m| m.join().expect("an answer")).collect();
        let made = answers.iter().filter(|a| a.status == 303).count();
        assert!((1..4).contains(&made), "{answers:?}");
        for busy in answers.iter().filter(|a| a.status != 303) {
            assert!(busy.status == 422 && busy.body.contains("Another key is being made"), "{busy:?}");
            assert_eq!(HtmlForm::find(busy, GENERATE).value("kind"), "rsa-4096", "nothing is lost");
        }
        assert_eq!(keys(server).iter().filter(|k| k.text("name").starts_with("large")).count(), made);
    });
}

/// What stands at a field.
#[track_caller]
fn problem(answer: &Answer, field: &str) -> String {
    let words = answer.body.split(&format!("id=\"{field}-wrong\">")).nth(1).and_then(|t| t.split('<').next());
    crate::support::browser::unescape(words.unwrap_or_else(|| panic!("nothing at {field}: {answer:?}")))
}
