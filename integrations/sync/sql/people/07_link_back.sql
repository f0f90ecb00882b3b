-- Whoever came back is no longer marked as gone.
UPDATE integrations_targetlink
SET gone_at = NULL
FROM integrations_change AS change
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND (change.action = 'REACTIVATE' OR change.reason = 'RECREATED')
    AND integrations_targetlink.connection_id = %(connection)s
    AND integrations_targetlink.target_id = change.target_id
    AND integrations_targetlink.gone_at IS NOT NULL
