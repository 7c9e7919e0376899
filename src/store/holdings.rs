//! What applications hold of a user: consents, and the tokens of grants. Only what is still good is told, and no more
//! rows than are asked for; each list comes with how many there are in all.

use rusqlite::{Connection, Row, params};

use super::collect;
use crate::domain::UnixSeconds;
use crate::error::Internal;

/// What a user agreed to share with an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub provider_id: i64,
    pub application: String,
    pub scopes: String,
    pub given_at: UnixSeconds,
    pub expires_at: UnixSeconds,
}

/// The tokens of one grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub grant_id: i64,
    pub application: String,
    pub scopes: String,
    pub issued_at: UnixSeconds,
    /// When the newest token of it was issued.
    pub renewed_at: UnixSeconds,
    pub expires_at: UnixSeconds,
    /// Whether the application can renew it.
    pub refresh: bool,
}

/// All that one application holds of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    pub provider_id: i64,
    pub application: String,
    pub consent: Option<Consent>,
    pub tokens: Option<Tokens>,
}

/// The tokens that one application holds of a user, taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Each scope, as often as tokens have it.
    pub scopes: String,
    pub issued_at: UnixSeconds,
    pub renewed_at: UnixSeconds,
    pub expires_at: UnixSeconds,
    pub refresh: bool,
}

/// The grants of user ?1 with a token that is good at ?2.
const HELD: &str = "
  SELECT * FROM (
    SELECT g.id AS id, g.provider_id AS provider_id, g.scopes AS scopes, g.created_at AS issued_at,
      max(coalesce((SELECT max(r.issued_at) FROM refresh_tokens r WHERE r.grant_id = g.id), 0),
          coalesce((SELECT max(t.issued_at) FROM access_tokens t WHERE t.grant_id = g.id), 0)) AS renewed_at,
      coalesce((SELECT max(min(r.idle_expires_at, r.absolute_expires_at)) FROM refresh_tokens r
                  WHERE r.grant_id = g.id AND r.used_at IS NULL), 0) AS refresh_until,
      coalesce((SELECT max(t.expires_at) FROM access_tokens t WHERE t.grant_id = g.id), 0) AS access_until
    FROM grants g WHERE g.user_id = ?1 AND g.expires_at > ?2
  ) WHERE max(refresh_until, access_until) > ?2";

/// The consents of a user, the newest first.
pub fn consents(
    connection: &Connection,
    user: i64,
    now: UnixSeconds,
    most: i64,
) -> Result<(Vec<Consent>, i64), Internal> {
    let sql = "SELECT c.provider_id, coalesce(a.name, p.name), c.scopes, c.given_at, c.expires_at, count(*) OVER ()
               FROM consents c JOIN providers p ON p.id = c.provider_id LEFT JOIN applications a ON a.provider_id = p.id
               WHERE c.user_id = ?1 AND c.expires_at > ?2 ORDER BY c.given_at DESC, c.provider_id LIMIT ?3";
    listed(connection, sql, (user, now, most), |r| {
        let (provider_id, application, scopes) = (r.get(0)?, r.get(1)?, r.get(2)?);
        Ok(Consent { provider_id, application, scopes, given_at: r.get(3)?, expires_at: r.get(4)? })
    })
}

/// The tokens that applications hold of a user, by grant, the last renewed first.
pub fn tokens(connection: &Connection, user: i64, now: UnixSeconds, most: i64) -> Result<(Vec<Token>, i64), Internal> {
    let sql = format!(
        "SELECT h.id, coalesce(a.name, p.name), h.scopes, h.issued_at, h.renewed_at,
           max(h.refresh_until, h.access_until), h.refresh_until > ?2, count(*) OVER ()
         FROM ({HELD}) h JOIN providers p ON p.id = h.provider_id LEFT JOIN applications a ON a.provider_id = p.id
         ORDER BY h.renewed_at DESC, h.id DESC LIMIT ?3"
    );
    listed(connection, &sql, (user, now, most), |r| {
        Ok(Token {
            grant_id: r.get(0)?,
            application: r.get(1)?,
            scopes: r.get(2)?,
            issued_at: r.get(3)?,
            renewed_at: r.get(4)?,
            expires_at: r.get(5)?,
            refresh: r.get(6)?,
        })
    })
}

/// The applications that hold something of a user, by name.
pub fn connected(
    connection: &Connection,
    user: i64,
    now: UnixSeconds,
    most: i64,
) -> Result<(Vec<Connected>, i64), Internal> {
    let sql = format!(
        "SELECT p.id, coalesce(a.name, p.name), c.scopes, c.given_at, c.expires_at,
           h.scopes, h.issued_at, h.renewed_at, h.expires_at, h.refresh, count(*) OVER ()
         FROM providers p LEFT JOIN applications a ON a.provider_id = p.id
         LEFT JOIN consents c ON c.provider_id = p.id AND c.user_id = ?1 AND c.expires_at > ?2
         LEFT JOIN (
           SELECT provider_id, group_concat(scopes, ' ') AS scopes, min(issued_at) AS issued_at,
             max(renewed_at) AS renewed_at, max(max(refresh_until, access_until)) AS expires_at,
             max(refresh_until) > ?2 AS refresh
           FROM ({HELD}) GROUP BY provider_id
         ) h ON h.provider_id = p.id
         WHERE c.provider_id IS NOT NULL OR h.provider_id IS NOT NULL
         ORDER BY 2 COLLATE NOCASE, p.id LIMIT ?3"
    );
    listed(connection, &sql, (user, now, most), |r| {
        let (provider_id, application): (i64, String) = (r.get(0)?, r.get(1)?);
        let consent = match r.get::<_, Option<String>>(2)? {
            Some(scopes) => {
                let (given_at, expires_at) = (r.get(3)?, r.get(4)?);
                Some(Consent { provider_id, application: application.clone(), scopes, given_at, expires_at })
            }
            None => None,
        };
        let tokens = match r.get::<_, Option<String>>(5)? {
            Some(scopes) => Some(Tokens {
                scopes,
                issued_at: r.get(6)?,
                renewed_at: r.get(7)?,
                expires_at: r.get(8)?,
                refresh: r.get(9)?,
            }),
            None => None,
        };
        Ok(Connected { provider_id, application, consent, tokens })
    })
}

/// Rows of which each ends with how many there are in all.
fn listed<T>(
    connection: &Connection,
    sql: &str,
    (user, now, most): (i64, UnixSeconds, i64),
    mut row: impl FnMut(&Row) -> rusqlite::Result<T>,
) -> Result<(Vec<T>, i64), Internal> {
    let mut all = 0;
    let rows = collect(connection, sql, params![user, now, most], |r| {
        all = r.get(r.as_ref().column_count() - 1)?;
        row(r)
    })?;
    Ok((rows, all))
}
