//! Mail servers on the loopback: a real one (aiosmtpd), and one that misbehaves on cue.

use super::program::{Running, arg, eventually, free_port};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tallyward_core::testkit::skipped;

/// The server: one file a message, the envelope on its first two lines, named by its turn.
const SERVER: &str = include_str!("mail_server.py");

/// A real mail server that keeps what it is given in a folder.
pub struct MailServer {
    _process: Running,
    /// Where it listens.
    pub port: u16,
    folder: PathBuf,
}

/// A message as the server took it.
pub struct Received {
    /// Envelope sender and recipients (RFC 5321 2.3.1).
    pub from: String,
    pub to: String,
    /// The message, lines ended by CR LF.
    pub message: Vec<u8>,
}

impl MailServer {
    /// Starts it with its messages in `folder`; each takes `delay` seconds. `None`, said loudly, when Python or
    /// its module is missing.
    pub fn start(folder: &Path, delay: f64) -> Option<Self> {
        let speaks = Command::new("python3")
            .args(["-c", "import aiosmtpd"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !speaks {
            skipped("python3 with the module aiosmtpd is not installed");
            return None;
        }
        let (folder, port) = (folder.to_owned(), free_port());
        std::fs::create_dir_all(&folder).unwrap();
        let script = folder.join("server.py");
        std::fs::write(&script, SERVER).unwrap();
        let mut command = Command::new("python3");
        command.args([arg(&script), &port.to_string(), arg(&folder), &delay.to_string()]);
        let process = Running::start(command);
        eventually("the mail server", || TcpStream::connect(("127.0.0.1", port)).ok());
        Some(Self { _process: process, port, folder })
    }

    /// What it took so far, in order.
    pub fn received(&self) -> Vec<Received> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
            .collect();
        names.sort();
        names.iter().map(|path| read(&std::fs::read(path).unwrap())).collect()
    }
}

fn read(bytes: &[u8]) -> Received {
    let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
    let mut next = || String::from_utf8(lines.next().unwrap().to_vec()).unwrap();
    let (from, to) = (next(), next());
    Received { from, to, message: lines.next().unwrap().to_vec() }
}

/// A message parsed by Python's own reader, apart from the library that wrote it: headers and the plain text.
pub fn parsed(message: &[u8]) -> (serde_json::Value, String) {
    const READER: &str = "import email,email.policy,json,sys\n\
        m=email.message_from_bytes(sys.stdin.buffer.read(),policy=email.policy.default)\n\
        b=m.get_body(('plain',))\n\
        print(json.dumps({'headers':{k.lower():str(v) for k,v in m.items()},\
        'defects':[str(d) for d in m.defects],'text':b.get_content()}))";
    let mut child = Command::new("python3")
        .args(["-c", READER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(message).unwrap();
    let output = child.wait_with_output().unwrap();
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = value["text"].as_str().unwrap().to_owned();
    (value, text)
}

/// How a misbehaving server ends the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This reply to RCPT TO.
    Recipient(&'static str),
    /// This reply to the end of the data.
    Data(&'static str),
    /// Gone after some lines of the data.
    CutInData,
    /// Gone after the last line of the data, before its answer.
    CutBeforeAnswer,
    /// Gone after the greeting.
    CutAtHello,
    /// The first line is a refusal.
    Busy,
}

/// Listens for one conversation that goes wrong so. The receiver tells whether the whole message arrived.
pub fn faulty(fault: Fault) -> (u16, Receiver<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let whole = converse(&stream, fault).unwrap_or(false);
        let _ = stream.shutdown(std::net::Shutdown::Both);
        let _ = tell.send(whole);
    });
    (port, told)
}

fn converse(mut stream: &TcpStream, fault: Fault) -> std::io::Result<bool> {
    let mut lines = BufReader::new(stream).lines();
    if fault == Fault::Busy {
        stream.write_all(b"421 too busy\r\n")?;
        return Ok(false);
    }
    stream.write_all(b"220 test\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match (verb.as_str(), fault) {
            ("EHLO" | "HELO", Fault::CutAtHello) => return Ok(false),
            ("RCPT", Fault::Recipient(reply)) => write!(stream, "{reply}\r\n")?,
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n")?;
                let mut seen = 0;
                for line in lines.by_ref() {
                    seen += 1;
                    if line? == "." {
                        break;
                    }
                    if fault == Fault::CutInData && seen == 4 {
                        return Ok(false);
                    }
                }
                match fault {
                    Fault::Data(reply) => write!(stream, "{reply}\r\n")?,
                    Fault::CutBeforeAnswer => return Ok(true),
                    _ => stream.write_all(b"250 taken\r\n")?,
                }
            }
            ("QUIT", _) => {
                stream.write_all(b"221 bye\r\n")?;
                return Ok(true);
            }
            _ => stream.write_all(b"250 yes\r\n")?,
        }
    }
    Ok(true)
}
