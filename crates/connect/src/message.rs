//! A mail as bytes on the wire (RFC 5322, MIME).

use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use tallyward_app::ports::Mail;

/// Builds the message; the same mail always carries the same Message-ID.
///
/// # Errors
/// In words, when an address cannot be used.
pub(crate) fn build(mail: &Mail) -> Result<Message, String> {
    let mailbox =
        |text: &str| text.parse::<Mailbox>().map_err(|error| format!("{text:?} is no mail address: {error}"));
    let builder = Message::builder()
        .message_id(Some(format!("<{}>", mail.id)))
        .from(mailbox(&mail.from)?)
        .to(mailbox(&mail.to)?)
        .subject(&mail.subject);
    let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text.clone());
    let built = if mail.html.is_empty() {
        builder.singlepart(text)
    } else {
        let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(mail.html.clone());
        builder.multipart(MultiPart::alternative().singlepart(text).singlepart(html))
    };
    built.map_err(|error| format!("the message cannot be built: {error}"))
}
