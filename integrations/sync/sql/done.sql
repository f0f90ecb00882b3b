-- What was planned is done: each row is written once. Those about new people point to their targets.
UPDATE integrations_change
SET outcome = 'APPLIED', target_id = link.target_id
FROM integrations_targetlink AS link
WHERE integrations_change.run_id = %(run)s
    AND integrations_change.outcome = 'PLANNED'
    AND integrations_change.kind = 'PERSON'
    AND integrations_change.action = 'CREATE'
    AND link.connection_id = %(connection)s
    AND link.integration_id = integrations_change.integration_id;

UPDATE integrations_change
SET outcome = 'APPLIED'
WHERE run_id = %(run)s AND outcome = 'PLANNED'
