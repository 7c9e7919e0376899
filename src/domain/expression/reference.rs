//! What the pages tell of the language: every variable with its type and an example, and expressions to begin with.
//! What each means stands in the catalogue.

/// A variable.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    pub name: &'static str,
    pub kind: Kind,
    /// An example of its value, as an expression writes it.
    pub example: &'static str,
    /// The key of its meaning in the catalogue.
    pub meaning: &'static str,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    TextOrNone,
    Number,
    Boolean,
    List,
    Map,
    Function,
}

impl Kind {
    /// The key of its name in the catalogue.
    pub fn key(self) -> &'static str {
        match self {
            Self::Text => "variable-kind-text",
            Self::TextOrNone => "variable-kind-text-or-none",
            Self::Number => "variable-kind-number",
            Self::Boolean => "variable-kind-boolean",
            Self::List => "variable-kind-list",
            Self::Map => "variable-kind-map",
            Self::Function => "variable-kind-function",
        }
    }
}

const fn variable(name: &'static str, kind: Kind, example: &'static str, meaning: &'static str) -> Variable {
    Variable { name, kind, example, meaning }
}

/// Every variable and function, in the order that people read them.
pub const VARIABLES: [Variable; 23] = [
    variable("user.username", Kind::Text, "\"alice\"", "variable-user-username"),
    variable("user.name", Kind::Text, "\"Alice Example\"", "variable-user-name"),
    variable("user.given_name", Kind::Text, "\"Alice\"", "variable-user-given-name"),
    variable("user.family_name", Kind::Text, "\"Example\"", "variable-user-family-name"),
    variable("user.email", Kind::TextOrNone, "\"alice@home.example\"", "variable-user-email"),
    variable("user.email_verified", Kind::Boolean, "true", "variable-user-email-verified"),
    variable("user.uuid", Kind::Text, "\"5f0c9f6e-9d2c-4b07-8a2b-1f6a3f0f8f11\"", "variable-user-uuid"),
    variable("user.groups", Kind::List, "[\"adults\", \"family\"]", "variable-user-groups"),
    variable("user.attributes", Kind::Map, "{\"team\": \"red\"}", "variable-user-attributes"),
    variable("user.is_administrator", Kind::Boolean, "false", "variable-user-is-administrator"),
    variable("user.claims", Kind::Map, "{\"zoneinfo\": \"Europe/Berlin\"}", "variable-user-claims"),
    variable("application.name", Kind::Text, "\"Portainer\"", "variable-application-name"),
    variable("application.slug", Kind::Text, "\"portainer\"", "variable-application-slug"),
    variable("application.group", Kind::Text, "\"Servers\"", "variable-application-group"),
    variable("request.address", Kind::Text, "\"192.168.1.20\"", "variable-request-address"),
    variable("request.amr", Kind::List, "[\"pwd\"]", "variable-request-amr"),
    variable("request.timestamp", Kind::Number, "1795392000", "variable-request-timestamp"),
    variable("request.date", Kind::Text, "\"2026-11-23\"", "variable-request-date"),
    variable("request.time", Kind::Text, "\"08:05\"", "variable-request-time"),
    variable("request.hour", Kind::Number, "8", "variable-request-hour"),
    variable("request.minute", Kind::Number, "5", "variable-request-minute"),
    variable("request.weekday", Kind::Number, "1", "variable-request-weekday"),
    variable(
        "in_network",
        Kind::Function,
        "in_network(request.address, \"192.168.0.0/16\", \"fd00::/8\")",
        "variable-in-network",
    ),
];

/// An expression to begin with.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// The key of what it is for, in the catalogue.
    pub title: &'static str,
    pub expression: &'static str,
}

const fn example(title: &'static str, expression: &'static str) -> Example {
    Example { title, expression }
}

pub const POLICIES: [Example; 7] = [
    example(
        "example-home-only",
        r#""family" in user.groups and in_network(request.address, "192.168.0.0/16", "fd00::/8")"#,
    ),
    example("example-not-at-night", "request.hour >= 7 and request.hour < 22"),
    example("example-verified-email", r#"user.email_verified and user.email is endingwith("@home.example")"#),
    example("example-working-days", r#"request.weekday <= 5 or "adults" in user.groups"#),
    example("example-attribute", r#"user.attributes.age|default(0) >= 16"#),
    example(
        "example-administrators-at-home",
        r#"not user.is_administrator or in_network(request.address, "192.168.0.0/16")"#,
    ),
    example("example-until", r#"request.date < "2027-01-01""#),
];

pub const MAPPINGS: [Example; 5] = [
    example("example-team", r#"{"team": user.attributes.team|default("none")}"#),
    example("example-role", r#"{"role": "admin" if user.is_administrator else "user"}"#),
    example("example-some-groups", r#"{"groups": user.groups|select("startingwith", "wiki-")|list}"#),
    example("example-upper-groups", r#"{"roles": user.groups|map("upper")|list}"#),
    example(
        "example-quota",
        r#"{"quota": "50 GB" if "adults" in user.groups else "5 GB", "preferred_username": user.username|lower}"#,
    ),
];
