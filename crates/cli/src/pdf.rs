//! PDF files are read by the program itself as another process, which the system ends when it takes too much.

use std::io::{Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tallyward_app::ports::PdfReader;

/// The longest that reading one file may take.
const LONGEST: Duration = Duration::from_secs(20);
/// The most text taken from it; a letter keeps less.
const MOST: u64 = 1 << 20;

/// Reads PDF files in a process of its own.
pub struct OwnProcess;

impl PdfReader for OwnProcess {
    fn text(&self, pdf: &[u8]) -> Result<String, String> {
        let away = |error: std::io::Error| format!("its text could not be read here ({error})");
        let program = std::env::current_exe().map_err(away)?;
        let mut child = Command::new(program)
            .arg("pdf-text")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(away)?;
        let (input, pdf) = (child.stdin.take(), pdf.to_vec());
        // It may end before it has read everything; what became of it, its exit says.
        let giving = thread::spawn(move || input.map(|mut input| input.write_all(&pdf)));
        let text = taking(child.stdout.take());
        let why = taking(child.stderr.take());
        let done = wait(&mut child);
        let _ = giving.join();
        let (text, why) = (text.join().unwrap_or_default(), why.join().unwrap_or_default());
        if done {
            return Ok(text);
        }
        let why = why.lines().next().and_then(|line| line.strip_prefix("tallyward: ")).map(str::to_owned);
        Err(why.unwrap_or_else(|| "reading it took more memory or time than is allowed".to_owned()))
    }
}

/// Whether it ended well, in time.
#[expect(
    clippy::disallowed_methods,
    reason = "how long another process takes is measured, nothing of the house"
)]
fn wait(child: &mut Child) -> bool {
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if begun.elapsed() < LONGEST => thread::sleep(Duration::from_millis(5)),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

/// Reads a pipe to its end, at most [`MOST`] bytes.
fn taking(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            let _ = pipe.take(MOST).read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
