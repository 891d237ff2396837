//! The site in a browser: headless Chromium, driven by chromedriver.
//!
//! Without Chromium the tests are ignored, and with `AUDIT578_REQUIRE_BROWSER=1` they fail. `AUDIT578_AXE` names the script
//! of axe-core. It is optional too, unless the browser is required.

mod accessible;
mod driver;
mod hostile;
mod large;
mod matrix;
mod own;
mod pages;
mod readers;
mod samples;

use std::env;
use std::process::ExitCode;

use audit578::run::usual_jobs;
use libtest_mimic::{Arguments, Trial};

/// A test: its name and its function.
type Test = (&'static str, fn());

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A test waits for its browser half of the time.
    arguments.test_threads.get_or_insert_with(usual_jobs);
    let required = env::var_os("AUDIT578_REQUIRE_BROWSER").is_some_and(|value| value != "0");
    let absence = driver::absence();
    let axe = accessible::absence();
    let tests = |tests: &[Test], absence: &Option<String>| -> Vec<Trial> {
        tests.iter().map(|test| trial(*test, absence.clone(), required)).collect()
    };
    let mut all = tests(
        &[readers::TESTS, matrix::TESTS, own::TESTS, pages::TESTS, hostile::TESTS, large::TESTS].concat(),
        &absence,
    );
    all.extend(tests(accessible::TESTS, &absence.or(axe)));
    libtest_mimic::run(&arguments, all).exit_code()
}

fn trial((name, run): Test, absence: Option<String>, required: bool) -> Trial {
    match absence {
        Some(reason) if required => Trial::test(name, move || Err(reason.into())),
        Some(reason) => Trial::test(format!("{name} ({reason})"), || Ok(())).with_ignored_flag(true),
        None => Trial::test(name, move || {
            run();
            Ok(())
        }),
    }
}
