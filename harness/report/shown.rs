//! Results as a text shows them: nothing in them acts on a terminal, a log or a reader. Pure.

use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::text::{clean, is_clean};
use crate::results::Results;

/// Results whose texts are all clean. The formats that are text take no others.
#[derive(Debug)]
pub(crate) struct Shown(Results);

impl Shown {
    /// Cleans results.
    ///
    /// # Errors
    /// Never, because a record with other texts is a record.
    pub(crate) fn of(mut results: Results) -> serde_json::Result<Shown> {
        let mut room = Vec::new();
        clean_record(&mut results.header, &mut room)?;
        results.runtimes.iter_mut().try_for_each(|runtime| clean_record(runtime, &mut room))?;
        results.events.iter_mut().try_for_each(|event| clean_record(event, &mut room))?;
        for cases in [&mut results.cases, &mut results.doors.cases] {
            cases.iter_mut().try_for_each(|case| clean_record(case, &mut room))?;
        }
        for trials in [&mut results.trials, &mut results.doors.trials] {
            trials.iter_mut().try_for_each(|trial| clean_record(trial, &mut room))?;
        }
        Ok(Shown(results))
    }
}

impl Deref for Shown {
    type Target = Results;

    fn deref(&self) -> &Results {
        &self.0
    }
}

/// Cleans all texts of a record. `room` is reused for each of them.
fn clean_record<T: Serialize + DeserializeOwned>(record: &mut T, room: &mut Vec<u8>) -> serde_json::Result<()> {
    room.clear();
    serde_json::to_writer(&mut *room, record)?;
    if !is_clean(room) {
        let mut value = serde_json::from_slice(room)?;
        clean_value(&mut value);
        *record = serde_json::from_value(value)?;
    }
    Ok(())
}

fn clean_value(value: &mut Value) {
    match value {
        Value::String(text) => *text = clean(text),
        Value::Array(items) => items.iter_mut().for_each(clean_value),
        Value::Object(fields) => {
            let cleaned = std::mem::take(fields).into_iter().map(|(key, mut value)| {
                clean_value(&mut value);
                (clean(&key), value)
            });
            *fields = cleaned.collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{results, trial, with_probe};
    use super::*;

    #[test]
    fn every_text_is_clean_and_everything_else_stays() {
        let evil = "a\u{1b}[31m\u{202e}\n##[error]\u{9b}";
        let record = json!({"verdict": "error", "reason": evil, "seconds": 0.1, "api": evil, "expected": [evil],
            "details": {"arguments": [evil]}, "gap": {"state": "known", "kind": "bug", "reason": evil}});
        let mut results = results(&[], vec![trial(evil, evil, evil, &record)]);
        results.header.host = evil.to_owned();
        results.runtimes = vec![with_probe(evil, &json!({"build": evil, "features": {evil: true}}))];
        results.doors.trials = results.trials.clone();
        let plain = trial("os.mkdir", "path", "one", &json!({"seconds": 0.1}));
        results.add_trial(plain.clone());
        let shown = Shown::of(results).expect("results");
        let text = json!(*shown).to_string();
        let acts =
            ["\\u001b", "\\n", "##", "\u{9b}", "\u{202e}"].iter().find(|one| text.replace("\\\\", "").contains(*one));
        assert_eq!(acts, None, "{text}");
        assert_eq!(shown.trials[0].reason.as_deref(), Some(clean(evil).as_str()));
        assert_eq!(json!(shown.trials[1]), json!(plain));
    }
}
