//! The rows, table by table.

use rusqlite::{Connection, params};

use super::Amounts;

/// The days over which the events are spread.
const DAYS: i64 = 89;
/// How long grants last, and over which time their tokens end.
const GRANT_DAYS: i64 = 30;

const FIRST: [&str; 10] =
    ["Ada", "Bertha", "Caspar", "Dorothea", "Emil", "Frieda", "Gustav", "Hannah", "Immanuel", "Johanna"];
const LAST: [&str; 10] = [
    "Ashdown",
    "Brandt",
    "Castellanos",
    "Dvořák",
    "Eriksson",
    "Fernández",
    "Goldschmidt",
    "Holloway",
    "Ivanova",
    "Jørgensen",
];
const SERVICES: [&str; 10] =
    ["Photos", "Wiki", "Documents", "Containers", "Music", "Films", "Lights", "Recipes", "Backups", "Chat"];

/// Adds everything.
pub(super) fn insert(database: &Connection, amounts: &Amounts) -> rusqlite::Result<()> {
    Seed { database, amounts }.everything()
}

struct Seed<'a> {
    database: &'a Connection,
    amounts: &'a Amounts,
}

/// Rows of a table that are new: those with ids above `after`.
#[derive(Clone, Copy)]
struct New {
    after: i64,
    count: i64,
}

impl Seed<'_> {
    fn everything(&self) -> rusqlite::Result<()> {
        self.names()?;
        let users = self.more("users", self.amounts.users)?;
        self.people(users)?;
        self.groups()?;
        let applications = self.applications()?;
        self.tokens(users, applications)?;
        self.events(users, applications)?;
        self.database.execute_batch("DROP TABLE temp.names")
    }

    fn more(&self, table: &str, count: i64) -> rusqlite::Result<New> {
        let after = self.database.query_row(&format!("SELECT coalesce(max(id), 0) FROM {table}"), [], |r| r.get(0))?;
        Ok(New { after, count })
    }

    /// A numbered list of names for the statements below.
    fn names(&self) -> rusqlite::Result<()> {
        let table = "CREATE TEMP TABLE names (n INTEGER PRIMARY KEY, first TEXT, last TEXT, service TEXT)";
        self.database.execute_batch(table)?;
        for n in 0..10 {
            let values = params![n as i64, FIRST[n], LAST[n], SERVICES[n]];
            self.database.execute("INSERT INTO temp.names VALUES (?1, ?2, ?3, ?4)", values)?;
        }
        Ok(())
    }

    /// Runs a statement over `numbers`, whose `n` are the new ids.
    fn run(&self, new: New, sql: &str) -> rusqlite::Result<()> {
        let New { after, count } = new;
        if count == 0 {
            return Ok(());
        }
        let numbers = format!(
            "WITH RECURSIVE numbers (n) AS (SELECT {after} + 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {after} + {count})"
        );
        self.database.execute(&sql.replace("NUMBERS", &numbers), []).map(drop)
    }

    fn people(&self, new: New) -> rusqlite::Result<()> {
        let hash = match &self.amounts.password_like {
            None => "NULL".to_owned(),
            Some(name) => {
                let sql = "SELECT quote(password_hash) FROM users WHERE username = ?1";
                self.database.query_row(sql, [name], |r| r.get(0))?
            }
        };
        self.run(
            new,
            &format!(
                "NUMBERS INSERT INTO users (id, uuid, username, username_key, name, email, email_key, password_hash, created_at, updated_at)
                 SELECT n, printf('%08x-5eed-4000-8000-%012x', n, n), u, u, first || ' ' || last,
                   u || '@home.example', u || '@home.example', {hash}, 1, 1
                 FROM (SELECT x.n, f.first, l.last, lower(f.first) || '.' || lower(l.last) || '.' || x.n AS u
                       FROM numbers x JOIN temp.names f ON f.n = x.n % 10 JOIN temp.names l ON l.n = x.n / 10 % 10)"
            ),
        )?;
        for key in ["username_key", "email_key"] {
            let sql = format!("INSERT INTO login_names (key, user_id) SELECT {key}, id FROM users WHERE id > ?1");
            self.database.execute(&sql, [new.after])?;
        }
        Ok(())
    }

    /// Everybody is in the first new group and in two others; those there were before too, so that whoever signs in in a
    /// test is let in by applications.
    fn groups(&self) -> rusqlite::Result<()> {
        let groups = self.more("groups", self.amounts.groups)?;
        let New { after, count } = groups;
        self.run(
            groups,
            &format!(
                "NUMBERS INSERT INTO groups (id, name, name_key, parent_id, created_at)
                 SELECT n, 'Team ' || n, 'team ' || n, CASE WHEN n > {after} + 10 THEN {after} + n % 10 + 1 END, 1 FROM numbers"
            ),
        )?;
        if count == 0 {
            return Ok(());
        }
        for group in ["0".to_owned(), format!("id % {count}"), format!("id / {count} % {count}")] {
            let sql = format!(
                "INSERT INTO group_members (group_id, user_id) SELECT {after} + 1 + {group}, id FROM users
                 WHERE true ON CONFLICT DO NOTHING"
            );
            self.database.execute(&sql, [])?;
        }
        Ok(())
    }

    /// Applications and their providers, of which a third is bound to groups.
    fn applications(&self) -> rusqlite::Result<New> {
        let providers = self.more("providers", self.amounts.applications)?;
        let applications = self.more("applications", self.amounts.applications)?;
        let groups = (self.database)
            .query_row("SELECT coalesce(max(id), 0) FROM groups", [], |r| r.get::<_, i64>(0))
            .map(|last| New { after: last - self.amounts.groups, count: self.amounts.groups })?;
        self.run(
            providers,
            "NUMBERS INSERT INTO providers (id, name, client_type, client_id, created_at, updated_at)
             SELECT x.n, service || ' ' || x.n, 'public', 'client-' || x.n, 1, 1 FROM numbers x JOIN temp.names s ON s.n = x.n % 10",
        )?;
        let (shift, after) = (applications.after - providers.after, applications.after);
        self.database.execute(
            "INSERT INTO provider_uris (provider_id, position, purpose, matching, uri)
             SELECT id, 0, 'authorization', 'strict', 'https://' || client_id || '.home.example/callback' FROM providers
             WHERE id > ?1",
            [providers.after],
        )?;
        self.database.execute(
            "INSERT INTO applications (id, name, slug, app_group, description, publisher, everybody, provider_id, created_at, updated_at)
             SELECT id + ?2, name, lower(replace(name, ' ', '-')), 'Floor ' || (id % 20), 'What ' || name || ' is for',
               'The house', id % 3 > 0, id, 1, 1 FROM providers WHERE id > ?1",
            [providers.after, shift],
        )?;
        let New { after: first, count } = groups;
        if count > 0 {
            self.database.execute_batch(&format!(
                "INSERT INTO bindings (application_id, kind, group_id, label, position)
                   SELECT id, 'group', {first} + 1, 'Team ' || ({first} + 1), 0 FROM applications WHERE id > {after} AND id % 3 = 0;
                 INSERT INTO bindings (application_id, kind, group_id, label, position, negate)
                   SELECT id, 'group', {first} + id % {count} + 1, 'Team ' || ({first} + id % {count} + 1), 1, 1
                   FROM applications WHERE id > {after} AND id % 6 = 0;"
            ))?;
        }
        Ok(applications)
    }

    /// Grants that were redeemed, each with an access token and a refresh token that are valid for a while.
    fn tokens(&self, users: New, applications: New) -> rusqlite::Result<()> {
        let grants = self.more("grants", self.amounts.tokens / 2)?;
        if users.count == 0 || applications.count == 0 {
            return Ok(());
        }
        let (now, month) = (now(), GRANT_DAYS * 86_400);
        // The providers' ids go on from others than the applications'.
        let provider = format!("(SELECT max(id) FROM providers) - n * 7 % {}", applications.count);
        self.run(
            grants,
            &format!(
                "NUMBERS INSERT INTO grants (id, provider_id, user_id, sid, scopes, auth_time, amr, created_at, expires_at,
                   code_hash, code_redirect_uri, code_expires_at, code_redeemed_at)
                 SELECT n, {provider}, {after} + n * 31 % {count} + 1, printf('seed-%x', n), 'openid profile offline_access',
                   {now} - 60, 'pwd', {now} - 60, {now} + {month}, randomblob(32), 'https://seed.home.example/callback', {now}, {now} - 59
                 FROM numbers",
                after = users.after,
                count = users.count,
            ),
        )?;
        // In the order of their keys: each page is then written once.
        let ends = format!("{now} + 3600 + id % {month}");
        self.database.execute(
            &format!(
                "INSERT INTO access_tokens (hash, grant_id, scopes, issued_at, expires_at)
                 SELECT hash, id, scopes, {now} - 59, {ends} FROM (SELECT randomblob(32) AS hash, id, scopes FROM grants WHERE id > ?1 ORDER BY 1)"
            ),
            [grants.after],
        )?;
        self.database.execute(
            &format!(
                "INSERT INTO refresh_tokens (hash, grant_id, issued_at, idle_expires_at, absolute_expires_at)
                 SELECT hash, id, {now} - 59, {now} + {month}, {now} + 3 * {month}
                 FROM (SELECT randomblob(32) AS hash, id FROM grants WHERE id > ?1 ORDER BY 1)"
            ),
            [grants.after],
        )?;
        Ok(())
    }

    /// A rare kind is one in fifty thousand.
    fn events(&self, users: New, applications: New) -> rusqlite::Result<()> {
        let Amounts { events, refusals, busiest, .. } = self.amounts;
        let total = events + refusals;
        if total == 0 || users.count == 0 || applications.count == 0 {
            return Ok(());
        }
        let new = self.more("events", total)?;
        let (begun, span) = (now() - DAYS * 86_400, DAYS * 86_400);
        let every = if *refusals > 0 { total / refusals } else { total + 1 };
        let busiest = busiest.as_ref().map_or("u.username".to_owned(), |name| format!("'{name}'"));
        self.run(
            new,
            &format!(
                "NUMBERS INSERT INTO events (id, at, kind, username, client_id, address, request_id, details, is_refusal, application)
                 SELECT n, {begun} + i * {span} / {total}, kind, who, client, '192.168.1.' || (i % 250), printf('%016x', n),
                   json_object('method', 'password', 'application', slug), kind = 'login_failed', slug
                 FROM (SELECT x.n, x.n - {after} AS i, a.slug, 'client-' || a.provider_id AS client,
                     CASE WHEN (x.n - {after}) % {every} = 0 THEN 'login_failed' WHEN x.n % 50000 = 1 THEN 'group_created'
                       WHEN x.n % 10 < 5 THEN 'login' WHEN x.n % 10 < 9 THEN 'authorize_application' ELSE 'logout' END AS kind,
                     CASE WHEN x.n % 10 = 3 THEN {busiest} ELSE u.username END AS who
                   FROM numbers x JOIN applications a ON a.id = {apps} + x.n * 7 % {app_count} + 1
                     JOIN users u ON u.id = {people} + x.n * 31 % {user_count} + 1)",
                after = new.after,
                apps = applications.after,
                app_count = applications.count,
                people = users.after,
                user_count = users.count,
            ),
        )?;
        let sql = "INSERT OR REPLACE INTO event_days (day, sign_ins, refusals, first_id, last_id)
                   SELECT at / 86400, sum(kind = 'login'), sum(is_refusal), min(id), max(id) FROM events GROUP BY at / 86400";
        self.database.execute(sql, []).map(drop)
    }
}

fn now() -> i64 {
    jiff::Zoned::now().timestamp().as_second()
}
