//! The page about the site: the meaning of its words, how a cell is measured, and its limits.

use askama::Template;

use super::contents::Site;
use super::frame::Frame;
use super::{date, paths};
use crate::results::Extent;
use crate::suite::Verdict;

#[derive(Template)]
#[template(path = "about.html", config = "harness/report/site/askama.toml")]
pub(super) struct About<'a> {
    frame: Frame<'a>,
    extent: Extent,
    runtimes: usize,
    started: String,
    /// The verdicts of cases, each with its meaning.
    verdicts: Vec<(String, &'static str)>,
}

pub(super) fn page<'a>(site: &'a Site<'a>) -> About<'a> {
    let of_cases = |verdict: &Verdict| !matches!(verdict, Verdict::Open | Verdict::Closed);
    let verdicts = Verdict::ALL.into_iter().filter(of_cases).map(|verdict| (verdict.to_string(), verdict.meaning()));
    let about = "The meaning of verdicts and promises, how a cell is measured and verified, and its limits.";
    About {
        frame: site.frame("About", about.to_owned(), "", "about"),
        extent: Extent::of(site.results),
        runtimes: site.matrix.columns.len(),
        started: date::words(&site.results.header.started),
        verdicts: verdicts.collect(),
    }
}
