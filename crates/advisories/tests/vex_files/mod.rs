//! Real CycloneDX VEX documents for the tests.

/// Every one as path and bytes, ordered by path; empty when the shared data is absent.
pub fn vex() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = tallyward_core::testkit::shared("cyclonedx") else { return Vec::new() };
    let (mut found, mut folders) = (Vec::new(), vec![folder.join("VEX")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the shared folder is readable") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.starts_with("vex") {
                let bytes = std::fs::read(&path).expect("a readable file");
                found.push((path.display().to_string(), bytes));
            }
        }
    }
    found.sort();
    found
}
