//! Options for what else is known of a person.

use clap::Args;

use super::provider_options::add;
use crate::http::Params;

/// The rest of the standard claims (`domain::person`).
#[derive(Debug, Args)]
pub struct PersonOptions {
    /// The middle name
    #[arg(long, value_name = "NAME")]
    middle_name: Option<String>,
    /// What friends call the person
    #[arg(long, value_name = "NAME")]
    nickname: Option<String>,
    /// The gender
    #[arg(long, value_name = "TEXT")]
    gender: Option<String>,
    /// The date of birth: 1990-12-31, 0000-12-31 without its year, or the year alone
    #[arg(long, value_name = "DATE")]
    birthdate: Option<String>,
    /// The time zone, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    zoneinfo: Option<String>,
    /// The address of a page about the person
    #[arg(long, value_name = "URL")]
    profile: Option<String>,
    /// The address of the person's website
    #[arg(long, value_name = "URL")]
    website: Option<String>,
    /// The phone number with the number of the country, such as "+49 30 123456"
    #[arg(long, value_name = "NUMBER")]
    phone_number: Option<String>,
    /// The whole postal address, as it is written on a letter
    #[arg(long, value_name = "TEXT")]
    formatted: Option<String>,
    /// The street and number of the postal address
    #[arg(long, value_name = "TEXT")]
    street_address: Option<String>,
    /// Its postal code
    #[arg(long, value_name = "TEXT")]
    postal_code: Option<String>,
    /// Its town
    #[arg(long, value_name = "TEXT")]
    locality: Option<String>,
    /// Its state or region
    #[arg(long, value_name = "TEXT")]
    region: Option<String>,
    /// Its country
    #[arg(long, value_name = "TEXT")]
    country: Option<String>,
    /// The language that the person reads: en or de
    #[arg(long, value_name = "LANGUAGE")]
    locale: Option<String>,
    /// The phone number is known to be the user's
    #[arg(long)]
    phone_number_verified: bool,
}

impl PersonOptions {
    /// Adds what was said.
    pub fn add_to(&self, said: &mut Params) {
        add(said, "middle_name", self.middle_name.as_ref());
        add(said, "nickname", self.nickname.as_ref());
        add(said, "gender", self.gender.as_ref());
        add(said, "birthdate", self.birthdate.as_ref());
        add(said, "zoneinfo", self.zoneinfo.as_ref());
        add(said, "profile", self.profile.as_ref());
        add(said, "website", self.website.as_ref());
        add(said, "phone_number", self.phone_number.as_ref());
        add(said, "formatted", self.formatted.as_ref());
        add(said, "street_address", self.street_address.as_ref());
        add(said, "postal_code", self.postal_code.as_ref());
        add(said, "locality", self.locality.as_ref());
        add(said, "region", self.region.as_ref());
        add(said, "country", self.country.as_ref());
        add(said, "locale", self.locale.as_ref());
        if self.phone_number_verified {
            said.push("phone_number_verified", "on");
        }
    }
}
