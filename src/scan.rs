//! Asks a scanner whether a content is harmful: `clamd` by its INSTREAM command, over TCP or a unix socket.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Bytes sent at a time.
const CHUNK: usize = 64 * 1024;
/// Bytes of an answer at the most.
const ANSWER: u64 = 4096;

/// Where a scanner answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// Host and port.
    Tcp(String),
    /// A socket of this machine.
    Unix(PathBuf),
}

/// Who looks at what was uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Scanning {
    /// Nothing is said: nobody looks, and nothing is read.
    #[default]
    Unsaid,
    /// Said so: nobody looks, and everything is read.
    Nobody,
    /// A scanner.
    By(Scanner),
}

impl Scanning {
    /// What becomes of a file, in words.
    pub const fn says(&self) -> &'static str {
        match self {
            Self::Unsaid => "no scanner is named: nothing that is sent is read",
            Self::Nobody => "no scanner: all that is sent is read",
            Self::By(_) => "read once the scanner has looked",
        }
    }
}

impl TryFrom<String> for Scanning {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "none" {
            return Ok(Self::Nobody);
        }
        let by = match text.split_once("://") {
            Some(("tcp", address)) if address.contains(':') => Scanner::Tcp(address.to_owned()),
            Some(("unix", path)) if path.starts_with('/') => Scanner::Unix(path.into()),
            _ => return Err("a scanner is written tcp://HOST:PORT or unix:///PATH, or none"),
        };
        Ok(Self::By(by))
    }
}

/// What a scanner says of a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It knows of nothing.
    Clean,
    /// What it found, in its own words.
    Found(String),
}

/// Why a scanner said nothing that can be used.
#[derive(Debug, thiserror::Error)]
pub enum Away {
    /// It cannot be reached, or breaks off.
    #[error("it cannot be reached: {0}")]
    Gone(#[from] std::io::Error),
    /// It takes too long.
    #[error("it takes too long")]
    Slow,
    /// It answers, but neither that it found something nor that it did not.
    #[error("it does not say whether it found something")]
    Unclear,
}

impl Scanner {
    /// What it says of a content, within a time.
    ///
    /// # Errors
    /// If it says nothing that can be used: then nothing is known of the content.
    pub async fn look(&self, content: &[u8], patience: Duration) -> Result<Verdict, Away> {
        let asked = async {
            let answer = match self {
                Self::Tcp(address) => ask(tokio::net::TcpStream::connect(address).await?, content).await?,
                #[cfg(unix)]
                Self::Unix(path) => ask(tokio::net::UnixStream::connect(path).await?, content).await?,
                #[cfg(not(unix))]
                Self::Unix(_) => return Err(Away::Gone(std::io::ErrorKind::Unsupported.into())),
            };
            verdict(&answer).ok_or(Away::Unclear)
        };
        tokio::time::timeout(patience, asked).await.unwrap_or(Err(Away::Slow))
    }
}

/// The command, the content in pieces that say how long they are, one that is empty; then the answer.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, content: &[u8]) -> std::io::Result<String> {
    let sent = send(&mut stream, content).await;
    // a scanner that has heard enough says so and closes: then its answer counts, not that it could not be told all
    let mut answer = Vec::new();
    let read = stream.take(ANSWER).read_to_end(&mut answer).await;
    if answer.is_empty() {
        read?;
        sent?;
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), content: &[u8]) -> std::io::Result<()> {
    stream.write_all(b"zINSTREAM\0").await?;
    for piece in content.chunks(CHUNK) {
        stream.write_all(&u32::try_from(piece.len()).unwrap_or(0).to_be_bytes()).await?;
        stream.write_all(piece).await?;
    }
    stream.write_all(&[0; 4]).await?;
    stream.flush().await
}

/// Only what says plainly, and to its end, that nothing was found means so.
fn verdict(answer: &str) -> Option<Verdict> {
    let said = answer.strip_suffix('\0')?.strip_prefix("stream: ")?;
    match said.strip_suffix(" FOUND") {
        Some(what) => Some(Verdict::Found(what.to_owned())),
        None => (said == "OK").then_some(Verdict::Clean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_so_is_clean() {
        for (answer, said) in [
            ("stream: OK\0", Some(Verdict::Clean)),
            ("stream: Eicar-Test-Signature FOUND\0", Some(Verdict::Found("Eicar-Test-Signature".into()))),
            ("stream: OK FOUND\0", Some(Verdict::Found("OK".into()))),
            ("INSTREAM size limit exceeded. ERROR\0", None),
            ("stream: OK. ERROR\0", None),
            ("stream: OK", None),
            ("stream: OK\0stream: OK\0", None),
            ("OK", None),
            ("", None),
        ] {
            assert_eq!(verdict(answer), said, "{answer}");
        }
    }

    #[test]
    fn a_scanner_is_named_or_there_is_none() {
        let read = |text: &str| Scanning::try_from(text.to_owned());
        assert_eq!(read("none"), Ok(Scanning::Nobody));
        assert_eq!(read("tcp://scanner:3310"), Ok(Scanning::By(Scanner::Tcp("scanner:3310".into()))));
        assert_eq!(read("unix:///run/clamd.ctl"), Ok(Scanning::By(Scanner::Unix("/run/clamd.ctl".into()))));
        for text in ["", "None", "tcp://scanner", "unix://clamd.ctl", "http://scanner:3310", "scanner:3310"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
