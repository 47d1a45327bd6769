//! The letter to an agency that did not come to a conference or sent no report (BIR-NA-01): its words, and by when it is to be
//! answered. It names no child: the agency knows from its own invitation whom the conference was about.

use chrono::{DateTime, NaiveDate, Utc};
use entity::conference;
use entity::local_authority::Profile;
use entity::non_attendance_letter::About;

use super::Practice;
use super::attendance::{LETTERS, Stayed};
use super::calendar::{Calendar, YearNotListed};
use super::reckoning::{Direction, Span, Unit, reckon};
use super::standards::Hold;

/// Where no profile says how long a reply may take: the project's own default, as the source gives no time.
const REPLY: Span = Span { amount: 10, unit: Unit::WorkingDays };

/// What a letter is made of.
#[derive(Clone, Debug)]
pub struct Letter<'l> {
    /// To which agency.
    pub agency: &'l str,
    /// Which conference.
    pub kind: conference::Kind,
    /// On which day.
    pub held_on: NaiveDate,
    /// What the agency is asked about.
    pub about: About,
    /// Working days of notice it had.
    pub notice: i32,
    /// How long the reply may take.
    pub reply_within: Span,
    /// What the chair adds.
    pub note: Option<&'l str>,
}

/// What a letter is about.
pub const fn about(stayed: Stayed) -> About {
    match stayed {
        Stayed::DidNotAttend => About::DidNotAttend,
        Stayed::NoReport => About::NoReport,
        Stayed::Neither => About::Neither,
    }
}

const fn conference_in_words(kind: conference::Kind) -> &'static str {
    match kind {
        conference::Kind::Initial => "initial child protection conference",
        conference::Kind::Review => "review child protection conference",
        conference::Kind::PreBirth => "pre-birth child protection conference",
        conference::Kind::TransferIn => "transfer-in child protection conference",
    }
}

impl Letter<'_> {
    /// The letter in plain text, a paragraph a line.
    pub fn text(&self) -> String {
        let day = self.held_on.format("%-d %B %Y");
        let what = match self.about {
            About::DidNotAttend => "nobody from your agency took part",
            About::NoReport => "the report that your agency was asked for has not come",
            About::Neither => "nobody from your agency took part, and the report it was asked for has not come",
        };
        let days = if self.notice == 1 { "working day" } else { "working days" };
        let mut paragraphs = vec![
            format!("To the safeguarding lead of {}", self.agency),
            format!("Your agency was invited to the {} of {day}.", conference_in_words(self.kind)),
            format!("According to our record your invitation was sent {} {days} before it, and {what}.", self.notice),
            "What each agency knows, and whether it is at the table, decides how well a child can be protected. Please tell \
             us the reason, so that we can do what lies with us that it does not happen again."
                .to_owned(),
        ];
        paragraphs.extend(self.note.map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned));
        paragraphs.push(format!("Please answer within {}.", self.reply_within));
        paragraphs.push("If our record is wrong, please say so in your answer: it will be looked at again.".to_owned());
        paragraphs.push("The chair of the conference".to_owned());
        paragraphs.join("\n")
    }
}

impl Practice {
    /// How long an agency has to answer a letter that is sent on a day.
    pub fn reply_within(&self, profile: Profile, on: NaiveDate) -> Span {
        let held = self.standards.book(profile).standard(LETTERS, on).filter(|standard| standard.hold > Hold::Off);
        held.and_then(|standard| standard.within).unwrap_or(REPLY)
    }
}

/// By when a letter that is sent at an instant is to be answered.
///
/// # Errors
/// If a year on the way has no list of bank holidays.
pub fn reply_due(calendar: &Calendar, sent_at: DateTime<Utc>, within: Span) -> Result<DateTime<Utc>, YearNotListed> {
    Ok(reckon(calendar, sent_at, Direction::After, within)?.due_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_what_it_is_about_and_names_no_child() {
        let letter = Letter {
            agency: "Oakfield Primary School",
            kind: conference::Kind::Review,
            held_on: NaiveDate::from_ymd_opt(2026, 12, 8).unwrap(),
            about: About::Neither,
            notice: 1,
            reply_within: REPLY,
            note: Some("  The review was brought forward. "),
        };
        let text = letter.text();
        for says in [
            "To the safeguarding lead of Oakfield Primary School\n",
            "the review child protection conference of 8 December 2026.\n",
            "sent 1 working day before it, and nobody from your agency took part, and the report",
            "\nThe review was brought forward.\n",
            "within 10 working days.\n",
        ] {
            assert!(text.contains(says), "{says}: {text}");
        }
        let plain = Letter { about: About::DidNotAttend, note: Some(" "), notice: 5, ..letter }.text();
        assert!(plain.contains("sent 5 working days before it, and nobody from your agency took part.\n"), "{plain}");
    }

    /// Sent on the day before Christmas: ten working days are over on 12 January.
    #[test]
    fn a_reply_is_due_by_working_days() {
        let sent = "2026-12-24T11:00:00Z".parse().unwrap();
        let due = reply_due(Calendar::embedded(), sent, REPLY).unwrap();
        assert_eq!(due.to_rfc3339(), "2027-01-13T00:00:00+00:00");
        let on = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        assert_eq!(Practice::embedded().reply_within(Profile::Birmingham, on), REPLY);
    }
}
