//! What a client may ask the authorization endpoint for (OAuth 2.0 Multiple Response Type Encoding Practices,
//! OpenID Connect Core section 3).

use serde::{Deserialize, Serialize};

use super::ResponseMode;

/// What the answer holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    #[default]
    Code,
    CodeIdToken,
    CodeToken,
    CodeIdTokenToken,
    IdToken,
    IdTokenToken,
}

impl ResponseType {
    const ALL: [Self; 6] =
        [Self::Code, Self::CodeIdToken, Self::CodeToken, Self::CodeIdTokenToken, Self::IdToken, Self::IdTokenToken];

    /// Its words, in the order of the alphabet.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::CodeIdToken => "code id_token",
            Self::CodeToken => "code token",
            Self::CodeIdTokenToken => "code id_token token",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
        }
    }

    /// The order of the words does not matter (RFC 6749 section 3.1.1).
    pub fn parse(text: &str) -> Option<Self> {
        let mut words: Vec<&str> = text.split(' ').collect();
        words.sort_unstable();
        let sorted = words.join(" ");
        Self::ALL.into_iter().find(|t| t.as_str() == sorted)
    }

    pub fn gives_code(self) -> bool {
        !matches!(self, Self::IdToken | Self::IdTokenToken)
    }

    /// Whether an ID token comes from the authorization endpoint.
    pub fn gives_id_token(self) -> bool {
        !matches!(self, Self::Code | Self::CodeToken)
    }

    /// Whether an access token comes from the authorization endpoint.
    pub fn gives_access_token(self) -> bool {
        matches!(self, Self::CodeToken | Self::CodeIdTokenToken | Self::IdTokenToken)
    }
}

/// Which of them a client may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseTypes {
    /// Tokens come from the token endpoint alone.
    Code,
    /// And those that hold a code and tokens.
    Hybrid,
    /// And those of the implicit flow, which hold no code.
    All,
}

impl ResponseTypes {
    const ALL: [Self; 3] = [Self::Code, Self::Hybrid, Self::All];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Hybrid => "hybrid",
            Self::All => "all",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == text)
    }

    pub fn permit(self, asked: ResponseType) -> bool {
        match self {
            Self::Code => asked == ResponseType::Code,
            Self::Hybrid => asked.gives_code(),
            Self::All => true,
        }
    }

    pub fn permitted(self) -> impl Iterator<Item = ResponseType> {
        ResponseType::ALL.into_iter().filter(move |t| self.permit(*t))
    }
}

impl ResponseMode {
    /// The mode of an answer for which the client names none: what holds a token never goes into a query, where servers
    /// would log it (Multiple Response Types sections 3 and 5). Types that there are not have theirs too, for the refusal.
    pub fn default_of(response_type: &str) -> Self {
        match response_type.split(' ').any(|word| matches!(word, "id_token" | "token")) {
            true => Self::Fragment,
            false => Self::Query,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_come_in_any_order_and_each_once() {
        for (text, expected) in [
            ("code", ResponseType::Code),
            ("id_token", ResponseType::IdToken),
            ("token id_token", ResponseType::IdTokenToken),
            ("id_token code", ResponseType::CodeIdToken),
            ("token code", ResponseType::CodeToken),
            ("token id_token code", ResponseType::CodeIdTokenToken),
            ("id_token code token", ResponseType::CodeIdTokenToken),
        ] {
            assert_eq!(ResponseType::parse(text), Some(expected), "{text}");
        }
        for text in ["", "token", "none", "CODE", "code code", "code  token", " code", "code none", "code,token"] {
            assert_eq!(ResponseType::parse(text), None, "{text}");
        }
    }

    #[test]
    fn each_setting_permits_its_flows_and_those_before_it() {
        let names = |t: ResponseTypes| t.permitted().map(ResponseType::as_str).collect::<Vec<_>>();
        assert_eq!(names(ResponseTypes::Code), ["code"]);
        assert_eq!(names(ResponseTypes::Hybrid), ["code", "code id_token", "code token", "code id_token token"]);
        assert_eq!(names(ResponseTypes::All).len(), 6);
        for each in ResponseType::ALL {
            assert_eq!(ResponseType::parse(each.as_str()), Some(each));
            let mode = if each == ResponseType::Code { ResponseMode::Query } else { ResponseMode::Fragment };
            assert_eq!(ResponseMode::default_of(each.as_str()), mode, "{each:?}");
        }
    }
}
