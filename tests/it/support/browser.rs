//! A real browser: Debian's Chromium, driven by its chromedriver. One driver serves all tests of a run; each test has a browser of its own.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::OnceLock,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fantoccini::{
    Client, ClientBuilder, Locator,
    elements::Element,
    key::Key,
    wd::{Capabilities, PrintConfiguration, PrintSize},
};
use serde_json::{Value, json};

use super::{App, PASSWORD, Person};

struct Driver {
    port: u16,
    /// The watchman stops the driver when this end closes.
    _watch: ChildStdin,
    _child: Child,
}

static DRIVER: OnceLock<Driver> = OnceLock::new();

fn driver() -> &'static Driver {
    DRIVER.get_or_init(|| {
        // Told by the shell, so that the driver goes with the tests whatever becomes of them.
        let script = r#"chromedriver --port=0 & driver=$!; cat >/dev/null; kill $driver"#;
        let mut child = Command::new("setsid")
            .args(["sh", "-c", script])
            // The office's: dates are typed year first, and what the browser says of files is Chinese.
            .env("LANGUAGE", "zh_CN")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let watch = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                let port = line.strip_prefix("ChromeDriver was started successfully on port ")?;
                port.trim_end_matches('.').parse().ok()
            })
            .expect("chromedriver (Debian: chromium-driver) starts");
        Driver {
            port,
            _watch: watch,
            _child: child,
        }
    })
}

/// What is moved sideways on its own where there is no room.
pub const MOVED: &str = ".scroll, .sheet, .manual pre";

/// A browser with one window.
pub struct Browser<'a> {
    app: &'a App,
    pub client: Client,
}

impl App {
    /// A browser in which nobody is logged in.
    pub fn browser(&self) -> Browser<'_> {
        self.browser_with(json!({}))
    }

    /// A browser that runs no script of a page.
    pub fn browser_without_script(&self) -> Browser<'_> {
        self.browser_with(json!({"profile.managed_default_content_settings.javascript": 2}))
    }

    fn browser_with(&self, mut preferences: Value) -> Browser<'_> {
        let downloads = self.folder.path().join("downloads");
        preferences["download.default_directory"] = json!(downloads.display().to_string());
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                "--force-prefers-reduced-motion", "--window-size=1280,900", "--lang=zh-CN", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"],
            "prefs": preferences,
        });
        let mut wanted = Capabilities::new();
        wanted.insert("goog:chromeOptions".to_owned(), options);
        let url = format!("http://127.0.0.1:{}", driver().port);
        let client = self
            .block_on(
                ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
                    .capabilities(wanted)
                    .connect(&url),
            )
            .unwrap();
        Browser { app: self, client }
    }

    /// A browser in which one of the ready-made people is logged in.
    pub fn browser_of(&self, person: Person) -> Browser<'_> {
        self.person(person);
        let browser = self.browser();
        browser.log_in(person.username());
        browser
    }
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        let client = self.client.clone();
        let closed = self.app.block_on(client.close());
        assert!(
            closed.is_ok() || std::thread::panicking(),
            "the browser was gone: {closed:?}"
        );
    }
}

impl Browser<'_> {
    fn run<T>(&self, future: impl Future<Output = Result<T, fantoccini::error::CmdError>>) -> T {
        self.app.block_on(future).unwrap()
    }

    /// The program whose pages these are.
    pub fn app(&self) -> &App {
        self.app
    }

    /// Opens a page.
    pub fn open(&self, path: &str) {
        self.run(self.client.goto(&format!("{}{path}", self.app.base)));
    }

    /// Path and query of the page that is open.
    pub fn path(&self) -> String {
        let url = self.run(self.client.current_url());
        match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        }
    }

    /// What a CSS selector finds first; waits for it.
    #[track_caller]
    pub fn find(&self, css: &str) -> Element {
        let found = self.app.block_on(self.client.wait().for_element(Locator::Css(css)));
        found.unwrap_or_else(|e| panic!("{}: no {css}: {e}\n{}", self.path(), self.text("body")))
    }

    /// The text of what a CSS selector finds first. A page that loads itself anew may take it away in between: then what stands
    /// there next is read.
    pub fn text(&self, css: &str) -> String {
        loop {
            let element = self.run(self.client.find(Locator::Css(css)));
            match self.app.block_on(element.text()) {
                Err(gone) if gone.is_stale_element_reference() => {}
                found => return found.unwrap(),
            }
        }
    }

    /// Clicks what a CSS selector finds first.
    #[track_caller]
    pub fn click(&self, css: &str) {
        let element = self.find(css);
        self.run(element.click());
    }

    /// Clicks the link, button or label of this text.
    #[track_caller]
    pub fn click_text(&self, text: &str) {
        let path = format!(
            "//*[self::a or self::button or self::label or self::summary][contains(normalize-space(.), '{text}')]"
        );
        let found = self.app.block_on(self.client.wait().for_element(Locator::XPath(&path)));
        let element = found.unwrap_or_else(|e| panic!("{}: no {text}: {e}\n{}", self.path(), self.text("body")));
        self.run(element.click());
    }

    /// Types into a field of this name, in place of what stands there.
    #[track_caller]
    pub fn fill(&self, name: &str, text: &str) {
        let element = self.find(&format!("[name=\"{name}\"]"));
        self.run(element.clear());
        self.run(element.send_keys(text));
    }

    /// Sends keys to whatever has the focus.
    pub fn keys(&self, keys: &str) {
        let active = self.run(self.client.active_element());
        self.run(active.send_keys(keys));
    }

    /// Sends one special key.
    pub fn key(&self, key: Key) {
        self.keys(&char::from(key).to_string());
    }

    /// Runs a script; for looking, never for doing what a user does.
    pub fn ask(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.run(self.client.execute(script, arguments))
    }

    /// Runs a script that answers by calling its last argument; for looking.
    pub fn wait_for(&self, script: &str) -> Value {
        self.run(self.client.execute_async(script, vec![]))
    }

    /// Chooses a file for a field of this name.
    #[track_caller]
    pub fn choose(&self, name: &str, path: &str) {
        let element = self.find(&format!("[name=\"{name}\"]"));
        self.run(element.send_keys(path));
    }

    /// Where files go that are downloaded.
    pub fn downloads(&self) -> PathBuf {
        self.app.folder.path().join("downloads")
    }

    /// Tells the browser something that WebDriver has no words for: dragging files from the desktop.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let session = self.run(self.client.session_id()).unwrap();
        let url = format!("http://127.0.0.1:{}/session/{session}/goog/cdp/execute", driver().port);
        let body = json!({"cmd": command, "params": parameters});
        let mut answer = ureq::post(&url).send_json(&body).unwrap();
        answer.body_mut().read_json::<Value>().unwrap()["value"].clone()
    }

    /// Sets the window's size.
    pub fn resize(&self, width: u32, height: u32) {
        self.cdp("Emulation.clearDeviceMetricsOverride", json!({}));
        self.run(self.client.set_window_size(width, height));
    }

    /// Logs in by mouse and keyboard.
    pub fn log_in(&self, username: &str) {
        self.open("/login");
        self.fill("username", username);
        self.fill("password", PASSWORD);
        self.click("main button[type=submit]");
        self.find(".who");
    }

    /// The whole page as a picture in the folder that `TEST_PICTURES` names; nothing where it names none.
    pub fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("TEST_PICTURES").map(PathBuf::from) else {
            return;
        };
        std::fs::create_dir_all(&folder).unwrap();
        let size = self.ask(
            "return [window.innerWidth, document.documentElement.scrollHeight]",
            vec![],
        );
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1].as_u64().unwrap().clamp(900, 12_000), "scale": 1});
        let taken = self.cdp(
            "Page.captureScreenshot",
            json!({"captureBeyondViewport": true, "clip": clip}),
        );
        let picture = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }

    /// The page as it is printed on A4; written to the folder of the pictures where there is one.
    pub fn print(&self, name: &str) -> Vec<u8> {
        let paper = PrintConfiguration::builder().size(PrintSize::A4).build().unwrap();
        let pdf = self.run(self.client.print(paper));
        if let Some(folder) = std::env::var_os("TEST_PICTURES").map(PathBuf::from) {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("{name}.pdf")), &pdf).unwrap();
        }
        pdf
    }

    /// What axe-core finds on the page: WCAG 2.2 A and AA and its best practices, each with the elements.
    pub fn axe(&self) -> Vec<String> {
        let script = std::fs::read_to_string(axe_path())
            .unwrap_or_else(|e| panic!("axe-core ({}): {e}; tests/run fetches it", axe_path().display()));
        self.ask(&script, vec![]);
        let run = "const done = arguments[arguments.length - 1]; axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}).then(r => done(r.violations.map(v => \
            v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160) + ' — ' + n.failureSummary).join(' | '))), e => done(['axe failed: ' + e]));";
        let found = self.run(self.client.execute_async(run, vec![]));
        found
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_str().unwrap().to_owned())
            .collect()
    }

    /// Nothing is wider than the window, and axe-core finds nothing.
    #[track_caller]
    pub fn expect_sound(&self) {
        let found = self.axe();
        assert!(found.is_empty(), "{}:\n{}", self.path(), found.join("\n"));
        self.expect_fit(MOVED);
    }

    /// Nothing is wider than the window or than its own box, and nothing lies over its neighbour; what is in `moved` may be moved
    /// sideways.
    #[track_caller]
    pub fn expect_fit(&self, moved: &str) {
        assert_eq!(self.misfits(moved), json!([]), "{}", self.path());
    }

    /// What is wider than the window or than its own box, or lies over its neighbour.
    pub fn misfits(&self, moved: &str) -> Value {
        self.ask(include_str!("fit.js"), vec![moved.into()])
    }

    /// On paper: no way around and no buttons, nothing wider than the sheet, heads of tables on each page, no row cut.
    #[track_caller]
    pub fn expect_prints(&self) {
        self.cdp("Emulation.setEmulatedMedia", json!({"media": "print"}));
        // Within the margins of `print.css`, at 96 pixels an inch.
        let broad = self.ask(
            "return getComputedStyle(document.querySelector('main')).page === 'broad'",
            vec![],
        );
        self.width(if broad == true { 1031 } else { 687 });
        self.expect_fit(".unseen");
        let found = self.ask(include_str!("paper.js"), vec![]);
        assert_eq!(found, json!([]), "{} in print", self.path());
        self.cdp("Emulation.setEmulatedMedia", json!({"media": ""}));
    }

    /// Sets the width of the page, whatever the window's.
    pub fn width(&self, width: u32) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.cdp("Emulation.setDeviceMetricsOverride", size);
    }

    /// Tells the browser what its driver has no word for.
    fn cdp(&self, command: &str, parameters: Value) -> Value {
        let session = self.app.block_on(self.client.session_id()).unwrap().unwrap();
        let url = format!("http://127.0.0.1:{}/session/{session}/goog/cdp/execute", driver().port);
        let body = json!({"cmd": command, "params": parameters}).to_string();
        let mut answer = ureq::post(url).content_type("application/json").send(body).unwrap();
        let answer: Value =
            serde_json::from_slice(&answer.body_mut().with_config().limit(100 << 20).read_to_vec().unwrap()).unwrap();
        answer["value"].clone()
    }
}

/// Where `tests/run` puts axe-core.
fn axe_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/axe/package/axe.min.js")
}
