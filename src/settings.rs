//! The settings that can be made at run time, as they hold now. What the command line, the environment or the settings
//! file says goes before what the page says, and that before the default. Nothing is kept in memory: a change, by page
//! or by command, holds from the next request on.

use rusqlite::Connection;

use crate::app::App;
use crate::config::{Config, Source};
use crate::domain::brand::LOGO;
use crate::domain::settings::{Setting, Settings};
use crate::error::Internal;
use crate::store::settings as store;

/// Why a setting has its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// It was said there, and cannot be changed at run time.
    Said(&'a Source),
    /// It was made by page or command.
    Made,
    Default,
}

/// A setting and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<'a> {
    pub setting: Setting,
    pub value: String,
    pub origin: Origin<'a>,
}

impl App {
    /// What holds now.
    pub fn settings(&self) -> Result<Settings, Internal> {
        let stored = self.store.read(store::list)?;
        let value = |key: &str| stored.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
        let said = |setting: Setting| match self.config.run_time.get(&setting) {
            Some(said) => Some(said.value.clone()),
            None => value(&setting.key()),
        };
        Ok(Settings::of(said, value(LOGO).filter(|hash| !hash.is_empty())))
    }
}

/// Every setting, and why it is what it is.
pub fn all<'a>(config: &'a Config, connection: &Connection) -> Result<Vec<Held<'a>>, Internal> {
    let held = |setting: Setting| match config.run_time.get(&setting) {
        Some(said) => Ok(Held { setting, value: said.value.clone(), origin: Origin::Said(&said.source) }),
        None => Ok(match store::get(connection, &setting.key())? {
            Some(value) => Held { setting, value, origin: Origin::Made },
            None => Held { setting, value: setting.default(), origin: Origin::Default },
        }),
    };
    Setting::ALL.into_iter().map(held).collect()
}
