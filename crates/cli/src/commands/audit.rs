//! `tallyward audit verify`.

use crate::args::Audit;
use crate::config::Config;
use crate::exit::{DONE, FAILED, Outcome};
use crate::output;
use crate::wire;
use serde_json::json;
use tallyward_store::verify_audit;

pub fn run(command: &Audit, config: &Config, json: bool) -> Outcome {
    let Audit::Verify { head } = command;
    let wired = wire::open_to_read(config)?;
    match verify_audit(&*wired.store, head.as_deref()) {
        Ok(verified) => {
            if json {
                output::json(&json!({ "valid": true, "entries": verified.entries, "head": verified.head }));
            } else {
                let head = verified.head;
                output::line(&format!("the log is whole: {} entries, head {head}", verified.entries));
            }
            Ok(DONE)
        }
        Err(broken) => {
            if json {
                output::json(&json!({ "valid": false, "error": broken.to_string() }));
            } else {
                output::line(&format!("the log is NOT whole: {broken}"));
            }
            Ok(FAILED)
        }
    }
}
