//! `tallyward pdf-text`: the text of a PDF file, read in a process that the system ends when it takes too much.

use crate::exit::{DONE, Failure, Outcome};
use std::io::{Read as _, Write as _};
use tallyward_advisories::{MAX_LETTER_BYTES, pdf_text};

/// Bytes of address space; the allocator reserves a part of it from the start.
#[cfg(unix)]
const MEMORY: u64 = 3 << 30;
/// Seconds on a processor.
#[cfg(unix)]
const SECONDS: u64 = 8;

pub fn run() -> Outcome {
    limit()?;
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(MAX_LETTER_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::input(format!("failed to read standard input: {error}")))?;
    if bytes.len() > MAX_LETTER_BYTES {
        return Err(Failure::input("it is larger than 20 MB"));
    }
    let text = pdf_text(bytes).map_err(Failure::input)?;
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::away(format!("failed to write to standard output: {error}")))?;
    Ok(DONE)
}

#[cfg(unix)]
fn limit() -> Result<(), Failure> {
    use rlimit::Resource;
    for (resource, most) in [(Resource::AS, MEMORY), (Resource::CPU, SECONDS), (Resource::CORE, 0)] {
        rlimit::setrlimit(resource, most, most)
            .map_err(|error| Failure::away(format!("failed to set a limit: {error}")))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn limit() -> Result<(), Failure> {
    Err(Failure::away("this system gives no limits to a process, so PDF files are not read"))
}
