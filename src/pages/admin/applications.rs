//! Applications > Applications.

use askama::Template;

use super::super::IconChoice;
use super::super::filters;
use super::super::form::{Choice, Form};
use super::super::shell::{Frame, Shell};

/// All applications, or those that a search found.
#[derive(Debug, Template)]
#[template(path = "admin/applications.html")]
pub struct ApplicationList<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub query: &'a str,
    pub applications: Vec<ApplicationRow>,
    pub pages: Pages,
}

/// One application in the list.
#[derive(Debug)]
pub struct ApplicationRow {
    pub id: i64,
    pub name: String,
    pub slug: String,
    pub group: String,
    pub icon: Option<String>,
    /// Id and name.
    pub provider: Option<(i64, String)>,
    /// Who may open it, in words.
    pub access: String,
    pub is_open: bool,
}

/// Where in a long list one is. Pages count from 1.
#[derive(Debug, Clone)]
pub struct Pages {
    pub page: usize,
    pub total: usize,
    pub last: usize,
    /// The address of a page, without its number: it ends in `page=`.
    pub path: String,
}

/// Rows on a page of a list.
pub const PER_PAGE: usize = 50;

impl Pages {
    /// The page that was asked for, or the nearest there is.
    pub fn of(total: usize, asked: Option<&str>, path: String) -> Self {
        let last = total.div_ceil(PER_PAGE).max(1);
        let page = asked.and_then(|p| p.parse().ok()).unwrap_or(1usize).clamp(1, last);
        Self { page, total, last, path }
    }

    /// What of the list stands on the page.
    pub fn range(&self) -> std::ops::Range<usize> {
        let from = (self.page - 1) * PER_PAGE;
        from..(from + PER_PAGE).min(self.total)
    }
}

impl ApplicationList<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

/// An application made alone.
#[derive(Debug, Template)]
#[template(path = "admin/application_create.html")]
pub struct CreateApplication<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub app_groups: Vec<String>,
    /// Providers that no application has, and none.
    pub providers: Vec<Choice>,
}

impl CreateApplication<'_> {
    fn icon_choice(&self) -> IconChoice {
        IconChoice::of(self.form, None)
    }

    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_never_out_of_the_list() {
        let page = |total, asked| Pages::of(total, asked, String::new());
        assert_eq!(page(0, None).range(), 0..0);
        assert_eq!(page(120, Some("3")).range(), 100..120);
        assert_eq!((page(120, Some("9")).page, page(120, Some("0")).page, page(120, Some("x")).page), (3, 1, 1));
        assert_eq!(page(100, Some("2")).range(), 50..100);
    }
}
