//! `tallyward backup` and `tallyward restore`.

use crate::args::{Backup, Restore};
use crate::config::Config;
use crate::exit::{DONE, Outcome};
use crate::output;
use crate::wire;
use serde_json::json;

pub fn backup(args: &Backup, config: &Config, json: bool) -> Outcome {
    let wired = wire::open_to_read(config)?;
    let verified = wired.store.backup_to(&args.file)?;
    if json {
        output::json(&json!({ "file": args.file, "audit_entries": verified.entries, "head": verified.head }));
    } else {
        let head = verified.head;
        output::line(&format!("backup written and checked: {}", args.file.display()));
        output::line(&format!("  {} audit entries, head {head}", verified.entries));
    }
    Ok(DONE)
}

pub fn restore(args: &Restore, config: &Config, json: bool) -> Outcome {
    let target = wire::store_path(&config.data);
    std::fs::create_dir_all(&config.data)
        .map_err(|error| crate::exit::Failure::file("make", &config.data, &error))?;
    let verified = tallyward_store::restore(&args.file, &target, args.force)?;
    if json {
        output::json(&json!({ "store": target, "audit_entries": verified.entries, "head": verified.head }));
    } else {
        output::line(&format!("restored and checked: {}", target.display()));
        output::line(&format!("  {} audit entries", verified.entries));
    }
    Ok(DONE)
}
