//! What else is known of a person: the standard claims that have no column of their own (OpenID Connect Core section 5.1).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::names::DisplayName;
use super::problems::Problems;
use crate::http::Params;
use crate::words::Words;

/// A field of a form, of a command, and of what is stored.
#[derive(Debug, Clone, Copy)]
struct Field {
    name: &'static str,
    parse: fn(&str) -> Result<String, Words>,
}

/// All of them, in the order of the form. The last six are the members of the claim `address` (section 5.1.1).
const FIELDS: [Field; 14] = [
    Field { name: "middle_name", parse: name },
    Field { name: "nickname", parse: name },
    Field { name: "gender", parse: name },
    Field { name: "birthdate", parse: birthdate },
    Field { name: "zoneinfo", parse: zoneinfo },
    Field { name: "profile", parse: web_address },
    Field { name: "website", parse: web_address },
    Field { name: "phone_number", parse: phone_number },
    Field { name: "formatted", parse: lines },
    Field { name: "street_address", parse: lines },
    Field { name: "postal_code", parse: name },
    Field { name: "locality", parse: name },
    Field { name: "region", parse: name },
    Field { name: "country", parse: name },
];

/// The names of the fields; all may be changed by the person, but none says of itself that it is verified.
pub const NAMES: [&str; FIELDS.len()] = {
    let mut names = [""; FIELDS.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = FIELDS[i].name;
        i += 1;
    }
    names
};

/// Where the members of the address begin.
const ADDRESS_FROM: usize = 8;

/// The longest address, in characters.
const MAX_LINES: usize = 500;
const MAX_WEB_ADDRESS: usize = 2_000;

/// What is known, by field. An absent one is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub texts: BTreeMap<String, String>,
    /// Whether an administrator knows the number to be the person's.
    pub phone_number_verified: bool,
}

impl Person {
    pub fn get(&self, field: &str) -> Option<&str> {
        self.texts.get(field).map(String::as_str)
    }

    /// What stands in the fields of a form.
    pub fn values(&self) -> Params {
        let mut values = Params::default();
        self.texts.iter().for_each(|(field, text)| values.push(field, text));
        values
    }

    /// For a list: each field that there is something in, on one line.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, String)> {
        NAMES.into_iter().filter_map(|field| {
            let text = self.get(field)?.replace('\n', ", ");
            let is_verified = field == "phone_number" && self.phone_number_verified;
            Some((field, if is_verified { format!("{text} (verified)") } else { text }))
        })
    }

    /// Takes what was said; a field that was not said stays as it is, and one that was said empty goes. Another number is
    /// not verified until somebody says so.
    pub fn apply(&mut self, said: &Params, problems: &mut Problems) {
        let number = self.get("phone_number").map(str::to_owned);
        for field in FIELDS {
            let Some(text) = said.first(field.name).map(str::trim) else { continue };
            if text.is_empty() {
                self.texts.remove(field.name);
            } else if let Some(value) = problems.take(field.name, (field.parse)(text)) {
                self.texts.insert(field.name.to_owned(), value);
            }
        }
        if self.get("phone_number") != number.as_deref() {
            self.phone_number_verified = false;
        }
    }

    /// The value of a standard claim. The number and what is said of it come from here, or neither does.
    pub fn claim(&self, name: &str) -> Option<Value> {
        match name {
            "phone_number_verified" => self.get("phone_number").map(|_| Value::from(self.phone_number_verified)),
            "address" => {
                let members = NAMES[ADDRESS_FROM..].iter().filter_map(|member| Some((*member, self.get(member)?)));
                let members: Map<_, _> = members.map(|(member, text)| (member.to_owned(), Value::from(text))).collect();
                (!members.is_empty()).then_some(Value::Object(members))
            }
            _ if NAMES[..ADDRESS_FROM].contains(&name) => self.get(name).map(Value::from),
            _ => None,
        }
    }

    /// All claims that there is something to say of.
    pub fn claims(&self) -> Map<String, Value> {
        let names = NAMES[..ADDRESS_FROM].iter().chain(&["phone_number_verified", "address"]);
        names.filter_map(|name| Some(((*name).to_owned(), self.claim(name)?))).collect()
    }
}

fn name(text: &str) -> Result<String, Words> {
    DisplayName::parse(text).map(DisplayName::into_string).map_err(|_| Words::new("bad-text"))
}

/// An address may have several lines (section 5.1.1).
fn lines(text: &str) -> Result<String, Words> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let text = lines.join("\n");
    let is_text = text.chars().count() <= MAX_LINES && !text.chars().any(|c| c.is_control() && c != '\n');
    if is_text { Ok(text) } else { Err(Words::new("bad-lines").with("most", MAX_LINES)) }
}

/// `YYYY-MM-DD`, `0000-MM-DD` where the year is not told, or `YYYY` alone.
fn birthdate(text: &str) -> Result<String, Words> {
    let is_number = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    let is_date = match parts[..] {
        [year] => is_number(year, 4) && year != "0000",
        [year, month, day] => {
            // A leap year stands for the one that is not told.
            let year = if year == "0000" { "2000" } else { year };
            is_number(year, 4)
                && is_number(month, 2)
                && is_number(day, 2)
                && jiff::civil::Date::new(number(year), number(month), number(day)).is_ok()
        }
        _ => false,
    };
    if is_date { Ok(text.to_owned()) } else { Err(Words::new("bad-birthdate")) }
}

fn number<N: std::str::FromStr + Default>(digits: &str) -> N {
    digits.parse().unwrap_or_default()
}

/// A name of the time zone database, by its shape: the machine need not know it.
fn zoneinfo(text: &str) -> Result<String, Words> {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    let is_zone = text.len() <= 64 && text.split('/').count() <= 3 && text.split('/').all(is_part);
    if is_zone { Ok(text.to_owned()) } else { Err(Words::new("bad-zoneinfo")) }
}

fn web_address(text: &str) -> Result<String, Words> {
    let parsed = url::Url::parse(text).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.host().is_some());
    // The parser mends what browsers mend, such as `https:ada.example`; programs that are told it need not.
    let rest = text.split_once(':').map(|(_, rest)| rest).unwrap_or_default();
    let has_host = rest.starts_with("//") && !rest.starts_with("///");
    // RFC 3986 has none of these in an address: one that ends a quotation or begins a tag is for whoever shows it unescaped.
    let is_plain =
        text.len() <= MAX_WEB_ADDRESS && text.bytes().all(|b| b.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&b));
    match parsed.filter(|_| has_host) {
        Some(url) if is_plain && url.username().is_empty() && url.password().is_none() => Ok(text.to_owned()),
        _ => Err(Words::new("bad-web-address").with("given", text)),
    }
}

/// E.164, as section 5.1 recommends: what people write between the digits is left out. `(0)` is dialled within the country
/// only.
fn phone_number(text: &str) -> Result<String, Words> {
    let text = text.replacen("(0)", "", 1);
    let written: String = text.chars().filter(|c| !c.is_whitespace() && !"-./()".contains(*c)).collect();
    let digits = written.strip_prefix('+').or_else(|| written.strip_prefix("00")).unwrap_or_default();
    let is_number =
        (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if is_number { Ok(format!("+{digits}")) } else { Err(Words::new("bad-phone-number")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(person: &mut Person, pairs: &[(&'static str, &str)]) -> Vec<String> {
        let mut problems = Problems::default();
        person.apply(&Params::from_pairs(pairs.iter().map(|(n, v)| (*n, (*v).to_owned()))), &mut problems);
        problems.iter().map(|(field, _)| field.to_owned()).collect()
    }

    #[test]
    fn a_birthdate_is_a_day_a_day_without_its_year_or_a_year() {
        for good in ["1815-12-10", "0000-02-29", "2000-02-29", "1815", "0001"] {
            assert_eq!(birthdate(good).as_deref(), Ok(good));
        }
        for bad in ["", "0000", "10.12.1815", "1815-2-1", "1815-13-01", "1900-02-29", "1815-12", "+815-01-01", "18155"]
        {
            assert!(birthdate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_phone_number_is_kept_as_e_164_however_it_was_written() {
        for (written, kept) in [
            ("+49 30 123456", "+4930123456"),
            ("+49 (0)30 / 12-34.56", "+4930123456"),
            ("0049 30 123456", "+4930123456"),
            ("+1 (604) 555-1234", "+16045551234"),
        ] {
            assert_eq!(phone_number(written).as_deref(), Ok(kept), "{written}");
        }
        for bad in [
            "",
            "030 123456",
            "+49",
            "+0301234567",
            "+49 30 call me",
            "+49301234567890123",
            "++4930123456",
            "+4९३०123456",
        ] {
            assert!(phone_number(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn time_zones_and_addresses_have_their_shape() {
        for good in ["Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+1", "America/Port-au-Prince"] {
            assert_eq!(zoneinfo(good).as_deref(), Ok(good));
        }
        for bad in
            ["", "Europe/", "/Berlin", "../etc/passwd", "Europe/Berlin Mitte", "+01:00", "a/b/c/d", &"x".repeat(65)]
        {
            assert!(zoneinfo(bad).is_err(), "{bad}");
        }
        for good in [
            "https://ada.example/",
            "http://ada.example:8080/~ada?x=1#me",
            "https://ada.example/%22%3C(it's)!$&*+,;=@[]",
        ] {
            assert_eq!(web_address(good).as_deref(), Ok(good));
        }
        let long = format!("https://ada.example/{}", "x".repeat(MAX_WEB_ADDRESS));
        for bad in [
            "ada.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "https://a:b@ada.example/",
            "https://ada.example/a b",
            "https://ada.example/\"onclick=\"alert(1)",
            "https://ada.example/<script>",
            "https://ada.example/?a>b",
            "https://ada.example/a\\b",
            "https://ada.example/`x`",
            "https://ada.example/#{a|b}^",
            "https:ada.example",
            "https:///ada.example",
            "https:\\\\ada.example",
            "https:ada.example?x=://",
            &long,
        ] {
            assert!(web_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_keeps_its_lines_and_no_other_control_character() {
        assert_eq!(lines("12 St James's Square\r\n London ").as_deref(), Ok("12 St James's Square\nLondon"));
        for bad in ["a\u{0}b", "a\u{1b}[1m", &"x".repeat(MAX_LINES + 1)] {
            assert!(lines(bad).is_err(), "{bad:?}");
        }
        assert!(name("two\nlines").is_err());
    }

    #[test]
    fn each_claim_is_told_by_its_fields_and_absent_ones_are_absent() {
        let mut ada = Person::default();
        assert!(ada.claims().is_empty());
        assert!(
            said(&mut ada, &[("nickname", " Countess "), ("country", "GB"), ("phone_number", "+44 20 123456")])
                .is_empty()
        );
        assert_eq!(
            Value::Object(ada.claims()),
            json!({
                "nickname": "Countess", "phone_number": "+4420123456", "phone_number_verified": false,
                "address": {"country": "GB"},
            })
        );
        assert_eq!(ada.claim("country"), None, "a member of the address is no claim");
        assert!(said(&mut ada, &[("nickname", ""), ("country", " ")]).is_empty());
        assert_eq!((ada.claim("nickname"), ada.claim("address")), (None, None));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field_and_changes_nothing_there() {
        let mut ada = Person::default();
        said(&mut ada, &[("birthdate", "1815")]);
        assert_eq!(
            said(&mut ada, &[("birthdate", "soon"), ("gender", "female"), ("website", "x")]),
            ["birthdate", "website"]
        );
        assert_eq!((ada.get("birthdate"), ada.get("gender")), (Some("1815"), Some("female")));
    }

    #[test]
    fn another_number_is_not_verified_and_the_same_one_stays_so() {
        let mut ada = Person::default();
        said(&mut ada, &[("phone_number", "+44 20 123456")]);
        ada.phone_number_verified = true;
        said(&mut ada, &[("phone_number", "0044 20 12 34 56"), ("nickname", "Ada")]);
        assert!(ada.phone_number_verified);
        said(&mut ada, &[("phone_number", "+44 20 123457")]);
        assert!(!ada.phone_number_verified);
        ada.phone_number_verified = true;
        said(&mut ada, &[("phone_number", "")]);
        assert!(!ada.phone_number_verified && ada.claim("phone_number_verified").is_none());
    }
}
