//! The brand: a name, a logo and one colour; and how that colour is made readable wherever it stands (WCAG 2.2,
//! success criterion 1.4.3: text has a contrast of at least 4.5 to 1).

use crate::words::Words;

/// What the house calls itself. What is not set is Latchkey's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    pub name: Option<String>,
    /// The hash of a stored picture.
    pub logo: Option<String>,
    pub accent: Option<Colour>,
}

/// The name where none is set.
pub const OWN_NAME: &str = "Latchkey";

/// Where the hash of the logo is stored, among the settings.
pub const LOGO: &str = "brand.logo";
/// The colour of `static/look.css`, in light.
pub const OWN_ACCENT: Colour = Colour([0x0f, 0x6b, 0x5c]);

impl Brand {
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(OWN_NAME)
    }
}

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

/// A text that is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadColour;

impl From<BadColour> for Words {
    fn from(_: BadColour) -> Self {
        Words::new("bad-colour")
    }
}

const WHITE: Colour = Colour([0xff; 3]);
const BLACK: Colour = Colour([0; 3]);
const ENOUGH: f64 = 4.5;

/// What the colour stands on in one half of the look: the paper, the sheet and the sunk of `static/look.css`.
struct Half {
    grounds: [Colour; 3],
    sheet: Colour,
    ink: Colour,
    /// Where the colour is moved until it can be read.
    towards: Colour,
    /// How much of the colour is in its wash.
    wash: f64,
}

const LIGHT: Half = Half {
    grounds: [Colour([0xf6, 0xf5, 0xf2]), WHITE, Colour([0xf0, 0xee, 0xe9])],
    sheet: WHITE,
    ink: Colour([0x1d, 0x21, 0x26]),
    towards: BLACK,
    wash: 0.12,
};

const DARK: Half = Half {
    grounds: [Colour([0x14, 0x16, 0x1a]), Colour([0x1c, 0x1f, 0x25]), Colour([0x15, 0x18, 0x1d])],
    sheet: Colour([0x1c, 0x1f, 0x25]),
    ink: Colour([0xe9, 0xe7, 0xe2]),
    towards: WHITE,
    wash: 0.14,
};

/// The three tokens of one half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tokens {
    key: Colour,
    on_key: Colour,
    wash: Colour,
}

impl Colour {
    /// Reads `#rrggbb`, as `<input type="color">` sends it.
    pub fn parse(text: &str) -> Result<Self, BadColour> {
        let digits = text.trim().strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()));
        let number = digits.and_then(|d| u32::from_str_radix(d, 16).ok()).ok_or(BadColour)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self([red, green, blue]))
    }

    /// The relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast ratio of two colours, from 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// This colour with so much of another in it, from 0 to 1.
    fn mixed(self, other: Self, share: f64) -> Self {
        let mix =
            |(a, b): (u8, u8)| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round().clamp(0.0, 255.0) as u8;
        let [r, g, b] = self.0;
        let [x, y, z] = other.0;
        Self([mix((r, x)), mix((g, y)), mix((b, z))])
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Half {
    /// The colour, moved by as little as it takes to be read on every ground and on its own wash.
    fn tokens(&self, accent: Colour) -> Tokens {
        let moved = (0..=50).map(|step| {
            let key = accent.mixed(self.towards, f64::from(step) / 50.0);
            Tokens { key, on_key: self.on(key), wash: self.sheet.mixed(key, self.wash) }
        });
        let black_and_white = Tokens { key: self.towards, on_key: self.on(self.towards), wash: self.sheet };
        moved.into_iter().find(|t| self.can_be_read(t)).unwrap_or(black_and_white)
    }

    /// White or black: one of them can be read on any colour.
    fn on(&self, key: Colour) -> Colour {
        if key.contrast(WHITE) >= key.contrast(BLACK) { WHITE } else { BLACK }
    }

    fn can_be_read(&self, t: &Tokens) -> bool {
        let on_grounds = self.grounds.iter().all(|ground| t.key.contrast(*ground) >= ENOUGH);
        let on_wash = t.key.contrast(t.wash) >= ENOUGH && self.ink.contrast(t.wash) >= ENOUGH;
        on_grounds && on_wash && t.on_key.contrast(t.key) >= ENOUGH
    }
}

/// The sheet that goes over `static/look.css`.
pub fn css(accent: Colour) -> String {
    let (l, d) = (LIGHT.tokens(accent), DARK.tokens(accent));
    format!(
        ":root {{ --key: {}; --on-key: {}; --key-wash: {}; }}\n\
         @supports (color: light-dark(red, red)) {{\n  :root {{\n    \
         --key: light-dark({}, {});\n    --on-key: light-dark({}, {});\n    --key-wash: light-dark({}, {});\n  }}\n}}\n",
        l.key, l.on_key, l.wash, l.key, d.key, l.on_key, d.on_key, l.wash, d.wash
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn colours_are_read_as_browsers_send_them() {
        assert_eq!(Colour::parse("#0f6B5c").map(|c| c.to_string()), Ok("#0f6b5c".to_owned()));
        for bad in ["", "0f6b5c", "#0f6b5", "#0f6b5c0", "#0f6b5g", "red", "#+f6b5c", "#éé6"] {
            assert_eq!(Colour::parse(bad), Err(BadColour), "{bad}");
        }
    }

    #[test]
    fn contrast_is_measured_as_the_guidelines_say() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 1e-9);
        assert!((Colour([0x77; 3]).contrast(WHITE) - 4.48).abs() < 0.01);
    }

    #[test]
    fn a_colour_that_can_be_read_stays_as_it_is() {
        assert_eq!(LIGHT.tokens(OWN_ACCENT).key, OWN_ACCENT);
        assert_eq!(LIGHT.tokens(OWN_ACCENT).on_key, WHITE);
        let bright = Colour([0x4f, 0xc3, 0xa8]);
        assert_eq!((DARK.tokens(bright).key, DARK.tokens(bright).on_key), (bright, BLACK));
    }

    #[test]
    fn the_grounds_are_those_of_the_sheet() {
        let look = include_str!("../../static/look.css");
        for (name, index) in [("paper", 0), ("sheet", 1), ("sunk", 2)] {
            let token = format!("--{name}: light-dark({}, {});", LIGHT.grounds[index], DARK.grounds[index]);
            assert!(look.contains(&token), "{token}");
        }
        assert!(look.contains(&format!("--key: light-dark({OWN_ACCENT}, ")));
        assert!(look.contains(&format!("--ink: light-dark({}, {});", LIGHT.ink, DARK.ink)));
    }

    #[test]
    fn the_sheet_holds_the_tokens_and_nothing_else() {
        let sheet = css(Colour([0xff, 0xd4, 0x00]));
        assert_eq!(sheet.matches("--key:").count(), 2);
        assert!(!sheet.contains("url") && !sheet.contains('<') && sheet.len() < 500, "{sheet}");
    }

    /// A lattice that holds the corners of the colour space, closely enough that no region is left out.
    #[test]
    fn every_colour_of_a_fine_lattice_can_be_read() {
        for n in 0..(18_u32 * 18 * 18) {
            let channel = |n: u32| u8::try_from(n % 18 * 15).unwrap();
            let accent = Colour([channel(n), channel(n / 18), channel(n / 324)]);
            assert!(LIGHT.can_be_read(&LIGHT.tokens(accent)) && DARK.can_be_read(&DARK.tokens(accent)), "{accent}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn every_colour_can_be_read(accent: [u8; 3]) {
            let accent = Colour(accent);
            prop_assert!(LIGHT.can_be_read(&LIGHT.tokens(accent)));
            prop_assert!(DARK.can_be_read(&DARK.tokens(accent)));
            prop_assert_eq!(Colour::parse(&accent.to_string()), Ok(accent));
        }
    }
}
