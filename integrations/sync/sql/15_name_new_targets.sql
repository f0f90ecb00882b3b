-- The log's rows about new people point to their targets.
UPDATE integrations_change
SET target_id = link.target_id
FROM integrations_targetlink AS link
WHERE integrations_change.run_id = %(run)s
    AND integrations_change.outcome = 'PLANNED'
    AND integrations_change.kind = 'PERSON'
    AND integrations_change.action = 'CREATE'
    AND link.connection_id = %(connection)s
    AND link.integration_id = integrations_change.integration_id
