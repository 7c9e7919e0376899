//! The edge as clients meet it, over sockets, with a small handler behind it.

mod child;
mod support;

mod hostile;
mod ordinary;
mod tls;
