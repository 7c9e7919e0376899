//! Fills a database that the real binary made: by SQL, because a million events through the front door take an hour.

use rusqlite::Connection;

use crate::flows::{PASSWORD, USER};
use crate::provider::Folder;

const USERS: i64 = 10_000;
const APPLICATIONS: i64 = 1_000;
const GROUPS: i64 = 100;
const EVENTS: i64 = 1_000_000;
/// Refusals among the events: as many as are kept.
const REFUSALS: i64 = 10_000;
/// The days over which the events are spread.
const DAYS: i64 = 89;

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

/// Everything at once. The one user who signs in is an administrator whom every application lets in.
pub fn fill(folder: &Folder) {
    folder.cli(&["user", "create", USER, "--admin", "--password-stdin"], PASSWORD);
    let database = Connection::open(folder.data().join("latchkey.db")).expect("the database");
    database
        .execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; PRAGMA foreign_keys = ON; BEGIN")
        .expect("a transaction");
    names(&database);
    people(&database);
    applications(&database);
    events(&database);
    database.execute_batch("DROP TABLE temp.names; COMMIT").expect("a commit");
}

/// A numbered list of names for the statements below, and numbers from 1.
fn names(database: &Connection) {
    database
        .execute_batch("CREATE TEMP TABLE names (n INTEGER PRIMARY KEY, first TEXT, last TEXT, service TEXT)")
        .expect("a table");
    for n in 0..10 {
        let values = (n as i64, FIRST[n], LAST[n], SERVICES[n]);
        database.execute("INSERT INTO temp.names VALUES (?1, ?2, ?3, ?4)", values).expect("a row");
    }
}

fn run(database: &Connection, count: i64, sql: &str) {
    let numbers =
        format!("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})");
    database.execute(&sql.replace("NUMBERS", &numbers), []).unwrap_or_else(|e| panic!("{e}: {sql}"));
}

fn people(database: &Connection) {
    run(
        database,
        USERS - 1,
        "NUMBERS INSERT INTO users (uuid, username, username_key, name, email, email_key, created_at, updated_at)
         SELECT 'uuid-' || n, u, u, first || ' ' || last, u || '@home.example', u || '@home.example', 1, 1
         FROM (SELECT x.n, f.first, l.last, lower(f.first) || '.' || lower(l.last) || '.' || x.n AS u
               FROM numbers x JOIN temp.names f ON f.n = x.n % 10 JOIN temp.names l ON l.n = x.n / 10 % 10)",
    );
    let keys = "INSERT INTO login_names (key, user_id) SELECT username_key, id FROM users WHERE true
                  ON CONFLICT DO NOTHING";
    database.execute(keys, []).expect("names");
    database
        .execute(
            &keys.replace(
                "username_key, id FROM users WHERE true",
                "email_key, id FROM users WHERE email_key IS NOT NULL",
            ),
            [],
        )
        .expect("addresses");
    run(
        database,
        GROUPS,
        "NUMBERS INSERT INTO groups (name, name_key, parent_id, created_at)
         SELECT 'Team ' || n, 'team ' || n, CASE WHEN n > 10 THEN n % 10 + 1 END, 1 FROM numbers",
    );
    // Everybody is in two teams, and in the first one.
    for group in ["1", "id % 100 + 1", "id / 100 % 100 + 1"] {
        let sql = format!(
            "INSERT INTO group_members (group_id, user_id) SELECT {group}, id FROM users WHERE true ON CONFLICT DO NOTHING"
        );
        database.execute(&sql, []).expect("members");
    }
}

fn applications(database: &Connection) {
    run(
        database,
        APPLICATIONS,
        "NUMBERS INSERT INTO providers (name, client_type, client_id, created_at, updated_at)
         SELECT service || ' ' || x.n, 'public', 'client-' || x.n, 1, 1 FROM numbers x JOIN temp.names s ON s.n = x.n % 10",
    );
    database
        .execute_batch(
            "INSERT INTO provider_uris (provider_id, position, purpose, matching, uri)
               SELECT id, 0, 'authorization', 'strict', 'https://' || client_id || '.home.example/callback' FROM providers;
             INSERT INTO applications (name, slug, app_group, description, publisher, everybody, provider_id, created_at, updated_at)
               SELECT name, lower(replace(name, ' ', '-')), 'Floor ' || (id % 20), 'What ' || name || ' is for', 'The house', id % 3 > 0, id, 1, 1
               FROM providers;
             INSERT INTO bindings (application_id, kind, group_id, label, position)
               SELECT id, 'group', 1, 'Team 1', 0 FROM applications WHERE id % 3 = 0;
             INSERT INTO bindings (application_id, kind, group_id, label, position, negate)
               SELECT id, 'group', id % 100 + 1, 'Team ' || (id % 100 + 1), 1, 1 FROM applications WHERE id % 6 = 0;",
        )
        .expect("applications");
}

fn events(database: &Connection) {
    let now = jiff::Zoned::now().timestamp().as_second();
    let span = DAYS * 86_400;
    let every = (EVENTS + REFUSALS) / REFUSALS;
    // A tenth is of one user; a rare kind is one in fifty thousand.
    let sql = format!(
        "NUMBERS INSERT INTO events (at, kind, username, client_id, address, request_id, details, is_refusal, application)
         SELECT {now} - {span} + n * {span} / {total}, kind, who, 'client-' || (n % 1000 + 1), '192.168.1.' || (n % 250),
           printf('%016x', n), json_object('method', 'password', 'application', slug), kind = 'login_failed', slug
         FROM (SELECT x.n, a.slug,
             CASE WHEN x.n % {every} = 0 THEN 'login_failed' WHEN x.n % 50000 = 1 THEN 'group_created'
               WHEN x.n % 10 < 5 THEN 'login' WHEN x.n % 10 < 9 THEN 'authorize_application' ELSE 'logout' END AS kind,
             CASE WHEN x.n % 10 = 3 THEN '{USER}' ELSE u.username END AS who
           FROM numbers x JOIN applications a ON a.id = x.n * 7 % 1000 + 1
             JOIN users u ON u.id = x.n * 31 % {USERS} + 1)",
        total = EVENTS + REFUSALS
    );
    run(database, EVENTS + REFUSALS, &sql);
    let sql = "INSERT OR REPLACE INTO event_days (day, sign_ins, refusals, first_id, last_id)
               SELECT at / 86400, sum(kind = 'login'), sum(is_refusal), min(id), max(id) FROM events GROUP BY at / 86400";
    database.execute(sql, []).expect("days");
}
