//! An authenticator app, by an implementation that is not the server's.

use totp_lite::{Sha1, totp_custom};

use super::{Answer, Browser, HtmlForm};

const AT: &str = "/if/user/mfa/totp/";

/// Knows a secret.
pub struct Authenticator {
    secret: Vec<u8>,
    /// The step in which it began: tests count codes from there, so that none comes twice however slow they are.
    began: u64,
}

impl Authenticator {
    /// Takes the secret that a page shows to be typed.
    pub fn of(page: &Answer) -> Self {
        let shown = page.body.split("id=\"secret\"").nth(1).and_then(|rest| rest.split(['>', '<']).nth(1));
        Self::of_text(shown.expect("a secret on the page"))
    }

    /// Takes a secret in base 32.
    pub fn of_text(secret: &str) -> Self {
        let secret = base32(secret);
        assert_eq!(secret.len(), 20, "160 bit");
        let now = jiff::Zoned::now().timestamp().as_second();
        Self { secret, began: now.unsigned_abs() / 30 }
    }

    /// The code of a step beside the first one.
    pub fn code(&self, step: i64) -> String {
        let step = self.began.checked_add_signed(step).expect("a step");
        totp_custom::<Sha1>(30, 6, &self.secret, step * 30)
    }

    /// Adds the app for whoever is signed in, with the code before the present one, so that two more are good at once. Comes
    /// with the recovery codes that are shown.
    pub fn added(browser: &mut Browser) -> (Self, Vec<String>) {
        let page = browser.get(AT).expect(200);
        let app = Self::of(&page);
        let answer = HtmlForm::find(&page, AT).with("code", &app.code(-1)).send(browser);
        let answer = browser.follow(answer);
        assert_eq!(answer.status, 200, "{answer:?}");
        (app, codes(&answer))
    }
}

/// The recovery codes on a page.
pub fn codes(page: &Answer) -> Vec<String> {
    let list = page.body.split("id=\"codes\"").nth(1).map(|rest| rest.split("</ol>").next().unwrap_or_default());
    let items = list.unwrap_or_default().split("<code>").skip(1);
    items.map(|item| item.split('<').next().unwrap_or_default().to_owned()).collect()
}

fn base32(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letters = text.chars().filter(|c| !c.is_whitespace());
    let bits: Vec<bool> = letters
        .flat_map(|c| {
            let value = ALPHABET.find(c).expect("a letter of base 32");
            (0..5).rev().map(move |bit| value >> bit & 1 == 1)
        })
        .collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | u8::from(*bit))).collect()
}
