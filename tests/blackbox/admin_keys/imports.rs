//! Keys from elsewhere: what is taken, what is refused, and that none of it leaks.

use super::*;
use crate::support::disk::{contains, stored_bytes};

fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn keys_that_other_programs_wrote_are_imported_and_sign() {
    let mut house = House::new();
    for (name, alg) in [
        ("rsa2048.pem", "RS256"),
        ("rsa3072.pem", "RS256"),
        ("rsa4096-pkcs1.pem", "RS256"),
        ("p256.pem", "ES256"),
        ("p256-sec1.pem", "ES256"),
        ("ed25519.pem", "EdDSA"),
    ] {
        // A browser sends lines of a text area with both line ends.
        let pem = fixture(name).replace('\n', "\r\n");
        let done = house.send(IMPORT, &[("pem", &pem), ("name", name), ("start", "now")]).expect(303);
        assert!(house.admin.follow(done).body.contains("signs from now on."), "{name}");
        let key = house.active(alg);
        assert_eq!(key.text("name"), name);
        assert!(house.has_event("key_imported", key.kid()));
        house.use_key(alg);
        assert_eq!(house.signs(), key.kid(), "{name}");
        assert_eq!(house.jwks().to_string().matches("\"d\"").count(), 0);
    }
    house.use_key("RS256");
    let secret = fixture("ed25519.pem").lines().nth(1).expect("base64").to_owned();
    let raw = BASE64_STANDARD.decode(&secret).expect("base64");
    let stored = stored_bytes(&house.server.data());
    assert!(!contains(&stored, &secret) && !stored.windows(32).any(|w| w == &raw[raw.len() - 32..]), "it is sealed");
}

#[test]
fn a_certificate_that_comes_with_its_key_is_the_one_that_is_published() {
    let mut house = House::new();
    let pem = fixture("p256.pem") + &fixture("p256.crt");
    house.send(IMPORT, &[("pem", &pem), ("start", "additional")]).expect(303);
    let key = house.key(|k| k["role"] == "additional");
    assert!(key.text("name").starts_with("ES256 2"), "{key:?}");
    assert_eq!(house.admin.get(&key.path("certificate/")).expect(200).body, fixture("p256.crt"));
    // A hundred years, as its maker wished.
    assert!(key.text("certificate_expires_at").starts_with("21"), "{key:?}");
}

#[test]
fn what_is_no_key_for_us_is_refused_at_its_field_and_never_shown_again() {
    let mut house = House::new();
    house.send(IMPORT, &[("pem", &fixture("ed25519.pem")), ("start", "now")]).expect(303);
    let revoked = house.generate("ed25519", "now");
    house.send(&house.key(|k| k["kid"] == revoked.0["kid"]).path("revoke/"), &[]).expect(303);
    let before = keys(&house.server).len();
    let p256 = fixture("p256.pem");
    let other_certificate = format!("{p256}{}", fixture("rsa2048.crt"));
    let twice = format!("{p256}{}", fixture("rsa2048.pem"));
    let long = format!("{p256}{}", "x".repeat(17_000));
    for (pem, words) in [
        ("", "There is no private key in it"),
        ("a key", "BEGIN PRIVATE KEY"),
        (&fixture("encrypted.pem"), "encrypted. Decrypt it first"),
        (&fixture("encrypted-pkcs1.pem"), "encrypted"),
        (&fixture("public.pem"), "public key. Expected the private one"),
        (&fixture("openssh.pem"), "OpenSSH"),
        (&fixture("rsa1024.pem"), "too small to be safe. Expected 2048 to 4096 bits"),
        (&fixture("rsa8192-pkcs1.pem"), "Expected 2048 to 4096 bits"),
        (&fixture("rsa-exponent.pem"), "Expected 65537"),
        (&fixture("p384.pem"), "P-256 (prime256v1) is expected"),
        (&fixture("ed448.pem"), "Expected RSA of 2048 to 4096 bits, EC on P-256, or Ed25519"),
        (&other_certificate, "belongs to another key"),
        (&twice, "more than one private key"),
        (&long, "longer than 16 KiB"),
        (&fixture("ed25519.pem"), "This key is here already"),
        (&p256[..150], "damaged or not whole"),
    ] {
        let fields = [("pem", pem), ("name", "mine & yours"), ("start", "additional")];
        let answer = house.send(IMPORT, &fields).expect(422);
        assert!(problem(&answer, "pem").contains(words), "{words}: {answer:?}");
        let form = HtmlForm::find(&answer, IMPORT);
        assert_eq!((form.value("name"), form.value("start"), form.value("pem")), ("mine & yours", "additional", ""));
        assert!(answer.body.contains("the key is not shown again"), "{answer:?}");
        for line in pem.lines().filter(|l| l.len() > 40 && !l.starts_with('-')) {
            assert!(!answer.body.contains(line), "{line}");
        }
    }
    // With another field's fault the key does not come back either.
    for (name, start, field) in [("\u{7}", "now", "name"), ("x", "soon", "start")] {
        let answer = house.send(IMPORT, &[("pem", &p256), ("name", name), ("start", start)]).expect(422);
        assert!(!problem(&answer, field).is_empty() && HtmlForm::find(&answer, IMPORT).value("pem").is_empty());
    }
    assert_eq!(keys(&house.server).len(), before);
    let secret = p256.lines().nth(1).expect("base64");
    let events = house.server.cli(&["events", "--json", "--limit", "1000"]).ok();
    assert!(!events.contains(secret) && !house.server.printed().contains(secret));
    assert!(!events.contains("PRIVATE KEY") && !house.server.printed().contains("PRIVATE KEY"));
    house.send(IMPORT, &[("pem", &p256), ("name", "mine & yours"), ("start", "additional")]).expect(303);
}

#[test]
fn a_revoked_key_never_comes_back() {
    let mut house = House::new();
    let pem = fixture("p256.pem");
    house.send(IMPORT, &[("pem", &pem), ("start", "additional")]).expect(303);
    let key = house.key(|k| k["role"] == "additional");
    house.send(&key.path("revoke/"), &[]).expect(303);
    let answer = house.send(IMPORT, &[("pem", &pem), ("start", "now")]).expect(422);
    assert!(problem(&answer, "pem").contains("was revoked here"), "{answer:?}");
    let words = house.server.cli_with_input(&["key", "import", "-"], &pem).refused(1);
    assert!(words.contains("was revoked here"), "{words}");
}

#[test]
fn the_command_line_does_the_same() {
    let house = House::new();
    let import = |file: &str, options: &[&str]| {
        house.server.cli_with_input(&[&["key", "import", "-"][..], options].concat(), &fixture(file))
    };
    let said = import("p256-sec1.pem", &["--name", "From the vault", "--start", "additional"]).ok();
    let key = house.key(|k| k["name"] == "From the vault");
    assert!(said.starts_with("Imported ES256") && said.contains("--signing-key"), "{said}");
    let said = import("ed25519.pem", &[]).ok();
    assert!(said.contains("it signs from now on."), "{said}");
    let said = import("rsa2048.pem", &[]).ok();
    assert!(said.contains("it is published now and signs from"), "{said}");
    let words = import("encrypted.pem", &[]).refused(2);
    assert!(words.starts_with("latchkey: The key is encrypted"), "{words}");
    let words = import("rsa3072.pem", &[]).refused(1);
    assert!(words.contains("A rotation is under way"), "{words}");
    let words = house.server.cli(&["key", "import", "/no/such/file"]).refused(1);
    assert!(words.contains("/no/such/file"), "{words}");
    let cli = |arguments: &[&str]| house.server.cli(&[&["key"][..], arguments].concat());
    assert!(cli(&["retire", key.kid()]).ok().starts_with("Retired ES256"));
    assert!(cli(&["revoke", key.kid()]).ok().starts_with("Revoked ES256"));
    cli(&["revoke", key.kid()]).refused(1);
    cli(&["retire", "nothing"]).refused(1);
    assert!(cli(&["add", "--alg", "RS256"]).refused(1).contains("there is an active RS256 key"));
    cli(&["add", "--alg", "RS256", "--bits", "1024", "--start", "now"]).refused(2);
    cli(&["add", "--alg", "ES256", "--bits", "2048", "--start", "now"]).refused(2);
    cli(&["add", "--alg", "RS256", "--bits", "3072", "--start", "now", "--name", "Larger"]).ok();
    let larger = house.active("RS256");
    assert_eq!((larger.text("name"), larger.0["bits"].as_i64()), ("Larger", Some(3072)));
    let list = cli(&["list"]).ok();
    assert!(list.contains("Larger") && list.contains("From the vault") && list.contains("revoked"), "{list}");
}
