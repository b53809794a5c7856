//! Sending what is queued, and climbing the ladder of what nobody answered.
//!
//! An attempt is announced in the store before it is made. If the process dies in between, the announcement is
//! found at the next start: the outcome is unknown, it is shown so, and the attempt is repeated at most once.

use crate::App;
use crate::app::{doc, lock};
use crate::change::{ChangeSet, DocKind, DocPut};
use crate::error::Result;
use crate::notice::drafts::is_open;
use crate::notice::stored::{Audience, DeliveryState, Rung, StoredDelivery, StoredNotice};
use crate::overview::readers;
use crate::ports::{Mail, SendOutcome};
use crate::who::Who;
use tallyward_core::{Duty, Timestamp};
use tallyward_response::{NoticeEvent, Recipient, Step, due, standing};

/// An attempt that certainly did not leave is repeated so often.
const ATTEMPTS: u32 = 8;

impl App {
    /// Sends what is queued and fires reminders and escalations that are due. Nothing in shadow mode. Answers
    /// how many attempts were made.
    pub fn send_due(&self) -> Result<usize> {
        if self.in_shadow()? {
            return Ok(0);
        }
        // One sender at a time: two of them would each take the same delivery.
        let _sending = lock(&self.state.sending);
        // What waited (in shadow mode, or for a server) goes first: nobody is reminded of what they never got.
        let attempts = self.send_waiting()?;
        self.climb()?;
        Ok(attempts + self.send_waiting()?)
    }

    fn send_waiting(&self) -> Result<usize> {
        let mut attempts = 0;
        for state in ["sending", "queued"] {
            for delivery in self.load_all::<StoredDelivery>(DocKind::Delivery, Some(state))? {
                if delivery.not_before <= self.now() {
                    attempts += usize::from(self.attempt(delivery)?);
                }
            }
        }
        Ok(attempts)
    }

    fn attempt(&self, mut delivery: StoredDelivery) -> Result<bool> {
        if delivery.state == DeliveryState::Sending {
            delivery.unknown += 1;
            "the program stopped during an attempt; it may have left".clone_into(&mut delivery.detail);
            if delivery.unknown > 1 {
                return self.settle(delivery, DeliveryState::Unknown, None).map(|()| false);
            }
        }
        let notice = self.stored_notice(&delivery.notice)?;
        if !notice.followed_by.is_empty() || (delivery.rung != Rung::First && !is_open(&notice)) {
            "not sent: the notice was ended, replaced or done before it left"
                .clone_into(&mut delivery.detail);
            return self.settle(delivery, DeliveryState::Failed, None).map(|()| false);
        }
        if delivery.recipient.contact.email.is_empty() {
            "no mail address is on record; call instead".clone_into(&mut delivery.detail);
            return self.settle(delivery, DeliveryState::Failed, None).map(|()| false);
        }
        delivery.state = DeliveryState::Sending;
        delivery.attempts += 1;
        let announced = doc(DocKind::Delivery, delivery.id.clone(), "sending", &delivery);
        self.commit(ChangeSet { docs: vec![announced], ..ChangeSet::default() })?;
        // Once more, as close to the wire as can be: shadow mode may have begun in between.
        if self.in_shadow()? {
            return self.settle(delivery, DeliveryState::Queued, None).map(|()| false);
        }
        let mail = self.mail(&notice, &delivery)?;
        let outcome = self.mailer.send(&mail);
        let now = self.now();
        match outcome {
            SendOutcome::Accepted { detail, receipt } => {
                delivery.detail = detail;
                delivery.sent = Some(now);
                self.settle(delivery, DeliveryState::Sent, Some((now, receipt)))?;
            }
            SendOutcome::Rejected { detail } => {
                delivery.detail = detail;
                self.settle(delivery, DeliveryState::Failed, None)?;
            }
            SendOutcome::NotSent { detail } => {
                delivery.detail = detail;
                let state =
                    if delivery.attempts >= ATTEMPTS { DeliveryState::Failed } else { DeliveryState::Queued };
                delivery.not_before = now.plus_seconds(30 << delivery.attempts.min(8));
                self.settle(delivery, state, None)?;
            }
            SendOutcome::Unknown { detail } => {
                delivery.detail = detail;
                delivery.unknown += 1;
                let state = if delivery.unknown > 1 { DeliveryState::Unknown } else { DeliveryState::Queued };
                delivery.not_before = now.plus_seconds(60);
                self.settle(delivery, state, None)?;
            }
        }
        Ok(true)
    }

    /// Writes down how an attempt ended; the notice's clock moves in the same commit.
    fn settle(
        &self,
        mut delivery: StoredDelivery,
        state: DeliveryState,
        accepted: Option<(Timestamp, bool)>,
    ) -> Result<()> {
        let _writing = lock(&self.state.desk);
        delivery.state = state;
        let mut change = ChangeSet {
            docs: vec![doc(DocKind::Delivery, delivery.id.clone(), state.code(), &delivery)],
            ..ChangeSet::default()
        };
        if let Some((at, receipt)) = accepted {
            let mut notice = self.stored_notice(&delivery.notice)?;
            notice.events.push(NoticeEvent::Sent { at });
            if receipt {
                notice.events.push(NoticeEvent::Delivered { at });
            }
            change.docs.push(doc(DocKind::Notice, notice.id.clone(), index_of(&notice), &notice));
        }
        if matches!(state, DeliveryState::Sent | DeliveryState::Failed | DeliveryState::Unknown) {
            let subject = format!("notice {}", delivery.notice);
            let mut event = self.event(&Who::program(), &format!("delivery.{}", state.code()), subject);
            event.after = format!("{} {}", delivery.id, delivery.detail);
            change.audit.push(event);
        }
        self.commit(change)?;
        Ok(())
    }

    fn mail(&self, notice: &StoredNotice, delivery: &StoredDelivery) -> Result<Mail> {
        let link = self.answer_link(&delivery.id, delivery.queued)?;
        let (released, by) = standing(&notice.events).released.unwrap_or((self.now(), String::new()));
        let body = match notice.audience {
            Audience::Technical => notice.draft.technical.join("\n"),
            Audience::Clinical | Audience::Huddle => notice.draft.lines.join("\n\n"),
        };
        let lead = match delivery.rung {
            Rung::First => String::new(),
            Rung::Reminder => "Reminder: nobody has answered yet.\n\n".to_owned(),
            Rung::Escalation => {
                format!("Nobody has answered for {}. Please see to it.\n\n", readers(&notice.draft.unit))
            }
        };
        let signed = format!("Released by {by}, {}, {}.", self.site.name, self.local_time(released));
        let text = format!("{lead}{body}\n\nAnswer here (no sign-in): {link}\n\n{signed}\n");
        let subject = match delivery.rung {
            Rung::First => notice.draft.subject.clone(),
            Rung::Reminder => format!("Reminder: {}", notice.draft.subject),
            Rung::Escalation => format!("No answer: {}", notice.draft.subject),
        };
        let host = self.site.mail_from.split_once('@').map_or("localhost", |(_, host)| host);
        Ok(Mail {
            id: format!("{}@{host}", delivery.id),
            from: self.site.mail_from.clone(),
            to: delivery.recipient.contact.email.clone(),
            subject,
            text,
            html: String::new(),
        })
    }

    /// Queues the reminders and escalations that are due, each at most once.
    fn climb(&self) -> Result<()> {
        let _writing = lock(&self.state.desk);
        let now = self.now();
        let signed = self.mode()?.missing.is_empty();
        for mut notice in self.load_all::<StoredNotice>(DocKind::Notice, Some("open"))? {
            if notice.audience == Audience::Huddle || !is_open(&notice) {
                continue;
            }
            let standing = standing(&notice.events);
            let Some(step) = due(&standing, self.tables.rung(notice.draft.tier), now) else { continue };
            if step == Step::Escalation && !signed {
                // Whom to escalate to has changed since somebody signed for it; the overview says so.
                continue;
            }
            let (rung, recipients, event) = match step {
                Step::Reminder => {
                    (Rung::Reminder, notice.draft.audience.clone(), NoticeEvent::Reminded { at: now })
                }
                Step::Escalation => {
                    (Rung::Escalation, self.next_in_line(&notice)?, NoticeEvent::Escalated { at: now })
                }
            };
            notice.events.push(event);
            let mut change = ChangeSet {
                docs: vec![doc(DocKind::Notice, notice.id.clone(), "open", &notice)],
                ..ChangeSet::default()
            };
            for (number, recipient) in recipients.into_iter().enumerate() {
                let id = format!("{}-{}{}-{}", notice.id, &rung.code()[..1], number + 1, self.random_hex(4));
                let delivery = StoredDelivery::queued(id.clone(), &notice.id, recipient, rung, now);
                change
                    .docs
                    .push(DocPut { expected: Some(0), ..doc(DocKind::Delivery, id, "queued", &delivery) });
            }
            change.audit.push(self.event(
                &Who::program(),
                &format!("notice.{}", rung.code()),
                format!("notice {}", notice.id),
            ));
            self.commit(change)?;
        }
        Ok(())
    }

    /// The lead on duty and the supervisor: of the unit when it has its own, else of the house.
    fn next_in_line(&self, notice: &StoredNotice) -> Result<Vec<Recipient>> {
        let contacts = self.contacts()?;
        let duty = |contact: &&tallyward_core::Contact| matches!(contact.duty, Duty::Lead | Duty::Supervisor);
        let own: Vec<_> = contacts
            .iter()
            .filter(duty)
            .filter(|one| one.unit == notice.draft.unit && !one.unit.is_empty())
            .collect();
        let found = if own.is_empty() {
            contacts.iter().filter(duty).filter(|one| one.unit.is_empty()).collect()
        } else {
            own
        };
        Ok(found
            .into_iter()
            .map(|contact| Recipient {
                contact: contact.clone(),
                why: "nobody in the unit answered".to_owned(),
            })
            .collect())
    }
}

/// The index a notice is kept under.
pub(crate) fn index_of(notice: &StoredNotice) -> &'static str {
    if is_open(notice) { "open" } else { "over" }
}
