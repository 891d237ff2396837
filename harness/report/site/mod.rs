//! The site: results as pages that need no network, no framework and no server.
//!
//! Each page has a file here, with what the page shows, and a template in `templates/`, with how it looks.
//! The first files are shared by pages; `render` at the end makes all files of the site, in memory.
//! `guard` is a page alone, with the look of the site.
//! Never here: writing to disk, and deciding what results mean; the matrix and the comparison come from above.

mod escape;
mod paths;
mod date;
mod look;
mod families;
mod finding;
mod script;
mod history;
mod frame;
mod contents;
mod markup;
mod outcome;
mod start;
mod matrix;
mod doors;
mod event;
mod runtime;
mod compare;
mod findings;
mod capabilities;
mod about;
mod guide;
mod data;
mod guard;
mod render;

pub(crate) use self::guard::render as render_guard;
pub(crate) use self::history::History;
pub(crate) use self::paths::MARK;
pub(crate) use self::render::{File, render};
