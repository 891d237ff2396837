//! A browser, controlled with `WebDriver`: chromedriver's JSON over HTTP.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// The flags that keep Chromium from requests of its own, and let it run as root in a container.
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
];

/// The most time for one command. axe-core takes more than the usual 30 seconds on a busy machine.
const DEADLINE: Duration = Duration::from_secs(300);

/// A browser with one page. Dropping it ends the browser.
pub struct Browser {
    session: String,
    driver: Child,
    /// Stays open, as chromedriver writes to it.
    _output: BufReader<ChildStdout>,
    _profile: TempDir,
}

/// Returns the reason why there is no browser, if there is none.
pub fn absence() -> Option<String> {
    let lacks = |program: &&str| {
        let ran = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        !ran.is_ok_and(|status| status.success())
    };
    let absent: Vec<&str> = ["chromium", "chromedriver"].into_iter().filter(lacks).collect();
    (!absent.is_empty()).then(|| format!("no {}", absent.join(" and no ")))
}

impl Browser {
    /// Starts a browser with a profile of its own.
    pub fn start() -> Browser {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut output = BufReader::new(driver.stdout.take().expect("a pipe"));
        let address = format!("http://127.0.0.1:{}", port(&mut output));
        let profile = TempDir::new().expect("a temporary folder");
        let mut args: Vec<String> = FLAGS.map(str::to_owned).into();
        args.push(format!("--user-data-dir={}", profile.path().display()));
        let options = json!({"args": args});
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options,
            "timeouts": {"script": u64::try_from(DEADLINE.as_millis()).expect("a small number")},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}});
        let made = send(&format!("{address}/session"), &wanted);
        let session = format!("{address}/session/{}", made["sessionId"].as_str().expect("a session"));
        let browser = Browser { session, driver, _output: output, _profile: profile };
        browser.post("url", &json!({"url": "about:blank"}));
        browser.devtools("Emulation.setFocusEmulationEnabled", &json!({"enabled": true}));
        // Forget the requests of the browser's own first page.
        browser.requests();
        browser
    }

    /// Opens a page. The path starts in the folder of a site, and may have a query and an anchor.
    pub fn open(&self, site: &Path, page: &str) {
        // Another page in between forces a new load where only the anchor differs.
        self.post("url", &json!({"url": "about:blank"}));
        self.post("url", &json!({"url": format!("file://{}/{page}", site.display())}));
        // On a busy machine chromedriver may return before the new page is there.
        self.wait("location.protocol === 'file:' && document.readyState === 'complete'");
    }

    /// Waits until an expression in the page is true.
    pub fn wait(&self, expression: &str) {
        let is_true = format!("return Boolean({expression})");
        let waited = (0..600).find(|_| {
            let is_true = self.run(&is_true) == true;
            if !is_true {
                std::thread::sleep(Duration::from_millis(50));
            }
            is_true
        });
        assert!(waited.is_some(), "not after 30 seconds: {expression}");
    }

    /// Loads the page again.
    pub fn reload(&self) {
        self.post("refresh", &json!({}));
    }

    /// Runs the body of a function in the page, and returns what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({"script": script, "args": []}))
    }

    /// Runs the body of an asynchronous function in the page, and returns what it returns.
    pub fn run_async(&self, script: &str) -> Value {
        let script =
            format!("const done = arguments[0]; (async () => {{ {script} }})().then(done, (e) => done(String(e)));");
        self.post("execute/async", &json!({"script": script, "args": []}))
    }

    /// Presses keys, one after the other.
    pub fn press(&self, keys: &[char]) {
        let strokes = keys.iter().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key})));
        let strokes: Vec<Value> = strokes.collect();
        self.post("actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}));
    }

    /// Sets the width and the height of the page.
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Sets the preferred colour scheme: `dark` or `light`.
    pub fn prefer(&self, scheme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// Shows pages as in print.
    pub fn print(&self) {
        self.devtools("Emulation.setEmulatedMedia", &json!({"media": "print"}));
    }

    /// Switches the scripts of pages on or off.
    pub fn scripts(&self, allowed: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({"value": !allowed}));
    }

    /// Returns the messages on the console since the last call.
    pub fn console(&self) -> Vec<String> {
        let entries = self.post("se/log", &json!({"type": "browser"}));
        let entries = entries.as_array().expect("a list").iter();
        entries.map(|entry| format!("{}: {}", entry["level"], entry["message"])).collect()
    }

    /// Returns the addresses that were requested since the last call.
    pub fn requests(&self) -> Vec<String> {
        let entries = self.post("se/log", &json!({"type": "performance"}));
        let messages = entries.as_array().expect("a list").iter().filter_map(|entry| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            (message["message"]["method"] == "Network.requestWillBeSent")
                .then(|| message["message"]["params"]["request"]["url"].as_str().unwrap_or_default().to_owned())
        });
        messages.collect()
    }

    fn devtools(&self, command: &str, params: &Value) {
        self.post("goog/cdp/execute", &json!({"cmd": command, "params": params}));
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        send(&format!("{}/{path}", self.session), body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser ends with its session. The driver is killed in any case, also where it does not answer.
        drop(minreq::delete(&self.session).with_timeout(10).send());
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

fn port(output: &mut impl BufRead) -> u16 {
    for line in output.lines() {
        let line = line.expect("text");
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().expect("a port");
        }
    }
    panic!("chromedriver does not print its port");
}

fn send(address: &str, body: &Value) -> Value {
    let request = minreq::post(address).with_timeout(DEADLINE.as_secs());
    let response = request.with_json(body).expect("JSON").send().expect("chromedriver answers");
    let mut answer: Value = response.json().expect("JSON");
    let value = answer["value"].take();
    if let Some(error) = value["error"].as_str() {
        let mut text = String::new();
        write!(text, "{error}: {}", value["message"].as_str().unwrap_or_default()).expect("memory");
        panic!("{address}: {text}");
    }
    value
}
