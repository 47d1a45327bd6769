-- The answer of documents/w3.graphql, by the covering index.
SELECT json_agg(t) FROM (
  SELECT date_trunc('month', v.scheduled_at AT TIME ZONE 'Europe/London') AS month, g.kind,
    count(*) AS invitations,
    count(*) FILTER (WHERE v.attendance IN ('IN_PERSON', 'REMOTE', 'DEPUTY')) AS attended,
    count(*) FILTER (WHERE v.attendance = 'APOLOGIES') AS apologies,
    count(*) FILTER (WHERE v.attendance = 'NO_WORD') AS no_word,
    count(*) FILTER (WHERE v.attendance IS NULL) AS unrecorded,
    count(*) FILTER (WHERE v.report_received_at <= v.report_due_at) AS on_time,
    count(*) FILTER (WHERE v.report_received_at > v.report_due_at) AS late,
    count(*) FILTER (WHERE v.report_received_at IS NULL AND v.report_due_at < now()) AS missing
  FROM invitation v JOIN agency g ON g.id = v.agency_id
  WHERE v.local_authority_id = (SELECT local_authority_id FROM agency WHERE id = :agency::uuid)
    AND v.scheduled_at >= :start::date AND v.scheduled_at < least(:stop::date, now())
  GROUP BY 1, 2 ORDER BY 1, 2) t;
