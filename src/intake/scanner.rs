//! A virus scanner beside this program: clamd, asked over its socket (`INSTREAM`). Off unless the settings name it; while it does not
//! answer nothing is taken.

use std::{
    fs::File,
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs as _},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use crate::domain::attachment::Rejected;

/// Bytes of a piece; clamd takes pieces of any size.
const PIECE_BYTES: usize = 64 * 1024;

/// The longest answer; the name of what was found is in it.
const MAX_ANSWER: usize = 4096;

/// Where the scanner listens: a path of a socket, or `tcp://host:port`; and how long it may keep silent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanner {
    /// As in the settings.
    pub address: String,
    /// Longest wait for each piece and for the answer.
    pub patience: Duration,
}

trait Line: Read + Write {}
impl<T: Read + Write> Line for T {}

impl Scanner {
    /// The scanner that the settings name; none where `address` is empty.
    pub fn of(address: &str, seconds: u64) -> Option<Self> {
        (!address.is_empty()).then(|| Self {
            address: address.to_owned(),
            patience: Duration::from_secs(seconds.max(1)),
        })
    }

    fn connect(&self) -> io::Result<Box<dyn Line>> {
        let patience = Some(self.patience);
        if let Some(host) = self.address.strip_prefix("tcp://") {
            let address = host.to_socket_addrs()?.next();
            let address = address.ok_or_else(|| io::Error::other("the address of the scanner leads nowhere"))?;
            let line = TcpStream::connect_timeout(&address, self.patience)?;
            line.set_read_timeout(patience)?;
            line.set_write_timeout(patience)?;
            return Ok(Box::new(line));
        }
        let line = UnixStream::connect(&self.address)?;
        line.set_read_timeout(patience)?;
        line.set_write_timeout(patience)?;
        Ok(Box::new(line))
    }

    /// Asks about the file at `path`.
    ///
    /// # Errors
    /// Something was found; the scanner does not answer, or answers what nobody understands.
    pub fn scan(&self, path: &Path) -> Result<(), Rejected> {
        let answer = self.ask(path).map_err(|error| {
            tracing::warn!(%error, address = self.address, "the virus scanner does not answer");
            let detail = "病毒扫描服务没有应答，暂不能接收文件，请稍后再试或联系管理员。";
            ("scanner_unavailable", detail.to_owned())
        })?;
        let verdict = answer.trim_matches(['\0', '\n', ' ']);
        let verdict = verdict.split_once(": ").map_or(verdict, |(_, verdict)| verdict);
        if verdict == "OK" {
            return Ok(());
        }
        if let Some(found) = verdict.strip_suffix(" FOUND") {
            let name: String = found.chars().filter(|c| c.is_ascii_graphic()).take(80).collect();
            return Err(("file_infected", format!("病毒扫描发现“{name}”，文件已拒绝。")));
        }
        tracing::warn!(answer = verdict, "the virus scanner could not look at a file");
        let detail = "病毒扫描服务无法检查该文件，已拒绝；请联系管理员。";
        Err(("scanner_unavailable", detail.to_owned()))
    }

    fn ask(&self, path: &Path) -> io::Result<String> {
        let mut file = File::open(path)?;
        let mut line = self.connect()?;
        line.write_all(b"zINSTREAM\0")?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let n = file.read(&mut piece)?;
            let length = u32::try_from(n).map_err(io::Error::other)?;
            line.write_all(&length.to_be_bytes())?;
            if n == 0 {
                break;
            }
            line.write_all(piece.get(..n).unwrap_or_default())?;
        }
        line.flush()?;
        let mut answer = Vec::new();
        while !answer.contains(&0) && answer.len() < MAX_ANSWER {
            match line.read(&mut piece)? {
                0 => break,
                n => answer.extend_from_slice(piece.get(..n).unwrap_or_default()),
            }
        }
        if answer.is_empty() {
            return Err(io::Error::other("the scanner said nothing"));
        }
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::TcpListener,
        os::unix::net::UnixListener,
        thread::{self, JoinHandle},
    };

    use super::*;

    /// Reads what a client sends as clamd does, and gives an answer; what it was sent.
    fn answer(mut line: impl Read + Write, answer: &[u8]) -> Vec<u8> {
        let mut command = [0; 10];
        line.read_exact(&mut command).unwrap();
        assert_eq!(&command, b"zINSTREAM\0");
        let mut content = Vec::new();
        loop {
            let mut length = [0; 4];
            line.read_exact(&mut length).unwrap();
            let length = u32::from_be_bytes(length) as usize;
            if length == 0 {
                break;
            }
            let mut piece = vec![0; length];
            line.read_exact(&mut piece).unwrap();
            content.extend(piece);
        }
        line.write_all(answer).unwrap();
        content
    }

    fn clamd(folder: &Path, said: &'static [u8]) -> (Scanner, JoinHandle<Vec<u8>>) {
        let socket = folder.join("clamd.ctl");
        let listener = UnixListener::bind(&socket).unwrap();
        let served = thread::spawn(move || answer(listener.accept().unwrap().0, said));
        (Scanner::of(socket.to_str().unwrap(), 5).unwrap(), served)
    }

    #[test]
    fn files_are_taken_as_the_scanner_says() {
        let content = b"content ".repeat(20_000);
        for (said, code) in [
            (&b"stream: OK\0"[..], None),
            (b"stream: Eicar-Test-Signature FOUND\0", Some("file_infected")),
            (b"INSTREAM size limit exceeded. ERROR\0", Some("scanner_unavailable")),
            (b"stream: OK FOUND\0", Some("file_infected")),
            (b"", Some("scanner_unavailable")),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("x.pdf");
            std::fs::write(&file, &content).unwrap();
            let (scanner, served) = clamd(folder.path(), said);
            assert_eq!(scanner.scan(&file).err().map(|(code, _)| code), code);
            assert!(served.join().unwrap() == content);
        }
    }

    #[test]
    fn a_scanner_over_tcp_answers_too_and_one_that_is_not_there_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scanner = Scanner::of(&format!("tcp://{}", listener.local_addr().unwrap()), 5).unwrap();
        let served = thread::spawn(move || answer(listener.accept().unwrap().0, b"stream: OK\0"));
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(scanner.scan(file.path()), Ok(()));
        served.join().unwrap();
        let silent = Scanner::of("/nowhere/clamd.ctl", 1).unwrap();
        assert_eq!(silent.scan(file.path()).unwrap_err().0, "scanner_unavailable");
        assert_eq!(Scanner::of("", 1), None);
    }
}
