//! What every column holds, and so who may read it: a key, something sealed, or something that is plain for a reason
//! said here. A column that stands in no line does not compile.

use sea_orm::EntityTrait;
use sea_orm::sea_query::{ColumnType, ValueType};

use crate::category::{Seal, Sealing};
use crate::id::Key;
use crate::sealed::Sealed;

/// Who may read a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A typed id: it says that there is a row, and no more.
    Id,
    /// Opened by a disclosure only.
    Sealed(Seal),
    /// Open to whoever reads the row, or read by nobody, for this reason.
    Plain(&'static str),
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub name: &'static str,
    /// What type its values have: texts of no fixed length are words of people, others are codes.
    pub holds: ColumnType,
    /// Who may read it.
    pub class: Class,
}

/// A table of which every column is classified.
pub trait Classified: EntityTrait {
    /// Its columns, in no order.
    fn columns() -> Vec<Column>;
}

fn id<M, T: Key>(table: &'static str, name: &'static str, _: fn(&M) -> &T) -> Column {
    Column { table, name, holds: T::column_type(), class: Class::Id }
}

fn sealed<M, T: ValueType, S: Sealing>(table: &'static str, name: &'static str, _: fn(&M) -> &Sealed<T, S>) -> Column {
    Column { table, name, holds: T::column_type(), class: Class::Sealed(S::seal()) }
}

fn plain<M, T: ValueType>(table: &'static str, name: &'static str, why: &'static str, _: fn(&M) -> &T) -> Column {
    Column { table, name, holds: T::column_type(), class: Class::Plain(why) }
}

macro_rules! columns {
    ($($table:ident {
        $(id $($id:ident),+;)?
        $(sealed $($sealed:ident),+;)?
        $(plain $why:literal $($plain:ident),+;)*
    })+) => {
        $(
            impl Classified for crate::$table::Entity {
                fn columns() -> Vec<Column> {
                    use crate::$table::Model;
                    // no `..`: a column without a class ends the build here
                    fn _all(row: &Model) {
                        let Model { $($($id: _,)+)? $($($sealed: _,)+)? $($($plain: _,)+)* } = row;
                    }
                    let table = stringify!($table);
                    vec![
                        $($(id(table, stringify!($id), |row: &Model| &row.$id),)+)?
                        $($(sealed(table, stringify!($sealed), |row: &Model| &row.$sealed),)+)?
                        $($(plain(table, stringify!($plain), $why, |row: &Model| &row.$plain),)+)*
                    ]
                }
            }
        )+

        /// Every column of every table.
        pub fn all() -> Vec<Column> {
            [$(<crate::$table::Entity as Classified>::columns()),+].concat()
        }
    };
}

columns! {
    local_authority {
        id id;
        plain "authorities are public bodies" code, name, profile;
    }
    agency {
        id id, local_authority_id;
        plain "who works where is no secret among those who work together" name, kind, safeguarding_email, active;
        plain "a setting of the agency, shown nowhere" scope_mode;
    }
    team {
        id id, agency_id;
        plain "a part of an agency, named beside figures" name;
    }
    practitioner {
        id id;
        plain "who works where is no secret among those who work together" full_name, designation, active;
    }
    appointment {
        id id, practitioner_id, agency_id, team_id;
        plain "a post, shown to who holds it" post, starts_at, ends_at;
    }
    transfer_share {
        id id, child_id, from_authority_id, from_agency_id, to_authority_id, to_agency_id, shared_by, accepted_by, worker_id;
        sealed reason, identity, statements, plan, contacts;
        plain "when a case is handed over is told to both sides" shared_at, conference_due_at, accepted_at, rights_from,
            withdrawn_at, version;
    }
    deadline {
        id id, local_authority_id, child_id, agency_id, team_id, strategy_meeting_id, conference_id, report_request_id,
            core_group_id;
        sealed lapsed_because;
        plain "what is due when, for all who see what it is about" kind, rule, amount, unit, before, counted_from, skipped,
            missing_year, due_at, late_after, approaches_at, met_at, lapsed_at, version;
        plain "when it was written down and told, shown nowhere" made_at, approaching_told_at, missed_told_at;
    }
    enquiry {
        id id, local_authority_id, agency_id, team_id, child_id, strategy_meeting_id, lead_id, agreed_by;
        sealed outcome;
        plain "where an enquiry stands, for all who were asked about the child" started_at, status, completed_at, agreed_at;
        plain "counts changes" version;
    }
    episode {
        id id, local_authority_id, agency_id, team_id, child_id, recorded_by;
        sealed source, need, closed_because;
        plain "where a case stands, for who reads the row" status, referred_on, closed_on;
        plain "when it was written down, shown nowhere" recorded_at;
        plain "counts changes" version;
    }
    assessment {
        id id, local_authority_id, agency_id, team_id, child_id, episode_id, recorded_by;
        plain "where an assessment stands, not what it found; for who reads the episode" started_on, completed_on;
        plain "when it was written down, shown nowhere" recorded_at;
        plain "counts changes" version;
    }
    entry {
        id id, local_authority_id, strategy_meeting_id, enquiry_id, conference_id, core_group_meeting_id, plan_id, child_id, agency_id,
            person_id, recorded_by, recorded_at_agency_id;
        sealed choice, number, at, text, timescale, reason_not;
        plain "which item of practice has an answer, and when it was given; the row is for who reads the record" item, line,
            recorded_at, superseded_at;
        plain "decides who has the row, shown nowhere" audience;
    }
    finished_step {
        id id, local_authority_id, strategy_meeting_id, enquiry_id, conference_id, core_group_meeting_id, plan_id, finished_by,
            agency_id;
        plain "that a step was finished, and when, for all who read the record" step, finished_at;
    }
    document_issue {
        id id, local_authority_id, strategy_meeting_id, enquiry_id, conference_id, core_group_meeting_id, plan_id, issued_by, agency_id;
        plain "that a document went out, and when, for all who read the record" document, unfinished, issued_at;
        plain "when it was written down, shown nowhere" recorded_at;
    }
    document_copy {
        id id, document_issue_id, agency_id, person_id, received_by;
        plain "that a copy arrived" received_at;
    }
    chair_delegation {
        id id, conference_id, practitioner_id, delegated_by;
        sealed reason;
        plain "who chairs when is told to everybody at the conference" starts_at, ends_at;
    }
    designation {
        id id, practitioner_id, agency_id;
        plain "who holds which duty is for everybody to know" kind, starts_at, ends_at;
    }
    child {
        id id, local_authority_id;
        sealed given_name, family_name, name_key, born_on, expected_on, died_on, ethnicity, first_language, disabilities,
            communication_needs, nhs_number, upn, legal_status;
        plain "how those who work with the child name it to social care; it says nothing else" local_reference;
        plain "needed to speak of the child; in the summary of its identity" sex;
        plain "when the record was made, shown nowhere" created_at;
    }
    former_number {
        id id, child_id;
        sealed number;
        plain "what kind of number it was and until when, shown nowhere" kind, until;
    }
    agency_reference {
        id id, agency_id, child_id, set_by;
        sealed reference;
        plain "when the own agency named the child, for that agency alone" set_at;
        plain "counts changes" version;
    }
    person {
        id id, local_authority_id;
        sealed given_name, family_name, born_on;
    }
    household {
        id id, local_authority_id;
        sealed address, postcode;
        plain "whether the address is protected is told to all who see the household; a refuge as withheld" address_status;
    }
    membership {
        id id, household_id, child_id, person_id;
        sealed relationship;
        plain "adults are members only for those who read the household in full" parental_responsibility;
        plain "since when and until when somebody belongs to a household that is seen" starts_on, ends_on;
    }
    involvement {
        id id, child_id, agency_id, practitioner_id, team_id, conference_id, strategy_meeting_id, granted_by;
        sealed reason;
        plain "who works with the child, on what ground and for how long, is for all who do" basis, starts_at, ends_at;
        plain "read by nobody but those to whom the relationship is told" locates;
    }
    conflict {
        id id, practitioner_id, child_id, recorded_by, recorded_at_agency_id, allegation_id;
        sealed reason;
        plain "the row is for those who hold the record alone" kind, starts_at, ends_at;
    }
    emergency_access {
        id id, practitioner_id, agency_id, team_id, local_authority_id, child_id, reviewed_by;
        sealed explanation, review_note;
        plain "the row is for the person and for those who answer for it; it says nothing of a child"
            reason, opened_at, expires_at, review_due_at, reviewed_at, outcome;
    }
    notice {
        id id, practitioner_id, agency_id, local_authority_id, child_id, emergency_access_id;
        plain "the row is for those who lead the case, or answer for the person" kind, at;
    }
    allegation {
        id id, local_authority_id, subject_id, subject_agency_id, referring_agency_id, referred_by, lead_id, child_id;
        sealed text, outcome;
        plain "when it was known and sent, for who sent it and who looks into it" known_at, referral_due_at, received_at;
        plain "where it stands, for those who look into it; to who only sent it withheld" status, closed_at;
        plain "counts changes; withheld like them" version;
    }
    restricted_item {
        id id, child_id, conference_id, conference_report_id, originator_agency_id, originator_id;
        sealed text;
        plain "who sees that there is an item may know what kind it is" kind, third_party, recorded_at,
            withdrawn_at;
        plain "counts the changes of its list" version;
    }
    reader_listing {
        id id, restricted_item_id, household_id, allegation_id, agency_id, practitioner_id, listed_by;
        plain "the row is for its reader and those who may change the list" starts_at, ends_at;
    }
    strategy_meeting {
        id id, local_authority_id, agency_id, called_by, lead_id, allegation_id;
        sealed reason, outcome_summary;
        plain "where and when: who was asked must know" status, scheduled_at, held_at, called_at;
        plain "whether enough were there: as in the minutes" quorate;
        plain "counts changes" version;
    }
    strategy_meeting_child {
        id id, strategy_meeting_id, child_id;
        sealed decision;
        plain "under whom the access record has it, shown nowhere" discreet;
    }
    conference {
        id id, local_authority_id, agency_id, team_id, chair_id, minute_taker_id;
        sealed summary;
        plain "where and when: who comes must know; the venue is never a home" kind, status, scheduled_at, venue;
        plain "said in the minutes" quorate, convened_at, concluded_at;
        plain "counts changes" version;
    }
    conference_child {
        id id, conference_id, child_id;
        sealed outcome, abuse_category, participation;
        plain "when the outcome that stands beside it was recorded" decided_at;
    }
    invitation {
        id id, local_authority_id, conference_id, strategy_meeting_id, core_group_meeting_id, agency_id, practitioner_id;
        sealed notice_working_days, reply, apologies_reason;
        plain "which meeting, when, and since when the agency knows" meeting, scheduled_at, invited_at;
        plain "shown nowhere as they are: where the report stands is opened with non-attendance"
            report_due_at, report_received_at, replied_at;
        plain "who came stands in the minutes" attendance;
        plain "counts changes" version;
    }
    non_attendance_letter {
        id id, local_authority_id, conference_id, invitation_id, agency_id, written_by, sent_by, replied_by;
        sealed text, reason, reply;
        plain "where the question stands, for who reads the invitation; for the agency once it is sent" about, status, written_at, sent_at, reply_due_at, contested, replied_at;
        plain "counts changes" version;
    }
    escalation {
        id id, local_authority_id, agency_id, raised_by, answered_by, closed_by;
        sealed reason, figures, answer, outcome, outcome_text;
        plain "where it stands, for the agency and for those who take patterns up" status, from_on, until_on, raised_at,
            answered_at, meeting_at, closed_at;
        plain "a hash of the evidence as it was written" sha256;
        plain "counts changes" version;
    }
    escalation_entry {
        id id, escalation_id, agency_id, invitation_id, contested_by;
        sealed notice_working_days, contested_because;
        plain "which meeting it was, for who reads the escalation" meeting, scheduled_at, invited_at, attendance;
        plain "shown nowhere as they are: where the report stood is said" report_due_at, report_received_at;
        plain "that the agency contests it, for who reads the escalation" contested_at;
    }
    report_request {
        id id, conference_id, child_id, agency_id, invitation_id;
        plain "the row is for who was asked and for those who hold the conference" asked_at, due_at, received_at;
        plain "shown as where the request stands" lapsed_at;
    }
    conference_report {
        id id, report_request_id, conference_id, child_id, agency_id, author_id, agreed_by, signed_by, withdrawn_by;
        sealed involvement, worries, strengths, child_voice, family_views, what_must_change, safety_score, recommendation,
            reason, withdrawn_because;
        plain "where the version stands, for all who may know that there is one" version, state, submitted_at, released_at;
        plain "that it was shared, not what was said" shared_with_family_on;
        plain "a hash: proves which text was submitted, and tells nothing of it" receipt;
        plain "which questions were asked" template, template_version;
        plain "counts changes" revision;
        plain "whether it came in time, for all who may know that there is one" working_days_early, after_conference,
            withdrawn_at, due_at;
        plain "that somebody agreed or signed it, not what" agreed_on, signed_at;
    }
    report_answer {
        id id, conference_report_id, child_id, agency_id;
        sealed text, choice, number, day;
        plain "which question, not what was said" item;
        plain "decides in which copies it is" third_party, locates;
    }
    chronology_row {
        id id, conference_report_id, child_id, agency_id;
        sealed text, source, response;
        plain "when something was, for who reads the report" occurred_on, precision, ended_on, kind;
        plain "its place in the report" line;
        plain "decides in which copies it is" third_party, locates;
    }
    family_copy {
        id id, conference_report_id, child_id, agency_id, person_id, shared_by;
        plain "that the family was given a copy, for who reads the report" shared_at, recorded_at, left_out;
    }
    attachment {
        id id, report_request_id, conference_report_id, child_id, agency_id, uploaded_by;
        sealed name;
        plain "where a file stands, for who reads the report" asked_at, uploaded_at, media_type, bytes, state, checked_at;
        plain "a hash: proves which file it is, and tells nothing of it" sha256;
        plain "until when and when something is done with it, shown to who was given the ticket" ticket_until, check_at;
        plain "where the content is stored, shown nowhere" file_id;
    }
    circulation {
        id conference_report_id, agency_id, opened_by;
        plain "when a copy went out, and was read" circulated_at, withdrawn_at, opened_at;
    }
    plan {
        id id, child_id, conference_id;
        sealed category_initial, category_latest, danger_statement, safety_statement, visit_every_days;
        plain "that there is a plan, since when and how far, is for all who work with the child" kind, starts_on, ends_on, state;
        plain "counts changes" version;
    }
    plan_version {
        id id, plan_id, child_id, conference_id, recorded_by;
        sealed category_latest, danger_statement, safety_statement, visit_every_days;
        plain "that a plan was changed, when and by which step, is for all who work with the child" state, since, recorded_at, superseded_at;
        plain "counts changes" number;
    }
    plan_action {
        id id, plan_id, child_id, owner_agency_id, owner_id;
        sealed description;
        plain "how far an action is, for who reads the action" due_on, status, done_on;
        plain "counts changes" plan_version, version;
    }
    core_group {
        id id, plan_id, child_id, lead_id;
        plain "when it meets, for all who work with the child" formed_on, first_meeting_due_on, ends_on;
        plain "counts changes" version;
    }
    core_group_member {
        id id, core_group_id, agency_id, practitioner_id;
        plain "who is in the group, for all who work with the child" starts_on, ends_on;
    }
    core_group_meeting {
        id id, core_group_id, child_id, recorded_by;
        sealed progress;
        plain "when it meets, for all who work with the child" held_at, next_meeting_on;
        plain "when it was written down, shown nowhere" recorded_at;
    }
    event {
        id local_authority_id, id, strategy_meeting_id, conference_id, invitation_id, conference_report_id, core_group_id,
            involvement_id, conflict_id, restricted_item_id, reader_listing_id, designation_id, emergency_access_id,
            export_id, access_review_id, allegation_id, transfer_share_id, deadline_id, enquiry_id, episode_id, plan_id,
            attachment_id, escalation_id, agency_id, child_id;
        plain "an event is read by who reads all that it names" kind, occurred_at;
        plain "the place in the feed" position;
        plain "decides who has the row, shown nowhere" audience;
    }
    webhook {
        id id, local_authority_id, agency_id, practitioner_id, secret_told_to;
        plain "where an agency is sent what happens, for those who answer for it there" url, kinds, post, followed_since,
            state, secret_rotated_at, failing_since, attempts, next_at, registered_at;
        plain "the place in the feed, which is told sealed" position;
        plain "counts secrets, of which none is stored" secret_generation, secrets_from;
        plain "who sends at the moment, and how long it may take, shown nowhere" active_since, lease, leased_until;
        plain "counts changes" version;
    }
    webhook_delivery {
        id id, webhook_id, agency_id;
        plain "what was sent of the feed, for those who answer for the webhook; nothing of a person" kind, state, attempts,
            first_at, last_at, status_code, failure, made_at;
        plain "the place in the feed, which is told sealed" position;
    }
    access_alert {
        id id, practitioner_id, agency_id;
        plain "how a professional uses the record, for those who oversee it; nothing of a child" kind, window_at, count,
            raised_at;
    }
    access_count {
        plain "counts by person or agency and window, shown nowhere" reader, kind, window_at, count;
    }
    access_reading {
        plain "a keyed hash of who read of whom in a window, shown nowhere" key, ends_at;
    }
    access_review {
        id id, local_authority_id;
        plain "when a review is due, for those who answer it" quarter_on, issued_at, answer_by, suspended_at;
    }
    access_review_entry {
        id id, access_review_id, agency_id, practitioner_id, child_id, appointment_id, involvement_id, conflict_id,
            answered_by;
        plain "what gives access and what is to become of it, for those who answer" kind, post, basis, since, answer,
            answered_at, suspended_at;
    }
    export {
        id id, local_authority_id, agency_id, requested_by, decided_by;
        plain "what an export says of itself, for who asked and who decides; never its rows" role, selection, categories,
            purpose, children, state, requested_at, decided_at, expires_at, watermark;
        plain "counts its changes" version;
    }
    export_child {
        id export_id, child_id;
    }
    feed {
        id local_authority_id;
        plain "the place of the last event, and of the last one forgotten, shown nowhere" position, forgotten;
    }
    audit {
        id practitioner_id, agency_id;
        plain "the access record: written once, read by those it is for; it holds no names and no content"
            sequence, at, request_id, role, purpose, kind, operation, document, resource, categories, decision, rule,
            touched;
        plain "what the caller gave as its reason: hashed, verified, shown nowhere" reason;
        plain "pseudonyms and hashes" subjects, hash;
    }
    audit_head {
        plain "the head of the chain, shown nowhere" id, sequence, hash;
    }
    audit_subject {
        plain "pseudonyms, shown nowhere" subject, sequence;
    }
    idempotency {
        id agency_id;
        plain "a key of the caller's own, and a hash of what it sent, shown nowhere" key, action, fingerprint, created_at;
        plain "the id of what was written; read through the rule of its row" result_id;
    }
    instance {
        plain "settings of the deployment, shown nowhere" key, value;
    }
    revocation {
        plain "ids of tokens, sessions and professionals, shown nowhere" kind, subject, issued_before, revoked_at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_says_something() {
        for column in all() {
            if let Class::Plain(why) = column.class {
                assert!(why.len() > 10, "{}.{}", column.table, column.name);
            }
        }
    }

    #[test]
    fn words_of_people_are_told_from_codes() {
        let holds =
            |table: &str, name: &str| all().into_iter().find(|c| c.table == table && c.name == name).map(|c| c.holds);
        let words = ColumnType::String(sea_orm::sea_query::StringLen::None);
        assert_eq!(holds("child", "given_name"), Some(words.clone()));
        assert_ne!(holds("child", "ethnicity"), Some(words));
        assert_eq!(holds("child", "born_on"), Some(ColumnType::Date));
    }
}
