//! What the edge answers by itself, without asking a handler: a status and a sentence that says what was expected.

/// Why the edge refuses a request. Every one is answered as plain text, and the connection is closed after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A carriage return, line feed, other control byte or non-ASCII byte where none may be.
    ForbiddenByte,
    /// HTTP in the clear, to the port that speaks TLS.
    NotTls,
    /// The first line is not `METHOD /target HTTP/1.1`.
    RequestLine,
    /// The request target is not a path of ours.
    Target,
    /// A header line is not `Name: value`.
    HeaderLine,
    /// Not exactly one Host, or one that is no host name.
    Host,
    /// Not exactly one Content-Length in plain digits.
    ContentLength,
    /// The head or the body did not come in time.
    TooSlow,
    /// Some Transfer-Encoding.
    TransferEncoding,
    BodyTooLarge,
    TargetTooLong,
    /// An Expect other than `100-continue`.
    Expectation,
    HeadTooLarge,
    TooManyHeaders,
    Method,
    /// The application gave no usable answer.
    BadAnswer,
    /// Everything that may be in flight is in flight.
    Busy,
    /// The application took too long.
    AppTooSlow,
    Version,
}

impl Refusal {
    /// The HTTP status (RFC 9110 section 15; RFC 6585 for 431).
    pub fn status(self) -> u16 {
        match self {
            Self::ForbiddenByte
            | Self::NotTls
            | Self::RequestLine
            | Self::Target
            | Self::HeaderLine
            | Self::Host
            | Self::ContentLength => 400,
            Self::TooSlow => 408,
            Self::TransferEncoding => 411,
            Self::BodyTooLarge => 413,
            Self::TargetTooLong => 414,
            Self::Expectation => 417,
            Self::HeadTooLarge | Self::TooManyHeaders => 431,
            Self::Method => 501,
            Self::BadAnswer => 502,
            Self::Busy => 503,
            Self::AppTooSlow => 504,
            Self::Version => 505,
        }
    }

    /// What was wrong and what is expected instead, for the person at the other end.
    pub fn words(self) -> &'static str {
        match self {
            Self::ForbiddenByte => {
                "The request head holds a byte that is not allowed there. \
                 Only printable ASCII is, with every line ended by CR LF."
            }
            Self::NotTls => "This port speaks https. Begin the address with https:// instead of http://",
            Self::RequestLine => "The first line of the request is not of the form: METHOD /path HTTP/1.1",
            Self::Target => "The request target is not a path. It must begin with / and hold no fragment.",
            Self::HeaderLine => "A header of the request is not of the form: Name: value",
            Self::Host => "The request must have exactly one Host header, holding a host name and perhaps a port.",
            Self::ContentLength => "The request may have one Content-Length header, holding one plain decimal number.",
            Self::TooSlow => "The request did not arrive in time. Please send it again.",
            Self::TransferEncoding => {
                "A Transfer-Encoding is not accepted here. Please send the body with a Content-Length."
            }
            Self::BodyTooLarge => "The body of the request is larger than this address accepts.",
            Self::TargetTooLong => "The path and query of the request are too long.",
            Self::Expectation => "The only expectation that can be met is 100-continue.",
            Self::HeadTooLarge => "The headers of the request are too large.",
            Self::TooManyHeaders => "The request has too many headers.",
            Self::Method => "The request method is not known here.",
            Self::BadAnswer => "The server could not make an answer to this request.",
            Self::Busy => "The server is busy. Please try again in a moment.",
            Self::AppTooSlow => "The server took too long to answer. Please try again in a moment.",
            Self::Version => "Only HTTP/1.1 and HTTP/1.0 are spoken here.",
        }
    }
}
