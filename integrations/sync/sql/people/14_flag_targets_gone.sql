-- The flag is all that a group made by hand gets to see.
UPDATE targets_target
SET left_source_at = %(now)s
FROM integrations_change AS change
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND change.action = 'DEACTIVATE'
    AND change.reason IN ('GONE', 'INACTIVE_REMOTE')
    AND targets_target.account_id = %(account)s
    AND targets_target.id = change.target_id
