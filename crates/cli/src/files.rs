//! Finding and reading the user's files.

use crate::exit::Failure;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Every file of `paths` with one of these endings, which may have several parts (`pcap.gz`); a folder is searched with its subfolders. A file named
/// outright is taken whatever its ending.
///
/// # Errors
/// When a path does not exist or a folder cannot be read.
pub fn expand(paths: &[PathBuf], endings: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, endings, &mut found, 0)?;
        } else if path.exists() {
            found.push(path.clone());
        } else {
            return Err(Failure::input(format!("there is no {}", path.display())));
        }
    }
    Ok(found)
}

fn walk(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>, depth: usize) -> Result<(), Failure> {
    if depth > 32 {
        return Ok(());
    }
    let read = fs::read_dir(folder).map_err(|error| Failure::file("read", folder, &error))?;
    let mut paths: Vec<PathBuf> = read.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    for path in paths {
        let name = name(&path).to_ascii_lowercase();
        let fits = endings.iter().any(|wanted| {
            name.strip_suffix(&wanted.to_ascii_lowercase()).is_some_and(|front| front.ends_with('.'))
        });
        if path.is_dir() {
            walk(&path, endings, found, depth + 1)?;
        } else if fits {
            found.push(path);
        }
    }
    Ok(())
}

/// Most bytes of a file that is read whole, as with an upload.
pub const MAX_FILE: u64 = 256 * 1024 * 1024;

/// The whole file.
///
/// # Errors
/// When it cannot be read or is larger than [`MAX_FILE`].
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    read_within(path, MAX_FILE)
}

/// The whole file, refused by its length before anything of it is held, and again while it is read: a pipe or a device
/// has no length, and a file may grow.
///
/// # Errors
/// When it cannot be read or is larger than `limit` bytes.
pub fn read_within(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let fail = |error: std::io::Error| Failure::file("read", path, &error);
    let too_large = |bytes: &str| {
        Failure::input(format!(
            "failed to read {}: it has {bytes} bytes; at most {limit} are read",
            path.display()
        ))
    };
    let file = fs::File::open(path).map_err(fail)?;
    let length = file.metadata().map_err(fail)?.len();
    if length > limit {
        return Err(too_large(&length.to_string()));
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > limit { Err(too_large("more")) } else { Ok(bytes) }
}

/// The whole file as text.
///
/// # Errors
/// When it cannot be read or is not UTF-8.
pub fn read_text(path: Option<&Path>) -> Result<String, Failure> {
    path.map_or(Ok(String::new()), |path| {
        fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))
    })
}

/// Writes a file whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fail = |error: std::io::Error| Failure::file("write", path, &error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    fs::write(path, bytes).map_err(fail)
}

/// The file's own name.
pub fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_over_the_bound_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, "12345").unwrap();
        assert_eq!(read_within(&path, 5).unwrap(), b"12345");
        let refused = read_within(&path, 4).unwrap_err().to_string();
        assert!(refused.ends_with("it has 5 bytes; at most 4 are read"), "{refused}");
        // Nothing of it is held: a file of a terabyte, all of it a hole.
        fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(read(&path).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn what_has_no_length_is_held_to_the_bound_too() {
        let refused = read_within(Path::new("/dev/zero"), 1000).unwrap_err().to_string();
        assert!(refused.ends_with("it has more bytes; at most 1000 are read"), "{refused}");
    }
}
