//! The parts of an answer that several formats show: columns, ratios, sentences.

use crate::report::text::short;
use crate::run::guard::{Answer, Cost, Findings, Must, Outcome, Row, Seen};

/// The reasons why a hook that passes here is still not a sandbox, each with an address if there is one.
pub const NOT_A_SANDBOX: [(&str, Option<&str>); 4] = [
    ("Doors raise no event, so that they pass every hook (audit578 list 'doors.*').", None),
    ("Code in the process can change the hook, its data and the memory of Python.", None),
    ("A path or a host that the hook has seen may mean another thing a moment later.", None),
    ("PEP 578 says why audit hooks are not a sandbox:", Some("https://peps.python.org/pep-0578/#why-not-a-sandbox")),
];

/// The most characters of an argument that are shown.
const ARGUMENT: usize = 40;

/// Returns the outcomes that have a column. Nothing is denied though it is allowed where nothing is allowed.
pub fn columns(answer: &Answer) -> Vec<Outcome> {
    let all = [
        Outcome::Denied,
        Outcome::LetThrough,
        Outcome::TooLate,
        Outcome::DeniedButAllowed,
        Outcome::NoEvent,
        Outcome::Broke,
    ];
    all.into_iter().filter(|outcome| *outcome != Outcome::DeniedButAllowed || !answer.allow.is_empty()).collect()
}

/// Returns the text of a cell: `n/total` for the denied operations, or else the number.
pub fn cell(row: &Row, outcome: Outcome) -> String {
    match (outcome, count(row, outcome)) {
        (Outcome::Denied, count) => format!("{count}/{}", row.tried),
        (_, 0) => ".".to_owned(),
        (_, count) => count.to_string(),
    }
}

/// Returns the number of operations with an outcome.
pub fn count(row: &Row, outcome: Outcome) -> usize {
    row.outcomes.get(&outcome).copied().unwrap_or_default()
}

/// Tells whether the number of an outcome is bad news, by what the hook must do.
pub fn is_bad(row: &Row, outcome: Outcome) -> bool {
    match row.must {
        Some(must) => outcome.fails(Some(must)),
        None => !matches!(outcome, Outcome::Denied | Outcome::NoEvent),
    }
}

/// Returns the mark of a demand behind the name of a capability.
pub fn mark(must: Option<Must>) -> &'static str {
    match must {
        Some(Must::Deny) => "!",
        Some(Must::Allow) => "+",
        None => "",
    }
}

/// Returns the sentence that explains the marks, if there are any.
pub fn marks(answer: &Answer) -> Option<String> {
    let denied = (!answer.deny.is_empty()).then_some("!: must be denied (--deny)");
    let allowed =
        (!answer.allow.is_empty()).then_some("+: must be let pass (--allow), where the operation does nothing else");
    let marks: Vec<&str> = denied.into_iter().chain(allowed).collect();
    (!marks.is_empty()).then(|| marks.join("; "))
}

/// Returns the sentence about the doors among the operations.
pub fn doors(findings: &Findings) -> Option<String> {
    let all = findings.operations.iter().filter(|tried| tried.instead.is_some()).count();
    let open = findings.operations.iter().filter(|tried| tried.is_open_door()).count();
    (all > 0).then(|| format!("doors that are open: {open} of {all}; they count as cannot-be-denied"))
}

/// Returns the sentence about harmless operations, if any were tried.
pub fn harmless(findings: &Findings) -> Option<String> {
    let passed = findings.harmless.iter().filter(|control| control.disturbed.is_none()).count();
    let all = findings.harmless.len();
    (all > 0).then(|| format!("harmless operations that pass: {passed} of {all}"))
}

/// Renders an event as a call.
pub fn event(seen: &Seen) -> String {
    let arguments: Vec<String> = seen.arguments.iter().map(|argument| short(argument, ARGUMENT)).collect();
    format!("{}({})", seen.name, arguments.join(", "))
}

/// The heads of the table of costs.
pub const COSTS: [&str; 4] = ["operation", "no hook", "empty hook", "this hook"];

/// Returns the cells of a cost: the operation, its time without a hook, and two multiples of it.
pub fn costs(cost: &Cost) -> [String; 4] {
    let multiple = |number: f64| format!("x{number:.2}");
    let hook = cost.hook.map_or_else(|| "denied".to_owned(), multiple);
    [cost.operation.clone(), format!("{:.2} µs", cost.seconds * 1e6), multiple(cost.empty), hook]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_shown_as_time_and_multiples() {
        let cost =
            Cost { operation: "open".to_owned(), seconds: 1.5e-6, empty: 1.005, hook: Some(23.456), objection: None };
        assert_eq!(costs(&cost), ["open", "1.50 µs", "x1.00", "x23.46"]);
        assert_eq!(costs(&Cost { hook: None, ..cost })[3], "denied");
    }
}
