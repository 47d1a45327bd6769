//! A sample of every object of the first family, and of the input of every mutation over it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::table::first_review;
use super::{App, key};

/// One query that reaches a sample of every object of the first family: no other conference is at that hour, and the
/// meeting is the one just called.
const SAMPLES: &str = "query($n: String!, $meeting: ID!) {
  viewer { practitioner { __typename id } localAuthority { __typename id }
    agency { __typename id designations { nodes { __typename id } } } }
  findChild(by: {nhsNumber: $n}) { __typename id
    episodes { nodes { __typename id assessments { nodes { __typename id } } } }
    restrictedItems { nodes { __typename id readers { nodes { __typename id } } } }
    household { __typename id members { nodes { __typename id person { __typename id } } } }
    involvements { nodes { __typename id } } conflicts { nodes { __typename id } }
    currentPlan { __typename id versions { nodes { __typename id } } actions { nodes { __typename id } }
      coreGroup { __typename id members { nodes { __typename id } } lastMeeting { __typename id } } } }
  strategyMeeting(id: $meeting) { __typename id children { nodes { __typename id } } }
  conferences(filter: {from: \"2026-09-07T09:00:00Z\", until: \"2026-09-07T09:01:00Z\"}) { nodes { __typename id
    record { entries(first: 2) { nodes { __typename id } } finishedSteps(first: 1) { nodes { __typename id } }
      documents(first: 1) { nodes { __typename id copies(first: 1) { nodes { __typename id } } } } }
    children(first: 3) { nodes { __typename id } }
    invitations(first: 10) { nodes { __typename id } }
    reports(first: 10) { nodes { __typename id answers(first: 1) { nodes { __typename id } }
      chronology(first: 1) { nodes { __typename id } } familyCopies(first: 1) { nodes { __typename id } }
      attachments(first: 1) { nodes { __typename id } } } }
    reportRequests(first: 10) { nodes { __typename id } } } } }";

/// The first row of each kind in an answer.
fn collect(value: &Value, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            if let (Some(Value::String(kind)), Some(Value::String(id))) = (map.get("__typename"), map.get("id")) {
                out.entry(kind.clone()).or_insert_with(|| id.clone());
            }
            map.values().for_each(|v| collect(v, out));
        }
        Value::Array(list) => list.iter().for_each(|v| collect(v, out)),
        _ => {}
    }
}

/// An export that somebody asked for and another person approved.
async fn request_export(app: &App, child: &str) -> String {
    let input = json!({"idempotencyKey": key(87), "childIds": [child],
      "categories": ["IDENTITY", "PLAN"]});
    let query = "mutation($input: RequestExportInput!) { it: requestExport(input: $input) { export { id } } }";
    let data = app.data("social_worker", query, json!({"input": input})).await;
    let id = data["it"]["export"]["id"].clone();
    let input = json!({"idempotencyKey": key(86), "exportId": id, "expectedVersion": version(app, &id).await});
    let query = "mutation($input: ApproveExportInput!) { it: approveExport(input: $input) { userErrors { code } } }";
    let done = app.data("team_manager", query, json!({"input": input})).await;
    assert_eq!(done["it"]["userErrors"], json!([]));
    id.as_str().unwrap().to_owned()
}

/// An enquiry about a child: a strategy meeting with police and health has just decided so.
pub async fn enquire(app: &App, child: &str) -> String {
    let (police, health) =
        (app.agency("Warwickshire Police").await, app.agency("Warwickshire Community Health Trust").await);
    let input = json!({"idempotencyKey": key(82), "childIds": [child], "reason": "Found alone.",
      "scheduledAt": app.clock.now(), "invitees": [{"agencyId": police}, {"agencyId": health}]});
    let query = "mutation($input: CallStrategyMeetingInput!) { it: callStrategyMeeting(input: $input) {
      strategyMeeting { id version } userErrors { field code } } }";
    let done = app.data("social_worker", query, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]));
    let meeting = &done["strategyMeeting"];
    let input = json!({"idempotencyKey": key(81), "strategyMeetingId": meeting["id"],
      "expectedVersion": meeting["version"], "heldAt": app.clock.now(), "outcomeSummary": "Enquiries begin.",
      "decisions": [{"childId": child, "decision": "SECTION47_JOINT"}]});
    let query =
        "mutation($input: RecordStrategyMeetingOutcomeInput!) { it: recordStrategyMeetingOutcome(input: $input) {
      strategyMeeting { enquiries { nodes { id } } } userErrors { field code } } }";
    let done = app.data("social_worker", query, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]));
    done["strategyMeeting"]["enquiries"]["nodes"][0]["id"].as_str().unwrap().to_owned()
}

/// A delegation of the chair of the first review, for a day to come.
async fn delegate(app: &App) -> String {
    let input = json!({"idempotencyKey": key(84), "conferenceId": first_review(app).await, "reason": "On leave.",
      "practitionerId": other_chair(app).await, "startsAt": "2026-12-30T09:00:00Z", "endsAt": "2026-12-31T09:00:00Z"});
    let query = "mutation($input: DelegateChairInput!) { it: delegateChair(input: $input) {
      chairDelegation { id } userErrors { field code } } }";
    let done = app.data("chair", query, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]));
    done["chairDelegation"]["id"].as_str().unwrap().to_owned()
}

/// The social care of another authority.
pub async fn social_care_elsewhere(app: &App) -> Value {
    use entity::agency::{Column, Entity};
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
    let found = Entity::find().filter(Column::Name.eq("Birmingham Children's Social Care"));
    let row = found.one(&super::contents::connect(&app.url).await).await.unwrap().unwrap();
    quorate::graphql::id::global(row.id).to_string().into()
}

/// A social worker there.
pub async fn social_worker_elsewhere(app: &App) -> Value {
    use entity::appointment::{Column, Entity, Post};
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
    let agency = social_care_elsewhere(app).await;
    let (_, agency) = quorate::graphql::id::split(&agency.as_str().unwrap().into()).unwrap();
    let held = Entity::find().filter(Column::AgencyId.eq(entity::id::AgencyId(agency)));
    let held = held.filter(Column::Post.eq(Post::SocialWorker)).filter(Column::EndsAt.is_null());
    let row = held.one(&super::contents::connect(&app.url).await).await.unwrap().unwrap();
    quorate::graphql::id::global(row.practitioner_id).to_string().into()
}

/// A share of the first child with another authority.
async fn share(app: &App, child: &str) -> String {
    let input = json!({"idempotencyKey": key(83), "childId": child, "agencyId": social_care_elsewhere(app).await,
      "reason": "The family moves."});
    let query = "mutation($input: ShareTransferInput!) { it: shareTransfer(input: $input) {
      transferShare { id } userErrors { field code } } }";
    let done = app.data("team_manager", query, json!({"input": input})).await["it"].clone();
    assert_eq!(done["userErrors"], json!([]));
    done["transferShare"]["id"].as_str().unwrap().to_owned()
}

/// A conference chair of the personas' social care who is nobody's persona.
pub async fn other_chair(app: &App) -> Value {
    colleague_of(app, "chair", entity::appointment::Post::Chair).await
}

/// A social worker of the personas' social care who is nobody's persona.
pub async fn other_social_worker(app: &App) -> Value {
    colleague_of(app, "social_worker", entity::appointment::Post::SocialWorker).await
}

/// Somebody else who holds a post at a persona's agency.
async fn colleague_of(app: &App, persona: &str, post: entity::appointment::Post) -> Value {
    use entity::appointment::{Column, Entity};
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
    let claims = app.claims(persona);
    let row = Entity::find()
        .filter(Column::AgencyId.eq(entity::id::AgencyId(claims.agency_id)))
        .filter(Column::Post.eq(post))
        .filter(Column::EndsAt.is_null())
        .filter(Column::PractitionerId.ne(entity::id::PractitionerId(claims.sub)))
        .one(&super::contents::connect(&app.url).await)
        .await
        .unwrap()
        .expect("a colleague");
    quorate::graphql::id::global(row.practitioner_id).to_string().into()
}

/// The global id of a sample of each object, by the name of its type.
pub struct Samples(BTreeMap<String, String>);

impl Samples {
    /// Those of the first family, whose oldest child has this NHS number; `meeting` is about it, and the police have used
    /// emergency access.
    pub async fn new(app: &App, nhs_number: &str, meeting: &Value) -> Self {
        let about = json!({"n": nhs_number, "meeting": meeting["id"]});
        let mut samples = BTreeMap::new();
        collect(&app.data("social_worker", SAMPLES, about).await, &mut samples);
        // about this child, not about a brother
        let notices =
            app.data("social_worker", "{ notices { nodes { __typename id child { id } } } }", json!({})).await;
        let about = |n: &&Value| n["child"]["id"] == *samples["Child"];
        let notice = notices["notices"]["nodes"].as_array().unwrap().iter().find(about);
        let notice = notice.expect("a notice about the first child")["id"].as_str().unwrap();
        samples.insert("Notice".to_owned(), notice.to_owned());
        app.api.upkeep().await.unwrap();
        // of one agency, so that it does not matter which of the entries comes first
        let review = "{ accessReview { __typename id entries(kind: RELATIONSHIP, first: 100) { nodes {
          __typename id agency { name } } } } }";
        let review = app.data("service_manager", review, json!({})).await;
        collect(&json!({"__typename": "AccessReview", "id": review["accessReview"]["id"]}), &mut samples);
        let entries = review["accessReview"]["entries"]["nodes"].as_array().unwrap();
        let of_school = |e: &&Value| e["agency"]["name"] == "Warwickshire Oakfield Primary School";
        collect(entries.iter().find(of_school).expect("a school without activity"), &mut samples);
        let export = request_export(app, &samples["Child"]).await;
        samples.insert("Export".to_owned(), export);
        samples.insert("Enquiry".to_owned(), enquire(app, &samples["Child"]).await);
        samples.insert("ChairDelegation".to_owned(), delegate(app).await);
        samples.insert("TransferShare".to_owned(), share(app, &samples["Child"]).await);
        // something of the review to come that somebody has to say
        let due = "query($f: DeadlineFilterInput) { deadlines(filter: $f, first: 1) { nodes { __typename id } } }";
        let of = json!({"f": {"childId": samples["Child"], "kinds": ["REVIEW_REPORT_TO_FAMILY"], "dueFrom": app.clock.now()}});
        collect(&app.data("social_worker", due, of).await, &mut samples);
        let about = samples["Invitation"].clone();
        samples.extend(super::followed::follow_up(app, &about).await);
        samples.extend(super::hooked::hooked(app).await);
        let allegations = "{ allegations { nodes { __typename id } } }";
        collect(&app.data("lado", allegations, json!({})).await, &mut samples);
        let own = "{ emergencyAccesses { nodes { __typename id } } }";
        collect(&app.data("police", own, json!({})).await, &mut samples);
        Self(samples)
    }

    /// The sample of a kind.
    pub fn of(&self, kind: &str) -> &str {
        self.0.get(kind).unwrap_or_else(|| panic!("{kind} has no sample: add it to SAMPLES"))
    }

    /// Attendance of every agency of the core group.
    async fn core_group(&self, app: &App) -> Value {
        let query = "query($id: ID!) { node(id: $id) { ... on CoreGroup {
          members(first: 100) { nodes { agency { id } } } } } }";
        let group = app.data("social_worker", query, json!({"id": self.of("CoreGroup")})).await;
        let members = group["node"]["members"]["nodes"].as_array().unwrap();
        let agencies: BTreeSet<_> = members.iter().map(|member| member["agency"]["id"].as_str().unwrap()).collect();
        agencies.into_iter().map(|id| json!({"agencyId": id, "attendance": "REMOTE"})).collect()
    }

    /// A sample input of a mutation, without its key. What a person would say is `?`.
    #[expect(clippy::too_many_lines, reason = "a line or two for each mutation")]
    pub async fn input(&self, app: &App, mutation: &str) -> Value {
        let police = app.agency("Warwickshire Police").await;
        let child = self.of("Child");
        let mut input = match mutation {
            "callStrategyMeeting" => json!({"childIds": [child], "reason": "?", "scheduledAt": "2026-11-25T09:00:00Z",
              "invitees": [{"agencyId": police}]}),
            "recordStrategyMeetingOutcome" => json!({"strategyMeetingId": self.of("StrategyMeeting"),
              "heldAt": "2026-11-24T09:00:00Z", "outcomeSummary": "?",
              "decisions": [{"childId": child, "decision": "NO_FURTHER_ACTION"}]}),
            "scheduleConference" => json!({"childIds": [child], "kind": "REVIEW", "venue": "?",
              "scheduledAt": "2026-12-20T09:00:00Z", "chairId": self.of("Practitioner"),
              "invitees": [{"agencyId": police}]}),
            "replyToInvitation" => json!({"invitationId": self.upcoming(app, "invitations").await,
              "reply": "ATTENDING"}),
            "submitConferenceReport" => json!({"reportRequestId": self.upcoming(app, "reportRequests").await,
              "involvement": "?", "worries": "?", "strengths": "?"}),
            "submitConferenceReports" => json!({"reports": [{
              "reportRequestId": self.upcoming(app, "reportRequests").await,
              "involvement": "?", "worries": "?", "strengths": "?"}]}),
            "saveConferenceReportDraft" => json!({"reportRequestId": self.upcoming(app, "reportRequests").await,
              "involvement": "?", "answers": [{"item": "FUTURE_DANGER", "text": "?"}],
              "chronology": [{"occurredOn": "2026-11-20", "kind": "CONTACT", "text": "?", "source": "?"}]}),
            "submitConferenceReportDraft" | "signConferenceReport" => {
                json!({"conferenceReportId": self.of("ConferenceReport"),
              "expectedRevision": 1})
            }
            "amendConferenceReport" => json!({"conferenceReportId": self.of("ConferenceReport"), "reason": "?",
              "involvement": "?", "worries": "?", "strengths": "?"}),
            "recordFamilyCopy" => json!({"conferenceReportId": self.of("ConferenceReport"),
              "sharedAt": "2026-11-24T08:00:00Z"}),
            "withdrawConferenceReport" => json!({"conferenceReportId": self.of("ConferenceReport"), "reason": "?"}),
            "requestAttachmentTicket" => json!({"reportRequestId": self.upcoming(app, "reportRequests").await,
              "name": "?", "bytes": 9}),
            "uploadAttachment" => json!({"reportRequestId": self.upcoming(app, "reportRequests").await,
              "name": "?", "file": null}),
            "removeAttachment" => json!({"attachmentId": self.of("Attachment")}),
            "recordConferenceAttendance" => json!({"conferenceId": self.upcoming(app, "").await,
              "entries": [{"agencyId": police, "attendance": "REMOTE"}]}),
            "recordConferenceOutcome" => json!({"conferenceId": self.upcoming(app, "").await,
              "outcomes": [{"childId": child, "outcome": "CP_PLAN_ENDS"}]}),
            "delegateChair" => json!({"conferenceId": self.upcoming(app, "").await, "reason": "?",
              "practitionerId": other_chair(app).await, "endsAt": "2026-12-10T09:00:00Z"}),
            "shareTransfer" => json!({"childId": child, "agencyId": social_care_elsewhere(app).await, "reason": "?"}),
            "withdrawTransfer" => json!({"transferShareId": self.of("TransferShare"), "expectedVersion": 1}),
            "acceptTransfer" => json!({"transferShareId": self.of("TransferShare"), "expectedVersion": 1,
              "workerId": self.of("Practitioner"), "conferenceAt": "2026-12-01T09:00:00Z"}),
            "meetDeadline" => json!({"deadlineId": self.of("Deadline"), "expectedVersion": 1}),
            "waiveDeadline" => json!({"deadlineId": self.of("Deadline"), "expectedVersion": 1, "reason": "?"}),
            "recordEntries" => json!({"recordId": self.of("StrategyMeeting"),
              "entries": [{"item": "RISK_DISCUSSION", "text": "?"}]}),
            "finishStep" => json!({"recordId": self.upcoming(app, "").await, "step": "PREPARATION"}),
            "issueDocument" => json!({"recordId": self.of("Conference"), "document": "MINUTES"}),
            "acknowledgeDocument" => json!({"documentCopyId": self.of("DocumentCopy")}),
            "extendStrategyMeeting" => json!({"strategyMeetingId": self.of("StrategyMeeting"), "policeOfficer": "?",
              "consultedAt": "2026-11-24T09:00:00Z", "reason": "?"}),
            "adjournConference" => json!({"conferenceId": self.upcoming(app, "").await, "reason": "?",
              "scheduledAt": "2027-01-12T10:00:00Z"}),
            "moveConference" => json!({"conferenceId": self.upcoming(app, "").await, "reason": "?",
              "scheduledAt": "2026-12-02T10:00:00Z"}),
            "cancelConference" => json!({"conferenceId": self.upcoming(app, "").await, "reason": "?"}),
            "cancelStrategyMeeting" => json!({"strategyMeetingId": self.of("StrategyMeeting"), "reason": "?"}),
            "openCinPlan" => json!({"childId": child, "metAt": "2026-11-24T09:00:00Z", "visitEveryDays": 14}),
            "recordActionProgress" => json!({"planActionId": self.of("PlanAction"), "expectedVersion": 1,
              "status": "IN_PROGRESS"}),
            "leadEnquiry" => json!({"enquiryId": self.of("Enquiry"), "expectedVersion": 1,
              "leadId": other_social_worker(app).await}),
            "leadCoreGroup" => json!({"coreGroupId": self.of("CoreGroup"), "expectedVersion": 1,
              "leadId": other_social_worker(app).await}),
            "endCinPlan" => json!({"planId": self.of("Plan"), "expectedVersion": 1, "endsOn": "2026-11-24"}),
            "recordReferral" => json!({"childId": child, "referredOn": "2026-11-24", "source": "SCHOOL",
              "need": "ABUSE_OR_NEGLECT", "noFurtherAction": true}),
            "startAssessment" => json!({"episodeId": self.of("Episode"), "startedOn": "2026-11-24"}),
            "completeAssessment" => json!({"assessmentId": self.of("Assessment"), "expectedVersion": 2,
              "completedOn": "2026-11-24"}),
            "closeEpisode" => json!({"episodeId": self.of("Episode"), "expectedVersion": 1,
              "closedOn": "2026-11-24", "reason": "OTHER"}),
            "recordDeath" => json!({"childId": child, "diedOn": "2026-11-24"}),
            "endChairDelegation" => json!({"chairDelegationId": self.of("ChairDelegation")}),
            "recordCoreGroupMeeting" => json!({"coreGroupId": self.of("CoreGroup"),
              "heldAt": "2026-11-24T09:00:00Z", "progress": "?",
              "attendance": self.core_group(app).await}),
            "grantInvolvement" => json!({"childId": child, "reason": "?",
              "agencyId": app.agency("Warwickshire Transport Police").await}),
            "markLocating" => json!({"involvementId": self.of("Involvement"), "locates": true}),
            "endInvolvement" => json!({"involvementId": self.of("Involvement")}),
            "recordConflict" => json!({"childId": child, "kind": "PERSONAL", "reason": "?"}),
            "setAgencyReference" => json!({"childId": child, "reference": "?"}),
            "endConflict" => json!({"conflictId": self.of("Conflict")}),
            "recordRestrictedItem" => json!({"childId": child, "kind": "RESTRICTED", "text": "?"}),
            "listReader" => json!({"on": {"restrictedItem": {"id": self.of("RestrictedItem"), "expectedVersion": 1}},
              "agencyId": app.agency("Warwickshire Community Health Trust").await}),
            "unlistReader" => json!({"readerListingId": self.of("ReaderListing")}),
            "grantDesignation" => json!({"practitionerId": self.of("Practitioner"), "kind": "CALDICOTT_GUARDIAN"}),
            "endDesignation" => json!({"designationId": self.of("Designation")}),
            "openEmergencyAccess" => json!({"by": {"nhsNumber": {"nhsNumber": quorate::demo::first_nhs_number(),
              "bornOn": "2014-06-24"}}, "reason": "IMMEDIATE_DANGER", "explanation": "?"}),
            "reviewEmergencyAccess" => json!({"emergencyAccessId": self.of("EmergencyAccess"),
              "outcome": "JUSTIFIED", "note": "?"}),
            "referAllegation" => {
                let (person, agency) = subject(app).await;
                json!({"practitionerId": person, "agencyId": agency, "text": "?", "knownAt": "2026-11-24T08:00:00Z"})
            }
            "leadAllegation" => {
                let lead = app.data("service_manager", "{ viewer { practitioner { id } } }", json!({})).await;
                json!({"allegationId": self.of("Allegation"), "expectedVersion": 3,
                  "leadId": lead["viewer"]["practitioner"]["id"]})
            }
            "closeAllegation" => json!({"allegationId": self.of("Allegation"), "expectedVersion": 3,
              "outcome": "UNFOUNDED"}),
            "writeNonAttendanceLetter" => json!({"invitationId": self.of("Invitation"), "note": "?"}),
            "rewriteNonAttendanceLetter" => {
                json!({"letterId": self.of("NonAttendanceLetter"), "expectedVersion": 2, "note": "?"})
            }
            "sendNonAttendanceLetter" => {
                json!({"letterId": self.of("NonAttendanceLetter"), "expectedVersion": 2})
            }
            "replyToNonAttendanceLetter" => json!({"letterId": self.of("NonAttendanceLetter"), "expectedVersion": 2,
              "reason": "ILLNESS", "text": "?"}),
            "raiseEscalation" => {
                json!({"agencyId": police, "from": "2026-09-01", "until": "2026-12-01", "reason": "?"})
            }
            "contestEscalationEntry" => json!({"entryId": self.of("EscalationEntry"), "because": "?"}),
            "answerEscalation" => json!({"escalationId": self.of("Escalation"), "expectedVersion": 1, "answer": "?"}),
            "agreeEscalationMeeting" => json!({"escalationId": self.of("Escalation"), "expectedVersion": 1,
              "meetingAt": "2026-12-20T09:00:00Z"}),
            "closeEscalation" => json!({"escalationId": self.of("Escalation"), "expectedVersion": 1,
              "outcome": "EXPLAINED", "text": "?"}),
            "requestExport" => json!({"childIds": [child], "categories": ["IDENTITY"]}),
            "approveExport" | "refuseExport" => json!({"exportId": self.of("Export")}),
            "answerAccessReview" => json!({"entryId": self.of("AccessReviewEntry"), "answer": "KEEP"}),
            "registerWebhook" => json!({"url": "https://hooks.invalid/"}),
            "changeWebhook" => {
                json!({"webhookId": self.of("Webhook"), "expectedVersion": 1, "url": "https://hooks.invalid/"})
            }
            "rotateWebhookSecret" | "takeOverWebhook" | "removeWebhook" => {
                json!({"webhookId": self.of("Webhook"), "expectedVersion": 1})
            }
            "replayWebhook" => json!({"webhookId": self.of("Webhook"), "expectedVersion": 1,
              "after": app.feed_cursor(1).await}),
            "replayWebhookDelivery" => json!({"deliveryId": self.of("WebhookDelivery")}),
            "releaseConferenceReport" => json!({"conferenceReportId": self.of("ConferenceReport")}),
            other => panic!("mutation {other} has no sample input: add it here"),
        };
        let versioned = ["strategyMeetingId", "conferenceId", "invitationId", "coreGroupId", "exportId"];
        // what changes no version asks for none
        if ["delegateChair", "writeNonAttendanceLetter"].contains(&mutation) {
            return input;
        }
        if let Some(id) = versioned.iter().find_map(|field| input.get(*field)).cloned() {
            input["expectedVersion"] = version(app, &id).await;
        }
        input
    }

    /// The review of the first family that is still to come, or what the police are asked for it.
    async fn upcoming(&self, app: &App, list: &str) -> Value {
        let query = "query($c: ID!) { conferences(filter: {status: SCHEDULED}, first: 100) { nodes { id
          children(first: 10) { nodes { child { id } } }
          invitations(first: 20) { nodes { id agency { name } } }
          reportRequests(first: 60) { nodes { id agency { name } } } } } node(id: $c) { id } }";
        let data = app.data("social_worker", query, json!({"c": self.of("Child")})).await;
        let conferences = data["conferences"]["nodes"].as_array().unwrap();
        let of_child = |c: &&Value| {
            c["children"]["nodes"].as_array().unwrap().iter().any(|n| n["child"]["id"] == self.of("Child"))
        };
        let conference = conferences.iter().find(of_child).expect("the first family has a conference to come");
        if list.is_empty() {
            return conference["id"].clone();
        }
        let rows = conference[list]["nodes"].as_array().unwrap();
        rows.iter().find(|r| r["agency"]["name"] == "Warwickshire Police").unwrap()["id"].clone()
    }
}

/// Whom the allegation of the demo is about, and where that person works.
pub async fn subject(app: &App) -> (Value, Value) {
    let query = "{ allegations { nodes { subject { id } subjectAgency { id } } } }";
    let found = app.data("lado", query, json!({})).await["allegations"]["nodes"][0].clone();
    (found["subject"]["id"].clone(), found["subjectAgency"]["id"].clone())
}

/// The version of an object as it stands.
pub async fn version(app: &App, id: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on StrategyMeeting { version } ... on Conference { version }
      ... on Invitation { own: version } ... on CoreGroup { version }
      ... on Export { version } } }";
    let node = app.data("social_worker", query, json!({"id": id})).await["node"].clone();
    node.as_object().and_then(|fields| fields.values().next()).cloned().unwrap_or_default()
}
