//! A folder in place of a mail server: one `.eml` file a message, for shadow tests and small houses.

use crate::message::build;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use tallyward_app::ports::{Mail, Mailer, SendOutcome};

/// Writes messages into a folder. A message already written is not written again.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Uses `path`, which is made with the first message.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn write(&self, mail: &Mail) -> Result<String, String> {
        let fail = |what: &str, error: std::io::Error| {
            format!("failed to {what} in {}: {error}", self.path.display())
        };
        let name: String = mail
            .id
            .split('@')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
            .collect();
        if name.is_empty() {
            return Err(format!("{:?} is no message id", mail.id));
        }
        let target = self.path.join(format!("{name}.eml"));
        if target.exists() {
            return Ok(format!("already in {}", target.display()));
        }
        let message = build(mail)?;
        fs::create_dir_all(&self.path).map_err(|error| fail("make the folder", error))?;
        let draft = self.path.join(format!(".{name}.part"));
        let mut file = fs::File::create(&draft).map_err(|error| fail("write", error))?;
        file.write_all(&message.formatted()).map_err(|error| fail("write", error))?;
        file.sync_all().map_err(|error| fail("write", error))?;
        // Whole or not at all: a reader of the folder never meets half a message.
        fs::rename(&draft, &target).map_err(|error| fail("rename", error))?;
        Ok(format!("written to {}", target.display()))
    }
}

impl Mailer for Folder {
    fn describe(&self) -> String {
        format!("folder {}", self.path.display())
    }

    fn send(&self, mail: &Mail) -> SendOutcome {
        match self.write(mail) {
            Ok(detail) => SendOutcome::Accepted { detail, receipt: false },
            Err(detail) => SendOutcome::NotSent { detail },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str) -> Mail {
        Mail {
            id: "d-1@tallyward".into(),
            from: "tallyward@hospital.example".into(),
            to: "icu@hospital.example".into(),
            subject: subject.into(),
            text: "Do not disconnect it from a patient.".into(),
            html: String::new(),
        }
    }

    #[test]
    fn a_message_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = Folder::new(folder.path().join("outbox"));
        assert!(matches!(mailer.send(&mail("first")), SendOutcome::Accepted { .. }));
        assert!(matches!(mailer.send(&mail("second")), SendOutcome::Accepted { .. }));
        let files: Vec<_> = fs::read_dir(folder.path().join("outbox")).unwrap().collect();
        assert_eq!(files.len(), 1);
        let text = fs::read_to_string(folder.path().join("outbox/d-1.eml")).unwrap();
        assert!(text.contains("Subject: first") && text.contains("Message-ID: <d-1@tallyward>"));
    }

    #[test]
    fn an_id_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = Folder::new(folder.path().join("outbox"));
        let outcome = mailer.send(&Mail { id: "../../x@y".into(), ..mail("s") });
        assert!(matches!(outcome, SendOutcome::Accepted { .. }));
        assert!(folder.path().join("outbox/x.eml").exists());
    }

    #[test]
    fn a_bad_address_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = Folder::new(folder.path().to_owned());
        let SendOutcome::NotSent { detail } = mailer.send(&Mail { to: "nobody".into(), ..mail("s") }) else {
            panic!("sent to nobody");
        };
        assert!(detail.contains("nobody"));
    }
}
