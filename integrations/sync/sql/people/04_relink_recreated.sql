-- People made anew at the provider keep their target under the new id.
UPDATE integrations_targetlink
SET integration_id = change.integration_id
FROM integrations_change AS change
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND change.action = 'UPDATE'
    AND change.reason = 'RECREATED'
    AND integrations_targetlink.connection_id = %(connection)s
    AND integrations_targetlink.target_id = change.target_id
