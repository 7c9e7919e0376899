//! A passkey in software, that answers as it is told: also as no honest authenticator would.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD as BASE64, Engine};
use serde_json::{Value, json};

use super::browser::unescape;
use super::{Answer, Browser, HtmlForm};

const ADD: &str = "/if/user/mfa/passkeys/add/";

/// Flags of authenticator data, Web Authentication level 3 section 6.1.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_BE_SYNCED: u8 = 0x08;
const IS_SYNCED: u8 = 0x10;
const WITH_KEY: u8 = 0x40;

/// One passkey, and how it answers.
#[derive(Clone)]
pub struct Device {
    pub key: Arc<EcdsaKeyPair>,
    pub id: Vec<u8>,
    pub origin: String,
    pub rp_id: String,
    pub user_handle: Option<Vec<u8>>,
    pub counter: u32,
    pub is_verified: bool,
    pub is_synced: bool,
    /// What else the browser says of who asked.
    pub asked_by: Value,
}

/// What the passkey button of a page asks for, and the state to send back.
pub struct Asked {
    pub options: Value,
    pub state: String,
}

impl Asked {
    #[track_caller]
    pub fn of(page: &Answer) -> Self {
        let options = attribute(page, "data-options=\"").unwrap_or_else(|| panic!("no passkey button: {page:?}"));
        let state = attribute(page, "passkey_state\" value=\"").expect("a state");
        Self { options: serde_json::from_str(&options).expect("JSON"), state }
    }

    fn challenge(&self) -> &str {
        self.options["challenge"].as_str().expect("a challenge")
    }
}

fn attribute(page: &Answer, before: &str) -> Option<String> {
    Some(unescape(page.body.split(before).nth(1)?.split('"').next()?))
}

impl Device {
    /// Without a passkey for anybody yet.
    pub fn new(browser: &Browser) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        Self {
            key: key.into(),
            id,
            origin: browser.base().to_owned(),
            rp_id: "localhost".into(),
            user_handle: None,
            counter: 0,
            is_verified: true,
            is_synced: false,
            asked_by: json!({ "crossOrigin": false }),
        }
    }

    /// Adds one for whoever is signed in. Comes with the page that follows.
    pub fn added(browser: &mut Browser) -> (Self, Answer) {
        let mut device = Self::new(browser);
        let answer = device.add(browser);
        let page = browser.follow(answer);
        assert_eq!(page.status, 200, "{page:?}");
        (device, page)
    }

    /// Adds itself for whoever is signed in.
    pub fn add(&mut self, browser: &mut Browser) -> Answer {
        let page = Self::page_to_add(browser);
        let made = self.make(&Asked::of(&page));
        HtmlForm::find(&page, ADD).with("name", "Test key").with("passkey", &made).send(browser)
    }

    pub fn page_to_add(browser: &mut Browser) -> Answer {
        let page = browser.get("/if/user/mfa/").expect(200);
        HtmlForm::find(&page, ADD).send(browser).expect(200)
    }

    /// Answers `navigator.credentials.create()`.
    pub fn make(&mut self, asked: &Asked) -> String {
        let handle = asked.options["user"]["id"].as_str().expect("a user handle");
        self.user_handle = Some(BASE64.decode(handle).expect("base64url"));
        let mut data = self.data(WITH_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        // RFC 9052 and 9053: an EC2 key on P-256 for ES256.
        let point = self.key.public_key().as_ref();
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend(data);
        json!({
            "id": BASE64.encode(&self.id), "rawId": BASE64.encode(&self.id), "type": "public-key", "extensions": {},
            "response": {
                "clientDataJSON": self.client_data("webauthn.create", asked.challenge()),
                "attestationObject": BASE64.encode(object), "transports": ["internal"],
            },
        })
        .to_string()
    }

    /// Answers `navigator.credentials.get()`.
    pub fn answer(&self, asked: &Asked) -> String {
        let client = self.client_data("webauthn.get", asked.challenge());
        let data = self.data(0);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, &BASE64.decode(&client).expect("base64url")).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        json!({
            "id": BASE64.encode(&self.id), "rawId": BASE64.encode(&self.id), "type": "public-key", "extensions": {},
            "response": {
                "clientDataJSON": client, "authenticatorData": BASE64.encode(data),
                "signature": BASE64.encode(signature.as_ref()),
                "userHandle": self.user_handle.as_ref().map(|handle| BASE64.encode(handle)),
            },
        })
        .to_string()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.is_verified { VERIFIED } else { 0 };
        let synced = if self.is_synced { MAY_BE_SYNCED | IS_SYNCED } else { 0 };
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(PRESENT | verified | synced | flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, challenge: &str) -> String {
        let mut data = self.asked_by.clone();
        for (name, value) in [("type", kind), ("challenge", challenge), ("origin", &self.origin)] {
            data[name] = value.into();
        }
        BASE64.encode(data.to_string())
    }

    /// Answers the page's button and sends the form.
    pub fn press(&self, browser: &mut Browser, page: &Answer) -> Answer {
        let asked = Asked::of(page);
        browser.submit(page, &[("passkey_state", &asked.state), ("passkey", &self.answer(&asked))])
    }

    /// Signs in at this address, in a browser that nobody is signed in with.
    pub fn sign_in(&self, browser: &mut Browser, url: &str) -> Answer {
        let page = browser.open(url).expect(200);
        self.press(browser, &page)
    }
}
