-- The answer of documents/w1.graphql for somebody of an agency that sees what the agency is involved with.
\set n random(1, :children)
WITH mine AS NOT MATERIALIZED (
  SELECT i.child_id FROM involvement i
  WHERE i.agency_id = :agency::uuid AND i.starts_at <= now() AND (i.ends_at IS NULL OR i.ends_at > now())
    AND NOT EXISTS (SELECT 1 FROM conflict x WHERE x.practitioner_id = :person::uuid AND x.child_id = i.child_id
      AND x.starts_at <= now() AND (x.ends_at IS NULL OR x.ends_at > now()))
)
SELECT json_build_object(
  'id', c.id, 'localReference', c.local_reference, 'givenName', c.given_name, 'familyName', c.family_name,
  'bornOn', c.born_on, 'sex', c.sex,
  'household', (
    SELECT json_build_object('id', h.id, 'addressStatus', h.address_status, 'members', (
      SELECT json_agg(json_build_object(
        'relationship', m.relationship, 'parentalResponsibility', m.parental_responsibility, 'startsOn', m.starts_on,
        'child', (SELECT json_build_object('id', k.id, 'givenName', k.given_name, 'familyName', k.family_name,
            'bornOn', k.born_on) FROM child k WHERE k.id = m.child_id),
        'person', (SELECT json_build_object('id', p.id, 'givenName', p.given_name, 'familyName', p.family_name,
            'bornOn', p.born_on) FROM person p WHERE p.id = m.person_id)))
      FROM (SELECT * FROM membership m WHERE m.household_id = h.id
          AND (m.child_id IS NULL OR EXISTS (SELECT 1 FROM mine WHERE mine.child_id = m.child_id))
          ORDER BY m.id LIMIT 20) m))
    FROM membership x JOIN household h ON h.id = x.household_id
    WHERE x.child_id = c.id AND x.starts_on <= current_date AND (x.ends_on IS NULL OR x.ends_on > current_date)
    ORDER BY x.starts_on DESC LIMIT 1),
  'currentPlan', (
    SELECT json_build_object('id', p.id, 'kind', p.kind, 'startsOn', p.starts_on, 'latestCategory', p.category_latest,
      'dangerStatement', p.danger_statement, 'safetyStatement', p.safety_statement, 'actions', (
        SELECT json_agg(json_build_object('id', a.id, 'description', a.description, 'dueOn', a.due_on,
          'status', a.status, 'ownerAgency', (
            SELECT json_build_object('id', g.id, 'name', g.name) FROM agency g WHERE g.id = a.owner_agency_id
              AND (g.id = :agency::uuid OR NOT EXISTS (SELECT 1 FROM involvement l WHERE l.locates
                AND l.child_id = c.id AND l.agency_id = g.id AND (l.ends_at IS NULL OR l.ends_at > now()))))))
        FROM (SELECT * FROM plan_action a WHERE a.plan_id = p.id ORDER BY a.due_on, a.id LIMIT 20) a))
    FROM plan p
    WHERE p.child_id = c.id AND p.starts_on <= current_date AND (p.ends_on IS NULL OR p.ends_on > current_date)
    ORDER BY p.starts_on DESC LIMIT 1),
  'conferences', (
    SELECT json_agg(json_build_object('outcome', cc.outcome, 'abuseCategory', cc.abuse_category, 'conference', (
      SELECT json_build_object('id', f.id, 'kind', f.kind, 'status', f.status, 'scheduledAt', f.scheduled_at,
        'quorate', f.quorate, 'invitations', (
          SELECT json_agg(json_build_object('attendance', v.attendance,
            'reply', CASE WHEN v.agency_id = :agency::uuid THEN v.reply END,
            'agency', json_build_object('id', g.id, 'name', g.name, 'kind', g.kind)))
          FROM (SELECT * FROM invitation v WHERE v.conference_id = f.id
              AND (v.agency_id = :agency::uuid OR NOT EXISTS (SELECT 1 FROM involvement l WHERE l.locates
                AND l.agency_id = v.agency_id AND (l.ends_at IS NULL OR l.ends_at > now())
                AND l.child_id IN (SELECT q.child_id FROM conference_child q WHERE q.conference_id = f.id)))
              ORDER BY v.id LIMIT 20) v
          JOIN agency g ON g.id = v.agency_id))
      FROM conference f WHERE f.id = cc.conference_id)))
    FROM (SELECT * FROM conference_child cc WHERE cc.child_id = c.id ORDER BY cc.id DESC LIMIT 3) cc))
FROM child c
WHERE c.id = (SELECT b.id FROM bench_child b WHERE b.n = :n) AND EXISTS (SELECT 1 FROM mine WHERE mine.child_id = c.id);
