//! A headless browser, spoken to over the WebDriver protocol (W3C WebDriver, section 6) with plain sockets.

use super::program::{Running, arg, eventually, free_port, run, tallyward};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tallyward_core::testkit::skipped;

/// Key under which an element is named (W3C WebDriver, section 11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One HTTP request to the loopback; answers status and body.
pub fn http(port: u16, method: &str, path: &str, body: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut bytes = Vec::new();
    let mut block = [0; 16_384];
    // Some servers keep the connection although asked to close it: the length says when it is all there.
    loop {
        let read = stream.read(&mut block)?;
        bytes.extend_from_slice(&block[..read]);
        if read == 0 || complete(&bytes) {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split_whitespace().nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Ok((status, text.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned())))
}

fn complete(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.trim().parse::<usize>().ok());
    length.is_some_and(|length| bytes.len() >= head.len() + 4 + length)
}

/// The driver, from which browsers are started.
pub struct Driver {
    _process: Running,
    port: u16,
}

impl Driver {
    /// Starts chromedriver; `None`, said loudly, when it or the browser is not installed.
    pub fn start() -> Option<Self> {
        let runs = |name: &str| {
            Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
        };
        for name in ["chromium", "chromedriver"] {
            if !runs(name) {
                skipped(&format!("{name} is not installed"));
                return None;
            }
        }
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}"));
        let process = Running::start(command);
        eventually("chromedriver", || http(port, "GET", "/status", "").ok().filter(|answer| answer.0 == 200));
        Some(Self { _process: process, port })
    }

    /// Opens a window `width` pixels wide, with or without JavaScript.
    pub fn open(&self, width: u32, scripts: bool) -> Browser<'_> {
        let preferences =
            json!({ "profile.managed_default_content_settings.javascript": if scripts { 1 } else { 2 } });
        let options = json!({
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--disable-background-networking", "--no-first-run", "--force-device-scale-factor=1",
            ],
            "prefs": preferences,
            // Without touch: the driver taps through a script of its own, which waits for ever where scripts are off.
            "mobileEmulation": { "deviceMetrics": { "width": width, "height": 740, "pixelRatio": 1.0, "touch": false } },
        });
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "pageLoadStrategy": "normal",
        } } });
        let answer = self.call("POST", "/session", &wanted);
        let session = answer["sessionId"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        Browser { driver: self, session }
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(method, path, body);
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let (status, text) = http(self.port, method, path, &body).unwrap();
        let answer: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"));
        (status, answer["value"].clone())
    }
}

/// One window; closed when dropped.
pub struct Browser<'a> {
    driver: &'a Driver,
    session: String,
}

impl Browser<'_> {
    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        self.driver.call(method, &format!("/session/{}{path}", self.session), body)
    }

    /// Opens an address and waits until it is loaded.
    pub fn go(&self, url: &str) {
        self.call("POST", "/url", &json!({ "url": url }));
    }

    /// The address shown.
    pub fn url(&self) -> String {
        self.call("GET", "/url", &Value::Null).as_str().unwrap().to_owned()
    }

    fn find(&self, css: &str) -> String {
        let found = self.call("POST", "/element", &json!({ "using": "css selector", "value": css }));
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    /// Types into a field.
    pub fn fill(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.call("POST", &format!("/element/{element}/value"), &json!({ "text": text }));
    }

    /// Taps something. A page it opens may still be on its way when this returns.
    pub fn tap(&self, css: &str) {
        let element = self.find(css);
        self.call("POST", &format!("/element/{element}/click"), &json!({}));
    }

    /// What a script on the page answers.
    pub fn ask(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// The text a person sees in an element.
    pub fn text(&self, css: &str) -> String {
        let element = self.find(css);
        self.call("GET", &format!("/element/{element}/text"), &Value::Null).as_str().unwrap().to_owned()
    }

    /// The texts of all such elements, in their order on the page.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let found = self.call("POST", "/elements", &json!({ "using": "css selector", "value": css }));
        let elements = found.as_array().unwrap().iter().map(|one| one[ELEMENT].as_str().unwrap().to_owned());
        elements
            .map(|element| {
                let text = self.call("GET", &format!("/element/{element}/text"), &Value::Null);
                text.as_str().unwrap().to_owned()
            })
            .collect()
    }

    /// The text of the page once it holds `wanted`: a page that is being replaced has none for a moment.
    pub fn page_with(&self, wanted: &str) -> String {
        eventually(wanted, || {
            let by = json!({ "using": "css selector", "value": "body" });
            let session = format!("/session/{}", self.session);
            let (_, found) = self.driver.ask("POST", &format!("{session}/element"), &by);
            let element = found[ELEMENT].as_str()?;
            let (_, text) =
                self.driver.ask("GET", &format!("{session}/element/{element}/text"), &Value::Null);
            text.as_str().filter(|text| text.contains(wanted)).map(str::to_owned)
        })
    }

    /// An attribute of an element.
    pub fn attribute(&self, css: &str, name: &str) -> String {
        let element = self.find(css);
        let value = self.call("GET", &format!("/element/{element}/attribute/{name}"), &Value::Null);
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Left, width and height of an element as laid out, CSS pixels.
    pub fn extent(&self, css: &str) -> (f64, f64, f64) {
        let element = self.find(css);
        let rect = self.call("GET", &format!("/element/{element}/rect"), &Value::Null);
        let number = |name: &str| rect[name].as_f64().unwrap();
        (number("x"), number("width"), number("height"))
    }
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        let _ = http(self.driver.port, "DELETE", &format!("/session/{}", self.session), "");
    }
}

/// The sample hospital, made and served.
pub struct Demo {
    /// Where it lives.
    pub dir: PathBuf,
    /// Where its console listens.
    pub port: u16,
    /// The same as an address.
    pub base: String,
    password: String,
    _server: Running,
}

impl Demo {
    /// Makes it under `home`, serves it, and waits for the console.
    pub fn serve(home: &Path) -> Self {
        let (dir, port) = (home.join("demo"), free_port());
        let listen = format!("127.0.0.1:{port}");
        run(home, &["demo", "--no-serve", "--dir", arg(&dir), "--listen", &listen]).expect_code(0);
        let server = Running::start(tallyward(home, &["demo", "--dir", arg(&dir), "--listen", &listen]));
        eventually("the console", || http(port, "GET", "/sign-in", "").ok().filter(|answer| answer.0 == 200));
        let remembered: Value =
            serde_json::from_slice(&std::fs::read(dir.join("demo.json")).unwrap()).unwrap();
        let password = remembered["password"].as_str().unwrap().to_owned();
        Self { dir, port, base: format!("http://{listen}"), password, _server: server }
    }

    /// Signs the lead in on the page of signing in, where the browser stands.
    pub fn sign_in(&self, browser: &Browser<'_>) {
        browser.fill("input[name=login]", "lead");
        browser.fill("input[name=password]", &self.password);
        browser.tap("form button[type=submit], form [type=submit], form button");
        browser.page_with("Dr. Amara Osei");
    }
}
