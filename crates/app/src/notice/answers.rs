//! Answers: through a signed link, or signed in.

use crate::App;
use crate::app::{doc, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::notice::drafts::kind_name;
use crate::notice::sending::index_of;
use crate::notice::stored::{StoredAnswer, StoredDelivery, StoredNotice};
use crate::views::AnswerPage;
use crate::who::Who;
use tallyward_response::clock::MACHINE_SECONDS;
use tallyward_response::{Answer, Initials, NoticeEvent, NoticeState, Strength, standing};

impl App {
    /// The page behind a link. Reading never acknowledges.
    pub fn answer_page(&self, token: &str) -> Result<AnswerPage> {
        let delivery = self.delivery(token)?;
        self.page(&self.stored_notice(&delivery.notice)?)
    }

    /// Records an answer. Repeating the same answer changes nothing.
    pub fn answer(&self, token: &str, answer: &str, initials: &str) -> Result<AnswerPage> {
        let delivery = self.delivery(token)?;
        let answer = read_answer(answer)?;
        let initials: Initials =
            initials.parse().map_err(|error| AppError::invalid("initials", format!("{error}")))?;
        if !lock(&self.state.attempts).attempt(&format!("answer {}", delivery.id), self.now()) {
            return Err(AppError::Refused("too many answers from this link; wait five minutes".to_owned()));
        }
        let since = delivery.sent.unwrap_or(delivery.queued);
        let suspicious = self.now().seconds_since(since) < MACHINE_SECONDS;
        let link_of = delivery.recipient.contact.name.clone();
        let who = Who { login: format!("link {}", delivery.id), ..Who::program() };
        let given = Given { answer, initials: Some(initials), strength: Strength::Link, link_of, suspicious };
        self.record_answer(&who, &delivery.notice, given)?;
        self.page(&self.stored_notice(&delivery.notice)?)
    }

    /// Records an answer given by a signed-in person.
    pub fn answer_signed_in(&self, who: &Who, id: &str, answer: &str) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot answer for a unit".to_owned()));
        }
        let initials: String =
            who.name.split_whitespace().filter_map(|word| word.chars().next()).take(4).collect();
        let given = Given {
            answer: read_answer(answer)?,
            initials: initials.parse().ok(),
            strength: Strength::SignIn,
            link_of: who.name.clone(),
            suspicious: false,
        };
        self.record_answer(who, id, given)
    }

    fn record_answer(&self, who: &Who, id: &str, given: Given) -> Result<()> {
        let _writing = lock(&self.state.desk);
        let mut notice = self.stored_notice(id)?;
        if matches!(
            standing(&notice.events).state,
            NoticeState::Withdrawn | NoticeState::StoodDown | NoticeState::Corrected
        ) {
            let why =
                format!("this message was ended or replaced by {}; answer that one", notice.followed_by);
            return Err(AppError::Refused(why));
        }
        let initials = given.initials.clone().map(String::from).unwrap_or_default();
        let repeated = self.answers_of(id)?.iter().any(|held| {
            held.answer == given.answer
                && held.initials == initials
                && held.link_of == given.link_of
                && held.strength == given.strength
        });
        if repeated {
            return Ok(());
        }
        let at = self.now();
        let stored = StoredAnswer {
            id: format!("{id}-{}-{}", at.micros(), self.random_hex(4)),
            notice: id.to_owned(),
            at,
            answer: given.answer,
            initials,
            strength: given.strength,
            link_of: given.link_of,
            suspicious: given.suspicious,
        };
        notice.events.push(NoticeEvent::Answered {
            at,
            answer: given.answer,
            strength: given.strength,
            initials: given.initials,
        });
        let mut event = self.event(who, "notice.answer", format!("notice {id}"));
        event.after = format!("{} {} ({})", given.answer.label(), stored.initials, given.strength.label());
        self.commit(ChangeSet {
            docs: vec![
                doc(DocKind::Answer, stored.id.clone(), id, &stored),
                doc(DocKind::Notice, id, index_of(&notice), &notice),
            ],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(())
    }

    fn delivery(&self, token: &str) -> Result<StoredDelivery> {
        let id = self.delivery_of(token)?;
        self.load(DocKind::Delivery, &id)?.ok_or_else(|| AppError::not_found("message", id))
    }

    fn page(&self, notice: &StoredNotice) -> Result<AnswerPage> {
        let standing = standing(&notice.events);
        let (released, released_by) = standing.released.clone().unwrap_or((self.now(), String::new()));
        let superseded = if notice.followed_by.is_empty() {
            None
        } else {
            let newer = self.stored_notice(&notice.followed_by)?;
            Some(format!("{}\n{}", newer.draft.subject, newer.draft.lines.join("\n")))
        };
        let lines = match notice.audience {
            crate::notice::stored::Audience::Technical => notice.draft.technical.clone(),
            _ => notice.draft.lines.clone(),
        };
        Ok(AnswerPage {
            site: self.site.name.clone(),
            subject: notice.draft.subject.clone(),
            lines,
            released_by,
            released: self.local_time(released),
            kind: kind_name(notice.draft.kind).to_owned(),
            open: superseded.is_none(),
            superseded,
            answers: self
                .answers_of(&notice.id)?
                .into_iter()
                .map(|one| (self.local_time(one.at), one.answer.label().to_owned(), one.initials))
                .collect(),
        })
    }
}

/// One answer as it arrives.
struct Given {
    answer: Answer,
    initials: Option<Initials>,
    strength: Strength,
    link_of: String,
    suspicious: bool,
}

fn read_answer(text: &str) -> Result<Answer> {
    Answer::ALL
        .iter()
        .copied()
        .find(|answer| answer.code() == text || answer.label() == text)
        .ok_or_else(|| AppError::invalid("answer", "choose one of the answers on the page"))
}
