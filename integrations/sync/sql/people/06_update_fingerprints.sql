UPDATE integrations_targetlink
SET fingerprint = staged.fingerprint
FROM integrations_change AS change
JOIN integrations_stagedperson AS staged
    ON staged.run_id = %(staging)s AND staged.integration_id = change.integration_id
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND change.action = 'UPDATE'
    AND integrations_targetlink.connection_id = %(connection)s
    AND integrations_targetlink.integration_id = change.integration_id
