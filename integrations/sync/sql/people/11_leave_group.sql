-- Inactive in one group only.
UPDATE targets_groupmembership
SET is_active = false, set_by = 'SYNC', changed_at = %(now)s
FROM integrations_change AS change
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'MEMBERSHIP'
    AND change.action = 'DEACTIVATE'
    AND targets_groupmembership.account_id = %(account)s
    AND targets_groupmembership.group_id = change.group_id
    AND targets_groupmembership.target_id = change.target_id
    AND targets_groupmembership.is_active
