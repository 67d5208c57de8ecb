//! Requests as any client sends them.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use ureq::{Agent, Body, http::Response};

/// Someone at the API, logged in or not.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    token: Option<String>,
    papers: Option<Papers>,
}

/// Puts what a submission needs beside a contract that was just entered, behind the program's back; the contract's key.
pub type Papers = Arc<dyn Fn(i64) + Send + Sync>;

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub text: String,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("no JSON ({e}): {} {}", self.status, self.text))
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// The body as JSON, the status being `status`.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The body as a problem of a kind, the status being `status`.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, kind: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{body}");
        assert_eq!(body["type"], format!("urn:dengji:problem:{kind}"), "{body}");
        assert_eq!(body["status"], status, "{body}");
        assert!(body["detail"].as_str().is_some_and(|d| !d.is_empty()), "{body}");
        body
    }

    /// The pointers of a problem's wrong fields, sorted.
    pub fn pointers(&self) -> Vec<String> {
        let mut pointers: Vec<String> = self.json()["errors"]
            .as_array()
            .map(|errors| {
                errors
                    .iter()
                    .map(|e| e["pointer"].as_str().unwrap().to_owned())
                    .collect()
            })
            .unwrap_or_default();
        pointers.sort();
        pointers.dedup();
        pointers
    }
}

impl Client {
    pub fn new(base: &str) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .build()
            .into();
        Self {
            agent,
            base: base.to_owned(),
            token: None,
            papers: None,
        }
    }

    /// The same client; contracts that it enters are given `papers`.
    pub fn with_papers(&self, papers: Papers) -> Self {
        Self {
            papers: Some(papers),
            ..self.clone()
        }
    }

    /// The same client; contracts that it enters have no attachment until one is added.
    pub fn without_papers(&self) -> Self {
        Self {
            papers: None,
            ..self.clone()
        }
    }

    /// The same client with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Any request; `headers` beside the token's, `body` as it is.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Reply {
        self.try_send(method, path, headers, body)
            .unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }

    /// As [`Self::send`], for a server that may go away.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Reply, ureq::Error> {
        let url = if ["/api", "/livez", "/readyz", "/verify"]
            .iter()
            .any(|start| path.starts_with(start))
        {
            format!("{}{path}", self.base)
        } else {
            format!("{}/api/v1{path}", self.base)
        };
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(bytes) => self.agent.run(request.body(bytes).expect("a request"))?,
            None => self.agent.run(request.body(()).expect("a request"))?,
        };
        let reply = read(response)?;
        if let Some(papers) = self
            .papers
            .as_ref()
            .filter(|_| method == "POST" && path == "/contracts" && reply.status == 201)
        {
            papers(reply.json()["id"].as_i64().unwrap());
        }
        Ok(reply)
    }

    /// Sends a form to a contract's attachments: parts are (name, name of the file, content).
    pub fn send_form(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        boundary: &str,
        parts: &[(&str, Option<&str>, &[u8])],
    ) -> Reply {
        let mut headers = headers.to_vec();
        let media_type = format!("multipart/form-data; boundary={boundary}");
        headers.push(("Content-Type", &media_type));
        self.send("POST", path, &headers, Some(&form(boundary, parts)))
    }

    /// Adds an attachment to a contract on the basis of a version.
    pub fn attach_at(&self, path: &str, version: i64, kind: &str, file_name: &str, content: &[u8]) -> Reply {
        let version = format!("\"{version}\"");
        let parts = [("kind", None, kind.as_bytes()), ("file", Some(file_name), content)];
        self.send_form(
            &format!("{path}/attachments"),
            &[("If-Match", &version)],
            "a-boundary",
            &parts,
        )
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None)
    }

    /// What lets a year be closed (`/statistics/annual/2025`) whatever of its checklist is not met: for each such item the reason.
    #[track_caller]
    pub fn overrides(&self, year: &str, reason: &str) -> Vec<Value> {
        let checklist = self.get(&format!("{year}/checklist")).expect(200);
        let items = checklist["items"].as_array().unwrap().iter();
        let failed = items.filter(|item| item["outcome"] == "failed");
        failed
            .map(|item| serde_json::json!({"item": item["item"], "reason": reason}))
            .collect()
    }

    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.with_body("POST", path, &[], body)
    }

    /// A change on the basis of a version.
    pub fn post_at(&self, path: &str, version: i64, body: &Value) -> Reply {
        self.with_body("POST", path, &[("If-Match", &format!("\"{version}\""))], body)
    }

    pub fn patch_at(&self, path: &str, version: i64, body: &Value) -> Reply {
        self.with_body("PATCH", path, &[("If-Match", &format!("\"{version}\""))], body)
    }

    /// Changes what is at `path` as it stands now.
    pub fn patch_now(&self, path: &str, body: &Value) -> Reply {
        self.patch_at(path, self.version_of(path), body)
    }

    /// Removes what is at `path` as it stands now.
    pub fn delete_now(&self, path: &str) -> Reply {
        self.delete_at(path, self.version_of(path))
    }

    /// The version of what is at `path`; 0 where there is nothing.
    fn version_of(&self, path: &str) -> i64 {
        let reply = self.get(path);
        match reply.status {
            200 => reply.json()["version"].as_i64().unwrap(),
            _ => 0,
        }
    }

    pub fn delete_at(&self, path: &str, version: i64) -> Reply {
        self.send("DELETE", path, &[("If-Match", &format!("\"{version}\""))], None)
    }

    pub fn with_body(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let mut headers = headers.to_vec();
        headers.push(("Content-Type", "application/json"));
        self.send(method, path, &headers, Some(body.to_string().as_bytes()))
    }

    /// Does an action on a contract as it is now; the contract after it.
    #[track_caller]
    pub fn act(&self, contract: &Value, action: &str, body: &Value) -> Value {
        self.try_act(contract, action, body).expect(200)
    }

    /// Tries an action on a contract as it is now.
    pub fn try_act(&self, contract: &Value, action: &str, body: &Value) -> Reply {
        let path = format!("/contracts/{}/{action}", contract["id"]);
        self.post_at(&path, contract["version"].as_i64().unwrap(), body)
    }
}

/// A form as it goes over the wire.
pub fn form(boundary: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, file_name, content) in parts {
        let file_name = file_name.map(|f| format!("; filename=\"{f}\"")).unwrap_or_default();
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n");
        bytes.extend([head.as_bytes(), content, b"\r\n"].concat());
    }
    bytes.extend(format!("--{boundary}--\r\n").into_bytes());
    bytes
}

fn read(mut response: Response<Body>) -> Result<Reply, ureq::Error> {
    let headers = response
        .headers()
        .iter()
        .map(|(n, v)| (n.to_string(), v.to_str().unwrap_or_default().to_owned()))
        .collect();
    let bytes = response.body_mut().with_config().limit(64 << 20).read_to_vec()?;
    Ok(Reply {
        status: response.status().as_u16(),
        headers,
        // Documents are no text; what can be read of them is.
        text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}
