-- The answer of documents/w2.graphql for somebody of an agency that sees what the agency is involved with.
WITH mine AS NOT MATERIALIZED (
  SELECT i.child_id FROM involvement i
  WHERE i.agency_id = :agency::uuid AND i.starts_at <= now() AND (i.ends_at IS NULL OR i.ends_at > now())
    AND NOT EXISTS (SELECT 1 FROM conflict x WHERE x.practitioner_id = :person::uuid AND x.child_id = i.child_id
      AND x.starts_at <= now() AND (x.ends_at IS NULL OR x.ends_at > now()))
)
SELECT json_agg(json_build_object('id', f.id, 'kind', f.kind, 'scheduledAt', f.scheduled_at, 'venue', f.venue,
  'children', (
    SELECT json_agg(json_build_object('id', k.id, 'givenName', k.given_name, 'familyName', k.family_name,
      'bornOn', k.born_on, 'currentPlan', (
        SELECT json_build_object('kind', p.kind, 'startsOn', p.starts_on, 'latestCategory', p.category_latest)
        FROM plan p WHERE p.child_id = k.id AND p.starts_on <= current_date
          AND (p.ends_on IS NULL OR p.ends_on > current_date) ORDER BY p.starts_on DESC LIMIT 1)))
    FROM (SELECT * FROM conference_child cc WHERE cc.conference_id = f.id
        AND EXISTS (SELECT 1 FROM mine WHERE mine.child_id = cc.child_id) ORDER BY cc.id LIMIT 10) cc
    JOIN child k ON k.id = cc.child_id),
  'reportRequests', (
    SELECT json_agg(json_build_object('id', r.id, 'dueAt', r.due_at, 'receivedAt', r.received_at))
    FROM (SELECT * FROM report_request r WHERE r.conference_id = f.id AND r.agency_id = :agency::uuid
        AND EXISTS (SELECT 1 FROM mine WHERE mine.child_id = r.child_id) ORDER BY r.due_at, r.id LIMIT 10) r)))
FROM (
  SELECT * FROM conference f
  WHERE f.status = 'SCHEDULED' AND f.scheduled_at >= :start::timestamptz
    -- the offset keeps the planner from beginning with all the children of the agency
    AND EXISTS (SELECT 1 FROM conference_child cc WHERE cc.conference_id = f.id
      AND EXISTS (SELECT 1 FROM mine WHERE mine.child_id = cc.child_id) LIMIT 1 OFFSET 0)
  ORDER BY f.scheduled_at, f.id LIMIT 51) f;
