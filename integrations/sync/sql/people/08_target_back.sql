UPDATE targets_target
SET left_source_at = NULL
FROM integrations_change AS change
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND (change.action = 'REACTIVATE' OR change.reason = 'RECREATED')
    AND targets_target.account_id = %(account)s
    AND targets_target.id = change.target_id
    AND targets_target.left_source_at IS NOT NULL
