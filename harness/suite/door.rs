//! Door files: operations that have their effect and raise no event. A monitor of events does not see them.
//!
//! A door is run like a case that expects no event at all. It is never counted as a case, an event or a rule.

use std::collections::BTreeSet;

use pep440_rs::Version;
use serde::Deserialize;

use super::advice::{Advice, DOORS};
use super::api::{can_be_found, is_looked_up};
use super::capability::Capability;
use super::case::{Arguments, Case, EventFile, Observer, Passes};
use super::check::{check_names, check_sizes};
use super::guard::{Need, Platform, Versions};
use super::shape::ByName;
use super::words::words;
use super::yaml::{self, Fault, Faults, Step};

words! {
    /// The part of Python, and of the system below it, to which a door leads.
    Area {
        /// Memory of the process.
        Memory = "memory",
        /// Code that is loaded, changed or run.
        Code = "code",
        /// Files and descriptors.
        Files = "files",
        /// Processes, threads and signals.
        Processes = "processes",
        /// Connections.
        Network = "network",
        /// Users, the environment and names.
        Identity = "identity",
        /// Ways to watch or change how Python code runs.
        Tracing = "tracing",
        /// The registry of Windows.
        Registry = "registry",
    }
}

/// All doors of one area.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "Door file of audit578"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DoorFile {
    /// The area. The file has the same name.
    pub area: Area,
    /// The needs of every door, in addition to its own.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Python code that runs before the setup of every door.
    #[serde(default)]
    pub setup: String,
    /// The doors.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub doors: Vec<Door>,
}

/// An operation that has its effect and raises no event.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Door {
    /// Unique in its file. `doors.AREA::NAME` is the door's id, which never changes.
    #[cfg_attr(test, schemars(regex(pattern = "^[A-Za-z0-9-]+$")))]
    pub name: String,
    /// The API that has the effect. A runtime without it does not support the door.
    pub api: String,
    /// The things that the operation does.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub capabilities: Vec<Capability>,
    /// Python code that runs before the recording. `tmp` is the empty working directory.
    #[serde(default)]
    pub setup: String,
    /// Python code that is recorded: the operation, and nothing else.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub snippet: String,
    /// A Python expression that is true only after the operation has happened.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub effect: String,
    /// The harm that somebody can do through the door, in one or two sentences.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub why: String,
    /// The thing that a monitor can watch or do instead, or `nothing` with the reason.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub instead: String,
    /// The events of which one could think that they tell of the operation.
    #[serde(default)]
    pub events: Vec<String>,
    /// Whether the door always gets a new interpreter, because earlier imports matter to it.
    #[serde(default)]
    pub fresh: bool,
    /// Whether the door always gets a process of its own, forked or new, because what it does cannot be undone.
    #[serde(default)]
    pub lasting: bool,
    /// The things that the runtime and the machine must have.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// The language versions that have the operation; all when left out.
    #[serde(default)]
    pub python: Versions,
    /// The platforms that have the operation; all when left out.
    #[serde(default)]
    pub platform: Vec<Platform>,
    /// The implementations that have the operation (`sys.implementation.name`); all when left out.
    #[serde(default)]
    pub implementation: Vec<String>,
    /// The first version of audit578 that has the door, if that is not the first version of all.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub since: Option<Version>,
}

impl DoorFile {
    /// Reads a door file, as the file of cases that its doors are run as.
    ///
    /// # Errors
    /// The first fault of syntax or type, or else all contradictions.
    pub fn parse(text: &str) -> Result<EventFile, Vec<Fault>> {
        let file: DoorFile = yaml::read(text).map_err(|fault| vec![fault])?;
        check_sizes(text, &file.setup, &[("doors", file.doors.len()), ("needs", file.needs.len())])?;
        let faults = file.faults(text);
        if faults.is_empty() { Ok(file.into_cases()) } else { Err(faults) }
    }

    fn faults(&self, text: &str) -> Vec<Fault> {
        let mut faults = Faults::of(text);
        check_names(&mut faults, "doors", self.doors.iter().map(|door| door.name.as_str()));
        for (index, door) in self.doors.iter().enumerate() {
            let mut fault = |key: &str, message: String, hint: &str| {
                let path: [Step; 3] = ["doors".into(), index.into(), key.into()];
                faults.add(&path, message, hint);
            };
            for (key, value) in
                [("snippet", &door.snippet), ("effect", &door.effect), ("why", &door.why), ("instead", &door.instead)]
            {
                if value.trim().is_empty() {
                    fault(key, format!("`{key}` is empty"), "write it: a door without it says nothing");
                }
            }
            if is_looked_up(&door.api) && !can_be_found(&door.api) {
                let message = format!("`{}` is looked up in builtins, where it is not", door.api);
                fault("api", message, "write MODULE.NAME, or more than one word, which is not looked up");
            }
            if door.capabilities.is_empty() {
                let message = "`capabilities` is empty".to_owned();
                fault("capabilities", message, "`audit578 explain capabilities` shows the words");
            }
            for need in door.needs.iter().filter(|need| self.needs.contains(need)) {
                fault("needs", format!("the file already needs `{}` for every door", need.as_str()), "remove it here");
            }
            let events: BTreeSet<&String> = door.events.iter().collect();
            if events.len() < door.events.len() {
                fault("events", "an event is named twice".to_owned(), "remove one of them");
            }
        }
        faults.all()
    }

    fn into_cases(self) -> EventFile {
        let mut file = EventFile {
            event: format!("{DOORS}{}", self.area),
            documented: false,
            arguments: Arguments(Vec::new()),
            raised_by: Vec::new(),
            python: Versions::default(),
            platform: Vec::new(),
            needs: self.needs,
            setup: self.setup,
            veto: None,
            cases: self.doors.into_iter().map(Case::from).collect(),
            known_gaps: Vec::new(),
        };
        file.share_with_cases();
        file
    }
}

/// A case that expects no event of any name.
impl From<Door> for Case {
    fn from(door: Door) -> Case {
        Case {
            name: door.name,
            api: door.api,
            setup: door.setup,
            snippet: Some(door.snippet),
            invoke: None,
            observe: Observer::Hook,
            about: ByName::default(),
            expect: Vec::new(),
            only: true,
            effect: Some(door.effect),
            capabilities: door.capabilities,
            veto: None,
            because: None,
            fresh: door.fresh,
            lasting: door.lasting,
            once: None,
            run: Passes::Both,
            needs: door.needs,
            python: door.python,
            platform: door.platform,
            implementation: door.implementation,
            unverified: false,
            since: door.since,
            door: Some(Advice { why: door.why, instead: door.instead, events: door.events }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::advice::{area, is_door};
    use super::*;

    const DOOR: &str = "area: files
needs: [fork]
setup: import os
doors:
  - name: os-mkfifo
    api: os.mkfifo
    capabilities: [write]
    setup: path = 'p'
    snippet: os.mkfifo(path)
    effect: os.path.exists(path)
    why: It makes a name.
    instead: The folder.
";

    #[test]
    fn a_door_is_run_as_a_case_that_expects_no_event_of_any_name() {
        let file = DoorFile::parse(DOOR).expect("a door file");
        let case = &file.cases[0];
        assert_eq!(file.id(case), "doors.files::os-mkfifo");
        assert!(is_door(&file.event) && !is_door("os.mkfifo") && !is_door("pep578.doors"));
        assert_eq!(area(&file.event), "files");
        assert_eq!(case.capabilities, [Capability::Write]);
        assert!(case.only && case.expect.is_empty() && !case.is_vetoed(&file));
        assert_eq!(case.setup, "import os\npath = 'p'");
        assert_eq!(case.needs.iter().map(Need::as_str).collect::<Vec<_>>(), ["fork"]);
        let advice = case.door.as_ref().expect("advice");
        assert_eq!((advice.why.as_str(), advice.instead.as_str()), ("It makes a name.", "The folder."));
    }

    #[test]
    fn a_door_says_its_effect_why_it_matters_and_what_to_do() {
        for (from, to, message) in [
            ("    effect: os.path.exists(path)\n", "", "doors[0]: missing field `effect`"),
            ("    why: It makes a name.\n", "", "doors[0]: missing field `why`"),
            ("    instead: The folder.\n", "", "doors[0]: missing field `instead`"),
            ("    capabilities: [write]\n", "", "doors[0]: missing field `capabilities`"),
            ("[write]", "[]", "doors[0].capabilities: `capabilities` is empty"),
            ("[write]", "[files]", "doors[0].capabilities[0]: unknown variant `files`, expected one of"),
            ("The folder.", "' '", "doors[0].instead: `instead` is empty"),
            ("snippet: os.mkfifo(path)", "snippet: ''", "doors[0].snippet: `snippet` is empty"),
            ("api: os.mkfifo", "api: mkfifo", "doors[0].api: `mkfifo` is looked up in builtins, where it is not"),
            ("name: os-mkfifo", "name: os.mkfifo", "doors[0].name: invalid name `os.mkfifo`"),
            ("    api:", "    needs: [fork]\n    api:", "doors[0].needs: the file already needs `fork` for every door"),
            ("    api:", "    events: [open, open]\n    api:", "doors[0].events: an event is named twice"),
            ("    api:", "    expect: []\n    api:", "doors[0].expect: unknown field `expect`, expected one of"),
            ("area: files", "area: fils", "area: unknown variant `fils`, expected one of"),
        ] {
            let faults = DoorFile::parse(&DOOR.replacen(from, to, 1)).expect_err(message);
            let fault = format!("{}: {}", faults[0].path, faults[0].message);
            assert!(faults.len() == 1 && fault.starts_with(message), "{message}: {faults:?}");
        }
        let twice = [DOOR, DOOR.split_once("doors:\n").expect("doors").1].concat();
        assert_eq!(DoorFile::parse(&twice).expect_err("twice")[0].message, "two doors are named `os-mkfifo`");
    }

    #[test]
    fn the_schema_is_up_to_date() {
        crate::schema::check::<DoorFile>("suite/door.schema.json");
    }
}
