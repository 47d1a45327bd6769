SELECT :slices AS slice, g.kind, count(1), count(CASE WHEN i.notice_working_days >= 5 THEN 1 END),
  count(CASE WHEN i.attendance IN ('IN_PERSON', 'REMOTE', 'DEPUTY') THEN 1 END), count(CASE WHEN i.attendance = 'APOLOGIES' THEN 1 END),
  count(CASE WHEN i.attendance = 'NO_WORD' THEN 1 END), count(CASE WHEN i.attendance IS NULL THEN 1 END),
  count(CASE WHEN i.notice_working_days >= 5 AND i.attendance IN ('IN_PERSON', 'REMOTE', 'DEPUTY') THEN 1 END),
  count(CASE WHEN i.notice_working_days >= 5 AND i.attendance IN ('APOLOGIES', 'NO_WORD') THEN 1 END),
  count(CASE WHEN i.report_due_at IS NOT NULL AND i.report_received_at <= i.report_due_at THEN 1 END),
  count(CASE WHEN i.report_due_at IS NOT NULL AND i.report_received_at > i.report_due_at THEN 1 END),
  count(CASE WHEN i.report_due_at IS NOT NULL AND i.report_received_at IS NULL AND i.report_due_at < now() THEN 1 END)
FROM invitation i JOIN agency g ON g.id = i.agency_id
WHERE i.local_authority_id = (SELECT id FROM local_authority WHERE name = 'Warwickshire')
  AND (i.strategy_meeting_id IS NULL OR i.strategy_meeting_id NOT IN (SELECT id FROM strategy_meeting WHERE allegation_id IS NOT NULL))
  AND i.scheduled_at >= :from AND i.scheduled_at < now()
GROUP BY 1, g.kind;
