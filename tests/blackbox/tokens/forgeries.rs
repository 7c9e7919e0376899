//! forgeries
