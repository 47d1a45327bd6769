-- What documents/w4.graphql writes, in one statement: key, report, its request and invitation, the event at the next
-- position of the feed, and a row of the access record at its head (its hash is not computed).
\set n random(1, :requests)
WITH asked AS (
  SELECT r.* FROM bench_request b JOIN report_request r ON r.id = b.id WHERE b.n = :n
), kept AS (
  INSERT INTO idempotency (agency_id, key, action, fingerprint, result_id, created_at)
  SELECT :agency::uuid, gen_random_uuid(), 'submitConferenceReport', repeat('f', 64), gen_random_uuid(), now()
), report AS (
  INSERT INTO conference_report (id, report_request_id, conference_id, child_id, agency_id, author_id, version, state,
    involvement, worries, strengths, child_voice, safety_score, recommendation, shared_with_family_on, submitted_at, receipt)
  SELECT gen_random_uuid(), a.id, a.conference_id, a.child_id, a.agency_id, :person::uuid, (random() * 2000000000)::int,
    'SUBMITTED', 'Known to the team since the spring.', 'Weight not followed up twice.',
    'The mother asked for help herself.', 'Likes the new nursery.', 4, 'CP_PLAN', current_date, now(), repeat('f', 64)
  FROM asked a RETURNING id
), received AS (
  UPDATE report_request r SET received_at = now() FROM asked a WHERE r.id = a.id
), reported AS (
  UPDATE invitation i SET report_received_at = now() FROM asked a WHERE i.id = a.invitation_id
    AND NOT EXISTS (SELECT 1 FROM report_request r WHERE r.invitation_id = i.id AND r.id <> a.id AND r.received_at IS NULL)
), moved AS (
  UPDATE feed SET position = position + 1
  WHERE local_authority_id = (SELECT g.local_authority_id FROM agency g WHERE g.id = :agency::uuid)
  RETURNING local_authority_id, position
), told AS (
  INSERT INTO event (local_authority_id, position, id, kind, conference_report_id, occurred_at)
  SELECT m.local_authority_id, m.position, gen_random_uuid(), 'CONFERENCE_REPORT_SUBMITTED', r.id, now()
  FROM moved m, report r
), head AS (
  UPDATE audit_head SET sequence = sequence + 1 WHERE id = 1 RETURNING sequence, hash
), recorded AS (
  INSERT INTO audit (sequence, at, practitioner_id, agency_id, request_id, role, kind, operation, document, resource,
    categories, decision, rule, touched, subjects, hash)
  SELECT h.sequence, now(), :person::uuid, :agency::uuid, gen_random_uuid(), 'AgencySystem', 'mutation', 'Submit',
    repeat('d', 64), 'ConferenceReport', '', 'ALLOWED', 'submitConferenceReport', 1,
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), h.hash FROM head h RETURNING sequence
)
INSERT INTO audit_subject (subject, sequence)
SELECT gen_random_uuid(), r.sequence FROM recorded r, generate_series(1, 2);
