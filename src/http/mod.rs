//! The HTTP vocabulary of the handlers: our own Request and Response, bounded and parsed once at the edge.
//! Knows nothing of sockets or of the HTTP library.

mod form;
mod multipart;
mod request;
mod response;

pub use form::{Duplicate, Params};
pub use multipart::{BadMultipart, Multipart};
pub use request::{Method, Request, RequestId, Scheme, Via};
pub use response::{Body, Response};
