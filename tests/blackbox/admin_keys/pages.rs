//! The pages as people see them.

use super::*;
use crate::support::PASSWORD;
use crate::support::chromium::Page;
use crate::support::inspect::inspect;

#[test]
fn names_are_shown_inert_and_changed() {
    let mut house = House::new();
    house.send(GENERATE, &[("kind", "ec-p256"), ("start", "additional"), ("name", HOSTILE)]).expect(303);
    let key = house.key(|k| k["name"] == HOSTILE);
    house.server.cli(&["app", "create", HOSTILE, "--slug", "x", "--redirect-uri", "https://x.example/cb"]).ok();
    house.server.cli(&["app", "set", "x", "--signing-key", key.kid()]).ok();
    let provider_form = "/if/admin/providers/1/edit/";
    for path in [LIST, &key.path(""), &key.path("retire/"), &key.path("revoke/"), provider_form] {
        let page = house.admin.get(path).expect(200);
        assert!(!page.body.contains("<script>alert") && page.body.contains("&#60;script&#62;alert(1)"), "{path}");
    }
    for (name, words) in [("", "A name has 1 to 150 characters"), (&*"x".repeat(151), "150")] {
        let answer = house.send(&key.path(""), &[("name", name)]).expect(422);
        assert!(problem(&answer, "name").contains(words), "{answer:?}");
    }
    let done = house.send(&key.path(""), &[("name", "  The old vault ")]).expect(303);
    assert!(house.admin.follow(done).body.contains("The key is now called The old vault."));
    assert!(house.has_event("key_renamed", key.kid()));
    assert_eq!(house.key(|k| k["kid"] == key.0["kid"]).text("name"), "The old vault");
    let next = house.active("RS256");
    assert!(house.admin.get(provider_form).expect(200).body.contains("The old vault: ES256 key"), "{next:?}");
}

#[test]
fn bad_words_are_explained_at_their_field_and_nothing_is_lost() {
    let mut house = House::new();
    let before = keys(&house.server).len();
    for (field, value, words) in [
        ("kind", "rsa-1024", "rsa-2048, rsa-3072"),
        ("start", "soon", "published, now, additional"),
        ("name", "a\u{7}b", "without control characters"),
    ] {
        let fields = [("kind", "rsa-3072"), ("start", "now"), ("name", "kitchen"), (field, value)];
        let answer = house.send(GENERATE, &fields).expect(422);
        assert!(problem(&answer, field).contains(words), "{answer:?}");
        let form = HtmlForm::find(&answer, GENERATE);
        for (name, kept) in [("kind", "rsa-3072"), ("start", "now"), ("name", "kitchen")] {
            assert!(name == field || form.value(name) == kept, "{form:?}");
        }
    }
    assert_eq!(keys(&house.server).len(), before);
}

#[test]
fn the_dashboard_leads_to_the_keys() {
    let mut house = House::new();
    let sql = "UPDATE signing_keys SET created_at = created_at - 400 * 86400 WHERE alg = 'RS256'";
    crate::support::disk::execute(&house.server.data(), sql);
    let page = house.admin.get("/if/admin/").expect(200).body;
    assert!(page.contains("Rotate it under “Certificates and keys”"), "{page}");
    let card = page.split("id=\"keys\"").nth(1).and_then(|p| p.split("</section>").next()).expect("a card");
    assert!(card.contains("href=\"/if/admin/keys/\""), "{card}");
}

#[test]
fn the_pages_are_well_made() {
    for language in ["en", "de"] {
        let mut house = House::new();
        let long = "Haushaltsdokumentenverwaltungssystemschlüssel of the Miller-Featherstonehaugh Family";
        house.send(GENERATE, &[("kind", "rsa-3072"), ("start", "now")]).expect(303);
        house.send(GENERATE, &[("kind", "rsa-2048"), ("start", "published"), ("name", "Next spring")]).expect(303);
        house.send(GENERATE, &[("kind", "ed25519"), ("start", "now"), ("name", "Tiny")]).expect(303);
        house.send(GENERATE, &[("kind", "ec-p256"), ("start", "additional"), ("name", long)]).expect(303);
        let additional = house.key(|k| k["role"] == "additional");
        house.use_key(additional.kid());
        let lost = house.generate("ed25519", "additional");
        house.send(&lost.path("revoke/"), &[]).expect(303);
        let server = &house.server;
        let page = Page::open();
        page.language(language);
        page.go(&format!("{}/login/", server.base));
        page.sign_in("ada", PASSWORD);
        let active = house.active("RS256");
        for (path, name) in [
            (LIST, "keys"),
            (GENERATE, "key-generate"),
            (IMPORT, "key-import"),
            (ROTATE, "key-rotate"),
            (&*active.path(""), "key"),
            (&*additional.path(""), "key-additional"),
            (&*lost.path(""), "key-revoked"),
            (&*active.path("retire/"), "key-retire"),
            (&*additional.path("revoke/"), "key-revoke"),
        ] {
            page.go(&format!("{}{path}", server.base));
            inspect(&page, &format!("{language}-{name}"));
        }
        page.go(&format!("{}{IMPORT}", server.base));
        page.fill("#pem", "-----BEGIN PUBLIC KEY-----");
        page.press("#save");
        page.see("#pem-wrong");
        inspect(&page, &format!("{language}-key-import-wrong"));
        page.is_clean(&[&server.base]);
    }
}
