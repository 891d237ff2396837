//! The page about the files that are made for programs.

use askama::Template;

use super::contents::Site;
use super::frame::Frame;
use super::paths;

#[derive(Template)]
#[template(path = "data.html", config = "harness/report/site/askama.toml")]
pub(super) struct Data<'a> {
    frame: Frame<'a>,
}

pub(super) fn page<'a>(site: &Site<'a>) -> Data<'a> {
    let about = "The results and the badges, at addresses that do not change.";
    Data { frame: site.frame("Data", about.to_owned(), "../", "data") }
}
