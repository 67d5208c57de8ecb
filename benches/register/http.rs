//! A client that costs next to nothing: one connection kept alive, requests written as they are, answers read by their length.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::{Value, json};

use crate::Failure;

/// A connection, and what tells whoever uses it.
pub struct Client {
    stream: BufReader<TcpStream>,
    /// At the API.
    token: String,
    /// At the pages: name and value.
    cookies: BTreeMap<String, String>,
}

/// What came back.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON, where the status is the one expected.
    pub fn json(&self, status: u16) -> Result<Value, Failure> {
        if self.status != status {
            return Err(format!("{}: {}", self.status, String::from_utf8_lossy(&self.body)).into());
        }
        Ok(serde_json::from_slice(&self.body)?)
    }
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(600)))?;
        Ok(Self {
            stream: BufReader::new(stream),
            token: String::new(),
            cookies: BTreeMap::new(),
        })
    }

    /// Logs in.
    pub fn log_in(&mut self, name: &str, password: &str) -> Result<(), Failure> {
        let body = json!({"username": name, "password": password}).to_string();
        let tokens = self.send("POST", "/api/v1/auth/login", None, &body)?.json(200)?;
        self.token = tokens
            .get("access_token")
            .and_then(Value::as_str)
            .ok_or("no access token")?
            .to_owned();
        Ok(())
    }

    /// Logs in at the pages.
    pub fn log_in_at_the_pages(&mut self, name: &str, password: &str) -> Result<(), Failure> {
        let page = String::from_utf8(self.send("GET", "/login", None, "")?.body)?;
        let token = page
            .split_once("name=\"_token\" value=\"")
            .and_then(|(_, rest)| rest.split('"').next())
            .ok_or("a log-in page without its token")?;
        let form = format!("_token={token}&username={name}&password={password}&next=/&typed=");
        let answer = self.send_as("application/x-www-form-urlencoded", "POST", "/login", None, &form)?;
        match answer.status {
            303 => Ok(()),
            status => Err(format!("{name} did not get in: {status}").into()),
        }
    }

    /// One request and its answer. `version` goes into `If-Match`.
    pub fn send(&mut self, method: &str, path: &str, version: Option<i64>, body: &str) -> Result<Answer, Failure> {
        self.send_as("application/json", method, path, version, body)
    }

    /// The same with a body of another type.
    pub fn send_as(
        &mut self,
        media_type: &str,
        method: &str,
        path: &str,
        version: Option<i64>,
        body: &str,
    ) -> Result<Answer, Failure> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: bench\r\n");
        if !self.token.is_empty() {
            request.push_str("Authorization: Bearer ");
            request.push_str(&self.token);
            request.push_str("\r\n");
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request.push_str(&format!("Cookie: {}\r\n", cookies.join("; ")));
        }
        if let Some(version) = version {
            request.push_str(&format!("If-Match: \"{version}\"\r\n"));
        }
        if !body.is_empty() {
            request.push_str(&format!(
                "Content-Type: {media_type}\r\nContent-Length: {}\r\n",
                body.len()
            ));
        }
        request.push_str("\r\n");
        request.push_str(body);
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Answer, Failure> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).ok_or("no status line")?.parse()?;
        let mut length = None;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse()?);
            }
            if name.eq_ignore_ascii_case("set-cookie")
                && let Some((cookie, value)) = value.trim().split(';').next().and_then(|pair| pair.split_once('='))
            {
                self.cookies.insert(cookie.to_owned(), value.to_owned());
            }
        }
        let mut body = vec![0; length.ok_or("an answer without a length")?];
        self.stream.read_exact(&mut body)?;
        Ok(Answer { status, body })
    }
}
