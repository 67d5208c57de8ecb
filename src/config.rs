//! Settings and data files: what `config/` holds is embedded in the binary; an office's own files come on top.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use config::{Environment, File, FileFormat};
use serde::Deserialize;

use crate::domain::{
    account::Role,
    catalogue::{Catalogue, CatalogueError},
};

mod auth;
mod mail;

pub use auth::*;
pub use mail::*;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

const DEFAULTS: &str = include_str!("../config/default.toml");

/// All settings; `config/default.toml` explains each.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:PATH` or `postgres://…`.
    pub database_url: String,
    /// Folder with the office's own data files; empty for none.
    pub data_folder: String,
    /// The HTTP server.
    pub server: ServerSettings,
    /// The store.
    pub store: StoreSettings,
    /// The machine's clock.
    pub clock: ClockSettings,
    /// Heavy work.
    pub work: WorkSettings,
    /// Files beside the store.
    pub files: FileSettings,
    /// Imports over HTTP.
    pub imports: ImportSettings,
    /// Documents.
    pub documents: DocumentSettings,
    /// Checking published reports.
    pub check: CheckSettings,
    /// The public page on which a certificate is verified.
    pub verify: VerifySettings,
    /// Accounts and sessions.
    pub auth: AuthSettings,
    /// Mail.
    pub mail: MailSettings,
    /// Signed ends of the ledgers.
    pub checkpoints: CheckpointSettings,
    /// Registrar certificates.
    pub registrars: RegistrarSettings,
    /// Deadlines and work queues.
    pub review: ReviewSettings,
    /// Logging.
    pub log: LogSettings,
    /// Of a demonstration: its accounts. `dengji demo` alone sets it; no file and no variable does.
    #[serde(skip)]
    pub demo: Option<DemoAccounts>,
}

/// Accounts of a demonstration, which its log-in page tells to everyone.
#[derive(Debug, Clone)]
pub struct DemoAccounts {
    /// The password of all of them.
    pub password: String,
    /// Names and roles.
    pub accounts: Vec<(String, Role)>,
}

/// Registrar certificates and training: no official text lays these numbers down, so they are the office's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrarSettings {
    /// Years for which a certificate is issued and renewed where no last day is given, 1–50.
    pub validity_years: u32,
    /// Hours of continuing education that a renewal demands for each full year of the period before, 0–1000; 0: none.
    pub continuing_hours_per_year: u32,
    /// Whether a certificate is issued only to who passed an examination that is recorded.
    pub examination_required: bool,
    /// How many days before the last day of validity reminders are given, each 0–3650.
    pub reminder_days: Vec<i64>,
}

/// Deadlines and work queues.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewSettings {
    /// Days before a contract's last day from which it stands in the queue `due_soon`, 0–365.
    pub due_soon_days: i64,
    /// Days before (past, where negative) a contract's last day at which notices are given, each −3650–365.
    pub deadline_notice_days: Vec<i64>,
    /// Days after which a claimed contract goes back to the submitted ones, 0–3650; 0: never.
    pub release_after_days: i64,
    /// Minutes between two runs of what the server does by itself, 0–10080; 0: it does nothing by itself.
    pub sweep_minutes: u64,
}

/// Checking published reports.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckSettings {
    /// The share of a report's numbers, 0–100 percent, that must be understood for the result to count; 0: any.
    pub min_coverage_percent: u32,
}

/// The HTTP server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Threads that answer requests.
    pub workers: usize,
    /// Address under which the office's people and the public reach the server: in QR codes and links.
    pub public_url: String,
    /// Largest JSON body, bytes.
    pub max_body_bytes: usize,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How long a request may take once it has arrived, seconds, 1–3600.
    pub request_seconds: u64,
    /// How long a request's head may take to arrive, seconds, 1–600.
    pub head_seconds: u64,
    /// How long a connection may lie idle between two requests, seconds, 1–3600.
    pub idle_seconds: u64,
    /// How long a request's body may take to arrive, seconds, 1–3600, and longer by what it has sent …
    pub body_seconds: u64,
    /// … at so many bytes a second.
    pub body_bytes_per_second: std::num::NonZeroU64,
    /// Connections at most.
    pub connections: std::num::NonZeroUsize,
    /// Connections of one address at most; a trusted proxy's are not counted.
    pub connections_per_address: std::num::NonZeroUsize,
    /// Files and connections that the process may have open, as far as the system allows it.
    pub open_files: u64,
    /// Whether the documentation of the interface is open to who is not logged in.
    pub public_docs: bool,
}

impl ServerSettings {
    /// Whether people reach the server by TLS: its own address says so.
    pub fn is_behind_tls(&self) -> bool {
        self.public_url
            .get(..6)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }
}

/// The store.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreSettings {
    /// Connections for daily reading.
    pub connections: u32,
    /// Connections for long reading.
    pub long_connections: u32,
    /// How long anything waits for its turn at the store, seconds; a request no longer than its own deadline.
    pub wait_seconds: u64,
    /// Room on the disks of store and files below which the program is not ready, bytes.
    pub free_bytes: u64,
}

/// Heavy work: documents, exports, checks of reports and of years, pivots, closing, verification.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkSettings {
    /// How much is done at once.
    pub at_once: std::num::NonZeroUsize,
    /// How much of it one person's.
    pub per_person: std::num::NonZeroUsize,
    /// How long each may take, seconds, 1–86400.
    pub seconds: u64,
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockSettings {
    /// Hours by which it may go forward without that time having passed; 1–8760.
    pub halt_after_hours: u32,
}

/// Signed ends of the ledgers, kept where whoever owns the database cannot reach.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointSettings {
    /// The keys that sign them, apart from the store.
    pub key_file: PathBuf,
    /// Hours between two that the sweep makes, 0–8760; 0: none.
    pub every_hours: u32,
    /// Folder that each is written to; empty for none.
    pub folder: PathBuf,
    /// Addresses that each is mailed to.
    pub mail_to: Vec<String>,
    /// Address that each is sent to by POST; empty for none.
    pub url: String,
    /// The whole of one sending over HTTP, seconds, 1–600.
    pub timeout_seconds: u64,
}

impl CheckpointSettings {
    /// Whether there is anywhere to take them.
    pub fn goes_anywhere(&self) -> bool {
        !self.folder.as_os_str().is_empty() || !self.mail_to.is_empty() || !self.url.is_empty()
    }
}

/// Files beside the store: attachments.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSettings {
    /// Folder of the files; empty: `files` beside an embedded store's file, `data/files` for a server's.
    pub folder: String,
    /// Largest file, bytes.
    pub max_bytes: u64,
    /// Attachments of one contract at most.
    pub max_per_contract: i64,
    /// Bytes at most that the parts of a file which is a ZIP archive (DOCX, XLSX, OFD) come to when they are unpacked.
    pub max_unpacked_bytes: u64,
    /// Socket of clamd, which looks at every attachment: a path, or `tcp://host:port`. Empty: none does.
    pub virus_scanner: String,
    /// Seconds for which it may keep silent.
    pub virus_scanner_seconds: u64,
    /// How old a file must be before it is taken for one that belongs to nothing, seconds.
    pub orphan_seconds: i64,
}

/// Imports over HTTP.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportSettings {
    /// Days for which an imported file and its list of errors are kept once the import is over, 1–3650.
    pub keep_days: i64,
    /// Imports of one person that may wait or run at a time, 1–100.
    pub max_open: i64,
}

/// Documents.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentSettings {
    /// Folder of fonts beside those of the system.
    #[serde(default, deserialize_with = "folder")]
    pub fonts_folder: Option<PathBuf>,
    /// Whether the register holds made-up records, which every report then says first.
    pub made_up_records: bool,
}

/// The public page on which a certificate is verified.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifySettings {
    /// Requests of one address in a minute.
    pub per_minute: std::num::NonZeroU32,
    /// Requests of one address at once, after a pause.
    pub burst: std::num::NonZeroU32,
}

/// A path; an empty one is none.
fn folder<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    Ok(Some(path).filter(|p| !p.as_os_str().is_empty()))
}

/// Logging.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    /// Text for people or JSON for machines.
    pub format: LogFormat,
    /// Directives of `tracing-subscriber`.
    pub filter: String,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is wrong with the settings or the data files.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key or value.
    #[error("配置错误：{0}")]
    Settings(String),
    /// A data file that cannot be read.
    #[error("无法读取数据文件 {}：{}", .0.display(), crate::domain::file_fault::words(.1))]
    Unreadable(PathBuf, std::io::Error),
    /// A data file of the wrong form.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

/// What is wrong with the sources, without what stands in them: a line that is quoted, or a value that is of the wrong kind, may be a
/// password.
fn without_values(error: &config::ConfigError) -> String {
    match error {
        config::ConfigError::Type { key, expected, .. } => {
            let key = key.as_deref().unwrap_or("（未知设置项）");
            format!("{key} 的类型不对，应为 {expected}（文字须加引号）")
        }
        config::ConfigError::At { error, key, .. } => {
            let key = key.as_deref().unwrap_or("（未知设置项）");
            format!("{key}：{}", without_values(error))
        }
        other => {
            let told = other.to_string();
            let lines = told.lines().filter(|line| {
                let line = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
                !line.trim_start().starts_with('|')
            });
            lines.collect::<Vec<_>>().join(" ")
        }
    }
}

impl Settings {
    /// Reads the settings: defaults < `file` < `DENGJI_*` of the environment.
    ///
    /// # Errors
    /// An unknown key (named), a value of the wrong form, a file that is not there.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut environment = std::collections::HashMap::new();
        for (key, value) in std::env::vars_os() {
            let Some(key) = key.to_str().filter(|k| k.starts_with("DENGJI_")) else {
                continue;
            };
            let value = value
                .into_string()
                .map_err(|_| ConfigError::Settings(format!("环境变量 {key} 不是 UTF-8 文本")))?;
            environment.insert(key.to_owned(), value);
        }
        Self::from_sources(file, environment)
    }

    /// As [`Self::load`], with the environment handed in.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn from_sources(
        file: Option<&Path>,
        environment: std::collections::HashMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let mut builder = config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(path) = file {
            builder = builder.add_source(File::from(path).format(FileFormat::Toml));
        }
        let environment = Environment::with_prefix("DENGJI")
            .prefix_separator("_")
            .separator("__")
            .try_parsing(true)
            .list_separator(",")
            .with_list_parse_key("server.trusted_proxies")
            .with_list_parse_key("registrars.reminder_days")
            .with_list_parse_key("review.deadline_notice_days")
            .source(Some(environment));
        let settings: Self = builder
            .add_source(environment)
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|e| ConfigError::Settings(without_values(&e)))?;
        settings.auth.password.check()?;
        settings.check_ranges()?;
        Ok(settings)
    }

    fn check_ranges(&self) -> Result<(), ConfigError> {
        let Self {
            registrars: of_registrars,
            review,
            ..
        } = self;
        let within = |name: &str, value: i64, range: std::ops::RangeInclusive<i64>| {
            if range.contains(&value) {
                return Ok(());
            }
            let (from, to) = range.into_inner();
            Err(ConfigError::Settings(format!(
                "{name} 应为 {from} 至 {to} 的整数，现为 {value}"
            )))
        };
        within("registrars.validity_years", of_registrars.validity_years.into(), 1..=50)?;
        let hours = of_registrars.continuing_hours_per_year.into();
        within("registrars.continuing_hours_per_year", hours, 0..=1000)?;
        for days in &of_registrars.reminder_days {
            within("registrars.reminder_days", *days, 0..=3650)?;
        }
        within("auth.first_password_days", self.auth.first_password_days, 0..=3650)?;
        let throttle = &self.auth.throttle;
        within("auth.throttle.first_seconds", throttle.first_seconds, 1..=86_400)?;
        within("auth.throttle.longest_seconds", throttle.longest_seconds, 1..=86_400)?;
        within("imports.keep_days", self.imports.keep_days, 1..=3650)?;
        within("imports.max_open", self.imports.max_open, 1..=100)?;
        within("review.due_soon_days", review.due_soon_days, 0..=365)?;
        within(
            "check.min_coverage_percent",
            i64::from(self.check.min_coverage_percent),
            0..=100,
        )?;
        for days in &review.deadline_notice_days {
            within("review.deadline_notice_days", *days, -3650..=365)?;
        }
        within("review.release_after_days", review.release_after_days, 0..=3650)?;
        let minutes = i64::try_from(review.sweep_minutes).unwrap_or(i64::MAX);
        within("review.sweep_minutes", minutes, 0..=10_080)?;
        let seconds = |name, value: u64, most| within(name, i64::try_from(value).unwrap_or(i64::MAX), 1..=most);
        seconds("server.request_seconds", self.server.request_seconds, 3600)?;
        seconds("server.head_seconds", self.server.head_seconds, 600)?;
        seconds("server.idle_seconds", self.server.idle_seconds, 3600)?;
        seconds("server.body_seconds", self.server.body_seconds, 3600)?;
        let checkpoints = &self.checkpoints;
        within("checkpoints.every_hours", checkpoints.every_hours.into(), 0..=8760)?;
        seconds("checkpoints.timeout_seconds", checkpoints.timeout_seconds, 600)?;
        seconds("work.seconds", self.work.seconds, 86_400)
    }

    /// The code lists, rule sets and calendars: the built-in ones, those of `data_folder` on top.
    ///
    /// # Errors
    /// A file that cannot be read or is not of its form.
    pub fn catalogue(&self) -> Result<Catalogue, ConfigError> {
        let mut files: Vec<(String, String)> = EMBEDDED
            .iter()
            .map(|(n, t)| ((*n).to_owned(), (*t).to_owned()))
            .collect();
        if !self.data_folder.is_empty() {
            for folder in ["code-lists", "rules", "calendars"] {
                read_folder(Path::new(&self.data_folder), folder, &mut files)?;
            }
        }
        Ok(Catalogue::parse(files.iter().map(|(n, t)| (n.as_str(), t.as_str())))?)
    }

    /// The office's own `report.toml`, where its data folder has one.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub fn report_file(&self) -> Result<Option<String>, ConfigError> {
        let path = Path::new(&self.data_folder).join("report.toml");
        if self.data_folder.is_empty() || !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path).map_err(|e| ConfigError::Unreadable(path, e))?;
        Ok(Some(text))
    }
}

fn read_folder(root: &Path, folder: &str, files: &mut Vec<(String, String)>) -> Result<(), ConfigError> {
    let path = root.join(folder);
    if !path.is_dir() {
        return Ok(());
    }
    let unreadable = |e| ConfigError::Unreadable(path.clone(), e);
    let mut found = std::fs::read_dir(&path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable)?;
    found.sort_by_key(std::fs::DirEntry::file_name);
    for entry in found {
        let text = std::fs::read_to_string(entry.path()).map_err(|e| ConfigError::Unreadable(entry.path(), e))?;
        files.push((format!("{folder}/{}", entry.file_name().to_string_lossy()), text));
    }
    Ok(())
}

/// The catalogue as it comes with the program.
///
/// # Errors
/// Where a file under `config/` is not of its form; a test holds that none is.
pub fn embedded_catalogue() -> Result<Catalogue, CatalogueError> {
    Catalogue::parse(EMBEDDED.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        Settings::from_sources(None, pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect())
    }

    #[test]
    fn the_environment_overrides_the_defaults() {
        let settings = with(&[
            ("DENGJI_DATABASE_URL", "sqlite:/tmp/x"),
            ("DENGJI_SERVER__LISTEN", "127.0.0.1:9999"),
            ("DENGJI_AUTH__THROTTLE__ACCOUNT_FAILURES", "3"),
            ("DENGJI_SERVER__TRUSTED_PROXIES", "127.0.0.1,10.0.0.1"),
        ])
        .unwrap();
        assert_eq!(settings.database_url, "sqlite:/tmp/x");
        assert_eq!(settings.server.listen.port(), 9999);
        assert_eq!(settings.auth.throttle.account_failures, 3);
        assert_eq!(settings.server.trusted_proxies.len(), 2);
        assert_eq!(settings.auth.access_token_seconds, 900);
    }

    #[test]
    fn days_come_as_lists_and_within_their_ranges() {
        let settings = with(&[
            ("DENGJI_REGISTRARS__REMINDER_DAYS", "45,5"),
            ("DENGJI_REVIEW__DEADLINE_NOTICE_DAYS", "2,-2"),
        ])
        .unwrap();
        assert_eq!(settings.registrars.reminder_days, [45, 5]);
        assert_eq!(settings.review.deadline_notice_days, [2, -2]);
        assert_eq!(with(&[]).unwrap().registrars.reminder_days, [90, 60, 30, 7]);
        let error = with(&[("DENGJI_REGISTRARS__VALIDITY_YEARS", "0")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("validity_years"), "{error}");
        assert!(with(&[("DENGJI_REVIEW__DEADLINE_NOTICE_DAYS", "400")]).is_err());
    }

    #[test]
    fn a_file_stands_between_and_an_unknown_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dengji.toml");
        std::fs::write(&file, "[server]\nlisten = \"0.0.0.0:80\"\n").unwrap();
        assert_eq!(
            Settings::from_sources(Some(&file), Default::default())
                .unwrap()
                .server
                .listen
                .port(),
            80
        );
        std::fs::write(&file, "[server]\nlisten_on = \"0.0.0.0:80\"\n").unwrap();
        let error = Settings::from_sources(Some(&file), Default::default())
            .unwrap_err()
            .to_string();
        assert!(error.contains("listen_on"), "{error}");
        let error = with(&[("DENGJI_SERVER__COLOUR", "red")]).unwrap_err().to_string();
        assert!(error.contains("colour"), "{error}");
        let error = with(&[("DENGJI_COLOUR", "red")]).unwrap_err().to_string();
        assert!(error.contains("colour"), "{error}");
    }

    #[test]
    fn a_password_policy_is_chosen_and_its_numbers_have_bounds() {
        let settings = with(&[("DENGJI_AUTH__PASSWORD__POLICY", "djbh")]).unwrap();
        assert_eq!(settings.auth.password.policy, PasswordPolicy::Djbh);
        assert_eq!(settings.auth.password.max_age_days(), Some(90));
        assert_eq!(with(&[]).unwrap().auth.password.max_age_days(), None);
        for (key, value) in [
            ("POLICY", "none"),
            ("NIST__MIN_CHARS", "14"),
            ("DJBH__MIN_CHARS", "7"),
            ("DJBH__KINDS", "5"),
            ("DJBH__MAX_AGE_DAYS", "0"),
            ("DJBH__HISTORY", "-1"),
            ("DJBH__COLOUR", "1"),
        ] {
            assert!(
                with(&[(&format!("DENGJI_AUTH__PASSWORD__{key}"), value)]).is_err(),
                "{key}"
            );
        }
    }

    #[test]
    fn an_office_adds_its_own_calendar() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("calendars")).unwrap();
        std::fs::write(
            folder.path().join("calendars/2027.csv"),
            "date,kind\n2027-01-01,holiday\n",
        )
        .unwrap();
        let settings = with(&[("DENGJI_DATA_FOLDER", folder.path().to_str().unwrap())]).unwrap();
        let catalogue = settings.catalogue().unwrap();
        assert!(catalogue.calendar().has_year(2027) && catalogue.calendar().has_year(2025));
    }

    #[test]
    fn an_office_sets_its_own_amount_from_which_experts_are_required() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("rules")).unwrap();
        let rules =
            include_str!("../config/rules/r2026.toml").replace("share = [2, 3]", "share = [2, 3]\nfrom_fen = 500");
        std::fs::write(folder.path().join("rules/r2026.toml"), rules).unwrap();
        let settings = with(&[("DENGJI_DATA_FOLDER", folder.path().to_str().unwrap())]).unwrap();
        let catalogue = settings.catalogue().unwrap();
        let required = |id: &str| catalogue.rule_set(id).unwrap().expert_review.from_fen;
        assert_eq!((required("r2026"), required("r2001")), (Some(500), None));
    }
}
