//! How somebody proved who they are: the authentication methods of a session (`amr`, RFC 8176) and the class that they
//! amount to (`acr`, OpenID Connect Core section 2).

/// A password alone.
pub const PASSWORD: &str = "pwd";
/// A password and a one-time code.
pub const PASSWORD_AND_CODE: &str = "pwd otp mfa";
/// A password and a recovery code. RFC 8176 has no word for a code off a list, so that it only counts as a factor.
pub const PASSWORD_AND_RECOVERY_CODE: &str = "pwd mfa";
/// A passkey that checked its user, and cannot leave its device.
const PASSKEY_OF_ONE_DEVICE: &str = "hwk user mfa";
/// One that may be on several devices.
const PASSKEY_SYNCED: &str = "swk user mfa";

/// The classes, the weakest first: one factor, two factors, a passkey.
pub const ACRS: [&str; 3] = ["urn:latchkey:acr:1fa", "urn:latchkey:acr:2fa", "urn:latchkey:acr:passkey"];

fn has(amr: &str, method: &str) -> bool {
    amr.split(' ').any(|m| m == method)
}

/// Whether two factors were proven, of which a passkey with its check of the user is both.
pub fn is_multi_factor(amr: &str) -> bool {
    has(amr, "mfa")
}

/// Whether it was a passkey, in hardware or software: what cannot be asked for by a copy of the sign-in page.
pub fn is_passkey(amr: &str) -> bool {
    has(amr, "hwk") || has(amr, "swk")
}

/// A passkey, alone.
pub fn passkey(is_synced: bool) -> &'static str {
    if is_synced { PASSKEY_SYNCED } else { PASSKEY_OF_ONE_DEVICE }
}

/// The class of what was proven.
pub fn acr(amr: &str) -> &'static str {
    match (is_passkey(amr), is_multi_factor(amr)) {
        (true, true) => ACRS[2],
        (false, true) => ACRS[1],
        (_, false) => ACRS[0],
    }
}

/// The class that a client is told, which asked for some in the order of its liking (`acr_values`, or the claim): the first of them
/// that was reached, for a stronger sign-in is all that a weaker one is; else what it amounts to.
pub fn acr_told<'a>(asked: impl Iterator<Item = &'a str>, amr: &str) -> &'static str {
    let reached = acr(amr);
    asked
        .filter_map(rank)
        .filter(|asked| Some(*asked) <= rank(reached))
        .map(|asked| ACRS[asked])
        .next()
        .unwrap_or(reached)
}

/// How strong a class is, if it is one of ours. A stronger one is all that a weaker one is.
pub fn rank(acr: &str) -> Option<usize> {
    ACRS.iter().position(|known| *known == acr)
}

/// What was proven before, with a method more. Each is told once, in the order in which it was first proven.
pub fn with(before: &str, more: &str) -> String {
    let mut methods: Vec<&str> = Vec::new();
    for method in before.split(' ').chain(more.split(' ')).filter(|m| !m.is_empty()) {
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    methods.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_follows_what_was_proven() {
        for (amr, expected) in [
            (PASSWORD, ACRS[0]),
            (PASSWORD_AND_CODE, ACRS[1]),
            (PASSWORD_AND_RECOVERY_CODE, ACRS[1]),
            (passkey(false), ACRS[2]),
            (passkey(true), ACRS[2]),
            ("pwd hwk user mfa", ACRS[2]),
            ("", ACRS[0]),
            ("mfax", ACRS[0]),
        ] {
            assert_eq!(acr(amr), expected, "{amr}");
        }
    }

    #[test]
    fn of_the_classes_that_were_asked_for_the_first_that_was_reached_is_told() {
        let [one, two, passkey] = ACRS;
        for (asked, amr, told) in [
            (None, PASSWORD_AND_CODE, two),
            (Some(String::new()), PASSWORD, one),
            (Some(one.to_owned()), PASSWORD_AND_CODE, one),
            (Some(format!("{passkey} {one} {two}")), PASSWORD_AND_CODE, one),
            (Some(format!("gold {two} {one}")), PASSWORD_AND_CODE, two),
            (Some(two.to_owned()), PASSWORD, one),
            (Some("gold".to_owned()), PASSWORD, one),
        ] {
            assert_eq!(acr_told(asked.as_deref().unwrap_or_default().split(' '), amr), told, "{asked:?} {amr}");
        }
    }

    #[test]
    fn methods_add_up_and_none_is_told_twice() {
        assert_eq!(with(PASSWORD, PASSWORD_AND_CODE), "pwd otp mfa");
        assert_eq!(with("hwk user mfa", "otp mfa"), "hwk user mfa otp");
        assert_eq!(with("", "pwd"), "pwd");
    }
}
