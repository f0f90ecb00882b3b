UPDATE integrations_targetlink
SET gone_at = %(now)s
FROM integrations_change AS change
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND change.action = 'DEACTIVATE'
    AND change.reason IN ('GONE', 'INACTIVE_REMOTE')
    AND integrations_targetlink.connection_id = %(connection)s
    AND integrations_targetlink.target_id = change.target_id
