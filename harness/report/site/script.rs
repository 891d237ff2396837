//! The script that repeats a case without the suite: one file for every Python, which prints the events.

use crate::report::python::{comment, literal, map, words};
use crate::results::CaseRecord;
use crate::suite::{Invoke, Observer};

/// The end of a script for a snippet. The snippet runs in the namespace of a new `__main__`, as in the suite.
const SNIPPET: &str = r#"
veto = sys.argv[1:] == ["veto"]
armed = False
os.chdir(tempfile.mkdtemp())


def hook(event, args):
    global armed
    if not armed or event == "exec" and args[0] is code:
        return
    armed = False  # printing raises events too
    try:
        print(event, args, flush=True)
    finally:
        armed = True
    if veto and event == EVENT:
        raise RuntimeError("vetoed")


names = {"__name__": "__main__", "tmp": os.getcwd()}
sys.addaudithook(hook)
exec(compile(SETUP, "setup", "exec"), names)
code = compile(SNIPPET, "snippet", "exec")
raised = None
try:
    armed = True
    exec(code, names)
except BaseException as error:
    raised = error
armed = False
print("-- the snippet", "ended" if raised is None else "raised %r" % raised)
if EFFECT is not None:
    try:
        there = bool(eval(EFFECT, names))
    except BaseException:
        there = False
    print("-- the effect", "is there" if there else "is not there")
"#;

/// The end of a script for a command line. The hook is in `sitecustomize`, which interpreters import by default.
const COMMAND: &str = r#"
folder, site = tempfile.mkdtemp(), tempfile.mkdtemp()
for name, text in FILES.items():
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
with open(os.path.join(site, "sitecustomize.py"), "w") as file:
    file.write(HOOK)
here = lambda text: text.replace("{tmp}", folder)
env = dict(os.environ, PYTHONPATH=site, VETO=EVENT if sys.argv[1:] == ["veto"] else "")
env.update((name, here(value)) for name, value in ENV.items())
command = [sys.executable] + [here(word) for word in ARGS]
done = subprocess.run(command, input=STDIN, text=True, cwd=folder, env=env)
print("-- exit status", done.returncode)
"#;

/// The hook inside the process. It writes to a descriptor, as file objects are closed before the process ends.
const HOOK: &str = r#"import os
import sys

busy = False
veto = os.environ.pop("VETO")
write, error = os.write, RuntimeError


def hook(event, args):
    global busy
    if busy:
        return
    busy = True
    try:
        write(2, ("%s %r\n" % (event, args)).encode("utf-8", "replace"))
    finally:
        busy = False
    if event == veto:
        raise error("vetoed")


sys.addaudithook(hook)
"#;

/// Tells whether a case has a script. A native hook or a terminal is nothing that a script can provide.
pub(super) fn exists(case: &CaseRecord) -> bool {
    let CaseRecord { description, .. } = case;
    let has_code = description.snippet.is_some() || description.invoke.is_some();
    has_code && description.observe != Observer::Native && !description.invoke.as_ref().is_some_and(|one| one.terminal)
}

/// Returns the script of a case, if it has one.
pub(super) fn reproduction(case: &CaseRecord) -> Option<String> {
    let description = &case.description;
    if !exists(case) {
        return None;
    }
    let head = format!(
        "# {}::{} of audit578, for Python 3.8 and later. It prints the events that the case raises.\n\
         # With the argument `veto` the hook raises RuntimeError at {}.\n",
        comment(&case.event),
        comment(&case.case),
        comment(&case.event)
    );
    let event = format!("EVENT = {}\n", literal(&case.event));
    if let Some(invoke) = &description.invoke {
        let imports = "import os\nimport subprocess\nimport sys\nimport tempfile\n\n";
        return Some(format!("{head}{imports}{event}{}{COMMAND}", command(invoke)));
    }
    let effect = description.effect.as_deref().map_or_else(|| "None".to_owned(), literal);
    let (setup, snippet) = (literal(&description.setup), literal(description.snippet.as_deref().unwrap_or_default()));
    let constants = format!("{event}SETUP = {setup}\nSNIPPET = {snippet}\nEFFECT = {effect}\n");
    Some(format!("{head}import os\nimport sys\nimport tempfile\n\n{constants}{SNIPPET}"))
}

fn command(invoke: &Invoke) -> String {
    format!(
        "ARGS = {}\nSTDIN = {}\nENV = {}\nFILES = {}\nHOOK = {}\n",
        words(&invoke.args),
        literal(&invoke.stdin),
        map(&invoke.env),
        map(&invoke.files),
        literal(HOOK)
    )
}
