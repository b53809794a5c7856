//! Finding and reading the user's files.

use crate::exit::Failure;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file of `paths` with one of these endings; a folder is searched with its subfolders. A file named
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
        let fits = path
            .extension()
            .and_then(|ending| ending.to_str())
            .is_some_and(|ending| endings.iter().any(|wanted| ending.eq_ignore_ascii_case(wanted)));
        if path.is_dir() {
            walk(&path, endings, found, depth + 1)?;
        } else if fits {
            found.push(path);
        }
    }
    Ok(())
}

/// The whole file.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::file("read", path, &error))
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
